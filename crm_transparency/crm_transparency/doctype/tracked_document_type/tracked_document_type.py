from frappe.model.document import Document


class TrackedDocumentType(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		baseline_written_on: DF.Datetime | None
		document_type: DF.Link
		enabled: DF.Check
		owner_field: DF.Data
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		territory_field: DF.Data | None
		title_field: DF.Data | None

	# end: auto-generated types
