from crm_transparency.ringers import fingerprints
from crm_transparency.ringers.sealed_document import SealedDocument, new_name


class Ringer(SealedDocument):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		address: DF.Data | None
		address_fingerprint: DF.Data | None
		contact: DF.Data | None
		contact_fingerprint: DF.Data | None
		email: DF.Data | None
		email_fingerprint: DF.Data | None
		former_records: DF.LongText | None
		full_name: DF.Data | None
		in_newsletters: DF.Check
		party: DF.Data | None
		party_fingerprint: DF.Data | None
		party_type: DF.Data | None
		phone: DF.Data | None
		phone_fingerprint: DF.Data | None
		placement: DF.LongText | None
		planted_as: DF.Literal["Contact", "Customer", "Lead", "Export Row"]
		planted_on: DF.Data | None
		status: DF.Literal["Planned", "Planted", "Retired", "Lost"]
		story: DF.Text | None
		watched_by: DF.Data | None

	# end: auto-generated types

	sealed_fields = (
		"planted_on",
		"watched_by",
		"full_name",
		"email",
		"phone",
		"contact",
		"party_type",
		"party",
		"address",
		"placement",
		"former_records",
		"story",
	)

	def autoname(self):
		self.name = new_name()

	def before_writing(self):
		self.email_fingerprint = fingerprints.of_email(self.in_clear("email"))
		self.phone_fingerprint = fingerprints.of_phone(self.in_clear("phone"))
		self.contact_fingerprint = fingerprints.of_record("Contact", self.in_clear("contact"))
		self.party_fingerprint = fingerprints.of_record(self.in_clear("party_type"), self.in_clear("party"))
		self.address_fingerprint = fingerprints.of_record("Address", self.in_clear("address"))
