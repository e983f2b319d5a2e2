from frappe.model.document import Document


class AccessProof(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		answer: DF.Data | None
		attempt: DF.Data | None
		is_refused: DF.Check
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		tried_on: DF.Datetime | None

	# end: auto-generated types
