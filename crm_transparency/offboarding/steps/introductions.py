from frappe.model.document import Document

from crm_transparency.offboarding.steps.step import Outcome, Step


class Introductions(Step):
	key = "introductions"
	label = "Introductions"
	is_for_leavers_manager = True

	def do(self, offboarding: Document, **arguments) -> Outcome:
		return Outcome("")
