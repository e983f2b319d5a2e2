import frappe
from frappe.model.document import Document


class Issue(Document):
	def validate(self):
		if self.customer:
			self.customer_name = frappe.db.get_value("Customer", self.customer, "customer_name")
