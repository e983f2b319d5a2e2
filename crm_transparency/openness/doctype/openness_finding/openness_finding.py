from frappe.model.document import Document


class OpennessFinding(Document):
	"""An access regression. Inserted by `access_guard`, accepted on the page."""

	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		closed_by: DF.Data | None
		closed_on: DF.Datetime | None
		document_type: DF.Link | None
		explanation: DF.SmallText
		finding_key: DF.Data | None
		found_on: DF.Datetime
		kind: DF.Data | None
		looked_up_in: DF.Data | None
		settled_by: DF.Link | None
		settled_on: DF.Datetime | None
		settled_reason: DF.SmallText | None
		status: DF.Literal["Open", "Resolved", "Accepted"]
		user: DF.Link | None

	# end: auto-generated types
