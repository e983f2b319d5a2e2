import frappe
from frappe import _
from frappe.contacts.address_and_contact import load_address_and_contact
from frappe.model.document import Document
from frappe.utils import flt


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

	def validate(self):
		if not self.is_internal_customer:
			self.represents_company = None
		self.refuse_incomplete_sales_team()

	def refuse_incomplete_sales_team(self):
		if self.sales_team and sum(flt(row.allocated_percentage) for row in self.sales_team) != 100:
			frappe.throw(_("The sales team's contributions have to add up to 100 percent."))

	def after_insert(self):
		if self.lead_name:
			frappe.db.set_value("Lead", self.lead_name, "status", "Converted")
