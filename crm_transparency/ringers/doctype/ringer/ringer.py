import frappe
from frappe.utils import nowdate

from crm_transparency.ringers import fingerprints, secrecy
from crm_transparency.ringers.secrecy import EncryptedDocument, decrypted, random_name


class Ringer(EncryptedDocument):
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
		snapshot: DF.LongText | None
		status: DF.Literal["Planned", "Planted", "Retired", "Lost"]
		story: DF.Text | None
		watched_by: DF.Data | None

	# end: auto-generated types

	encrypted_fields = (
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
		"snapshot",
		"story",
	)

	def autoname(self):
		self.name = random_name()

	def validate(self):
		if self.is_new() and self.contact and secrecy.may_know():
			self.know_from(self.contact)
		if self.status == "Planted" and not self.planted_on:
			self.planted_on = nowdate()

	def know_from(self, contact: str):
		"""Take what is missing from the contact: a real person who watches is a ringer too."""
		known = frappe.db.get_value(
			"Contact", contact, ["full_name", "email_id", "mobile_no", "phone"], as_dict=True
		)
		if known:
			self.full_name = self.full_name or known.full_name
			self.email = self.email or known.email_id
			self.phone = self.phone or known.mobile_no or known.phone

	def _set_fingerprints(self):
		self.email_fingerprint = fingerprints.of_email(decrypted(self, "email"))
		self.phone_fingerprint = fingerprints.of_phone(decrypted(self, "phone"))
		self.contact_fingerprint = fingerprints.of_record("Contact", decrypted(self, "contact"))
		self.party_fingerprint = fingerprints.of_record(
			decrypted(self, "party_type"), decrypted(self, "party")
		)
		self.address_fingerprint = fingerprints.of_record("Address", decrypted(self, "address"))
