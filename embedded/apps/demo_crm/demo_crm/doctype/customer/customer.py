import frappe
from frappe.contacts.address_and_contact import load_address_and_contact
from frappe.model.document import Document


class Customer(Document):
	def onload(self):
		load_address_and_contact(self)

	def autoname(self):
		"""Name by customer name, ERPNext's default; a second customer of that name gets " - 1" and so on."""
		self.name = self.customer_name
		number = 0
		while frappe.db.exists("Customer", self.name):
			number += 1
			self.name = f"{self.customer_name} - {number}"

	def after_insert(self):
		if self.lead_name:
			frappe.db.set_value("Lead", self.lead_name, "status", "Converted")
