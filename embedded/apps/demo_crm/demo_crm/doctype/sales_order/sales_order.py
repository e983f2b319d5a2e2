from frappe.model.document import Document

from demo_crm.demo_crm.totals import set_totals


class SalesOrder(Document):
	def validate(self):
		self.title = self.customer_name
		set_totals(self)

	def on_submit(self):
		self.db_set("status", "To Deliver and Bill")

	def on_cancel(self):
		self.db_set("status", "Cancelled")
