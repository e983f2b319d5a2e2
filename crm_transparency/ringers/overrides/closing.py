"""Handlers for what would open up, or carry out, what only Ringer Managers may know."""

from frappe.model.document import Document

from crm_transparency.ringers import closing


def validate(doc: Document, method: str | None = None) -> None:
	closing.refuse_opening_up(doc)
