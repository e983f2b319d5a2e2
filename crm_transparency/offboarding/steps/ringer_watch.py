from frappe.model.document import Document

from crm_transparency.offboarding.steps.step import Outcome, Step


class RingerWatch(Step):
	key = "ringer_watch"
	label = "Ringer watch"

	def do(self, offboarding: Document, **arguments) -> Outcome:
		return Outcome("")
