from crm_transparency.ringers.secrecy import EncryptedDocument


class RingerInboundMessage(EncryptedDocument):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		attempts: DF.Int
		content: DF.LongText | None
		state: DF.Literal["Waiting", "Failed"]

	# end: auto-generated types

	encrypted_fields = ("content",)
