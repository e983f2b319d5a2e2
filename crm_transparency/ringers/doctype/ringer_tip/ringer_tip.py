from crm_transparency.ringers.sealed_document import SealedDocument


class RingerTip(SealedDocument):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		attempts: DF.Int
		content: DF.LongText | None
		state: DF.Literal["Arriving", "Waiting", "Refused", "Failed"]

	# end: auto-generated types

	sealed_fields = ("content",)
