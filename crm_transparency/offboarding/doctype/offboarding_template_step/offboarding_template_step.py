from frappe.model.document import Document


class OffboardingTemplateStep(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		done_by: DF.Literal["HR", "Leaver's manager", "One person"]
		due_days: DF.Int
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		person: DF.Link | None
		step: DF.Literal[
			"agreement",
			"interview",
			"review",
			"handover_plan",
			"introductions",
			"transfer",
			"access",
			"ringer_watch",
			"ending",
		]

	# end: auto-generated types
