from crm_transparency.ringers.secrecy import EncryptedDocument


class RingerWatchLink(EncryptedDocument):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		fingerprint: DF.Data | None
		last_used_on: DF.Datetime | None
		made_by: DF.Data | None
		made_on: DF.Datetime | None
		ringer: DF.Data
		status: DF.Literal["Active", "Revoked"]

	# end: auto-generated types
