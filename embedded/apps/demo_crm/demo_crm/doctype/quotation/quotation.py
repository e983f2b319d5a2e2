from frappe.model.document import Document

from demo_crm.demo_crm.party import title_of
from demo_crm.demo_crm.totals import set_totals


class Quotation(Document):
	def validate(self):
		self.customer_name = title_of(self.quotation_to, self.party_name)
		self.title = self.customer_name
		set_totals(self)

	def on_submit(self):
		self.db_set("status", "Open")

	def on_cancel(self):
		self.db_set("status", "Cancelled")
