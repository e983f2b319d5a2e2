from crm_transparency.ringers.fiction import addresses
from crm_transparency.ringers.sealed_document import SealedDocument, in_clear


class RingerSettings(SealedDocument):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		address_patterns: DF.SmallText | None
		mail_news: DF.Literal["When something happened", "Always", "Never"]
		phone_numbers: DF.SmallText | None

	# end: auto-generated types

	sealed_fields = ("address_patterns", "phone_numbers")

	def validate(self):
		for pattern in addresses.lines(in_clear(self, "address_patterns")):
			addresses.refuse_useless(pattern)
