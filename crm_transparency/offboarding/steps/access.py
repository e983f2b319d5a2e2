from frappe.model.document import Document

from crm_transparency.offboarding.steps.step import Outcome, Step


class AccessEnds(Step):
	key = "access"
	label = "Access ends"

	def do(self, offboarding: Document, **arguments) -> Outcome:
		return Outcome("")
