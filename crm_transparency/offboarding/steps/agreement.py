from frappe.model.document import Document

from crm_transparency.offboarding.steps.step import Outcome, Step


class AgreementCheck(Step):
	key = "agreement"
	label = "Agreement check"

	def do(self, offboarding: Document, **arguments) -> Outcome:
		return Outcome("")
