from frappe.model.document import Document

from crm_transparency.offboarding.steps.step import Outcome, Step


class Review(Step):
	key = "review"
	label = "Review"

	def do(self, offboarding: Document, **arguments) -> Outcome:
		return Outcome("")
