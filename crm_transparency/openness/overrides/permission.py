"""Custom DocPerm and User Permission."""

from frappe.model.document import Document

from crm_transparency.openness.opening import witness


def after_insert(doc: Document, method: str | None = None) -> None:
	witness.note_document(doc, "after_insert")


def on_update(doc: Document, method: str | None = None) -> None:
	witness.note_document(doc, "on_update")


def on_trash(doc: Document, method: str | None = None) -> None:
	witness.note_document(doc, "on_trash")
