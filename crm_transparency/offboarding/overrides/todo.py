"""Handlers for Frappe's ToDo."""

from frappe.model.document import Document

from crm_transparency.offboarding import access_step
from crm_transparency.offboarding.offboarding_records import OFFBOARDING


def on_update(doc: Document, method: str | None = None) -> None:
	"""Mark an item of an access checklist when whoever was named for it closes the to-do."""
	if doc.reference_type != OFFBOARDING or doc.status != "Closed":
		return
	before = doc.get_doc_before_save()
	if before is not None and before.status != "Closed":
		access_step.todo_was_closed(doc)
