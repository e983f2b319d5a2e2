from frappe.model.document import Document

from crm_transparency.offboarding.steps.step import Outcome, Step


class ExitInterview(Step):
	key = "interview"
	label = "Exit interview and reaffirmation"

	def do(self, offboarding: Document, **arguments) -> Outcome:
		return Outcome("")
