from frappe.model.document import Document


class AccessRemovalItem(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		door: DF.Data | None
		ended_on: DF.Datetime | None
		number: DF.Int
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		was: DF.LongText | None
		what: DF.Data | None

	# end: auto-generated types
