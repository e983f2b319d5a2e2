from frappe.model.document import Document


class AccessChecklistItem(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		done_by: DF.Link | None
		done_on: DF.Datetime | None
		item: DF.Data
		note: DF.Data | None
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		status: DF.Literal["Open", "Done", "Not needed"]

	# end: auto-generated types
