"""Handlers for every document: most aren't accounts, and return after one dict look-up."""

from frappe.model.document import Document

from crm_transparency.ownership import changes


def on_change(doc: Document, method: str | None = None) -> None:
	changes.record(doc)


def after_rename(doc: Document, method: str | None, old: str, new: str, merge: bool = False) -> None:
	changes.record_new_name(doc, old, new, merge)


def after_delete(doc: Document, method: str | None = None) -> None:
	changes.record_deletion(doc)
