import frappe
from frappe.model.document import Document
from frappe.utils import now_datetime


class Issue(Document):
	def before_insert(self):
		self.opening_time = self.opening_time or now_datetime().time().replace(microsecond=0)

	def validate(self):
		if self.customer:
			self.customer_name = frappe.db.get_value("Customer", self.customer, "customer_name")
		self.set_resolution_date()

	def set_resolution_date(self):
		if self.status not in ("Resolved", "Closed"):
			self.sla_resolution_date = None
		elif not self.sla_resolution_date:
			self.sla_resolution_date = now_datetime()
