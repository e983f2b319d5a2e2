from frappe.model.document import Document


class OpennessChange(Document):
	"""A change of what is open, with what undoing it needs. Inserted by `openness_changes`, undone on the page."""

	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		from crm_transparency.openness.doctype.opened_document_type.opened_document_type import (
			OpenedDocumentType,
		)

		about_user: DF.Data | None
		allow: DF.Data | None
		applied_by: DF.Link | None
		applied_on: DF.Datetime | None
		business_owner: DF.Link
		document_types: DF.TableMultiSelect[OpenedDocumentType]
		impersonated_by: DF.Data | None
		kept: DF.SmallText | None
		kind: DF.Literal["Opening", "User Permissions lifted", "User Permissions replaced by restrictions"]
		known_conditions: DF.LongText | None
		left_closed: DF.SmallText | None
		reason: DF.SmallText
		restrictions: DF.SmallText | None
		state: DF.LongText | None
		status: DF.Literal["Pending", "Applied", "Undone", "Canceled"]
		summary: DF.SmallText | None
		undone_by: DF.Link | None
		undone_on: DF.Datetime | None

	# end: auto-generated types
