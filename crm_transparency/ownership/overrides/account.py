"""Handlers for every document: most aren't accounts, and return after one dict look-up."""

from frappe.model.document import Document

from crm_transparency.ownership import changes


def on_change(doc: Document, method: str | None = None) -> None:
	changes.record(doc)
