import frappe
from frappe import _
from frappe.contacts.address_and_contact import load_address_and_contact
from frappe.model.document import Document


class Lead(Document):
	def onload(self):
		load_address_and_contact(self)

	def validate(self):
		self.set_lead_name()
		self.title = self.company_name or self.lead_name

	def set_lead_name(self):
		self.lead_name = " ".join(filter(None, [self.first_name, self.middle_name, self.last_name]))
		self.lead_name = self.lead_name or self.company_name or (self.email_id or "").split("@")[0]
		if not self.lead_name:
			frappe.throw(_("A lead needs a person's name or an organization's name."))
