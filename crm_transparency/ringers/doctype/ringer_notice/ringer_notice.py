from crm_transparency.ringers.secrecy import EncryptedDocument, random_name


class RingerNotice(EncryptedDocument):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		announced: DF.Check
		happened_on: DF.Data | None
		record: DF.Data | None
		ringer: DF.Data | None
		seen: DF.Check
		what: DF.Text | None
		who: DF.Data | None

	# end: auto-generated types

	encrypted_fields = ("ringer", "happened_on", "who", "record", "what")

	def autoname(self):
		self.name = random_name()
