from crm_transparency.ringers.secrecy import EncryptedDocument


class WatchedLeaver(EncryptedDocument):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		offboarding: DF.Data
		person: DF.SmallText | None
		until: DF.Date

	# end: auto-generated types

	encrypted_fields = ("person",)
