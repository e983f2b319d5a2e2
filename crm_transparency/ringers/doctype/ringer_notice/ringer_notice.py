from crm_transparency.ringers.sealed_document import SealedDocument, new_name


class RingerNotice(SealedDocument):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		happened_on: DF.Data | None
		record: DF.Data | None
		ringer: DF.Data | None
		seen: DF.Check
		what: DF.Text | None
		who: DF.Data | None

	# end: auto-generated types

	sealed_fields = ("ringer", "happened_on", "who", "record", "what")

	def autoname(self):
		self.name = new_name()
