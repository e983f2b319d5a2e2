from frappe.model.document import Document
from frappe.utils import flt

from demo_crm.demo_crm.party import title_of
from demo_crm.demo_crm.totals import set_amounts


class Opportunity(Document):
	def validate(self):
		self.customer_name = title_of(self.opportunity_from, self.party_name)
		self.title = self.title or self.customer_name
		self.set_value()

	def set_value(self):
		"""The items' total is the opportunity's amount; without items the amount stays as estimated."""
		self.conversion_rate = flt(self.conversion_rate) or 1.0
		set_amounts(self)
		self.total = sum(item.amount for item in self.items)
		self.base_total = sum(item.base_amount for item in self.items)
		if self.items:
			self.opportunity_amount = self.total
		self.base_opportunity_amount = flt(self.opportunity_amount) * self.conversion_rate
