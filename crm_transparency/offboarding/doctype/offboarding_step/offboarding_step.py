from frappe.model.document import Document


class OffboardingStep(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		done_by: DF.Link | None
		done_on: DF.Datetime | None
		due_on: DF.Date | None
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		responsible: DF.Link | None
		result: DF.SmallText | None
		status: DF.Literal["Open", "In Progress", "Done", "Skipped"]
		step: DF.Data
		todo: DF.Data | None

	# end: auto-generated types
