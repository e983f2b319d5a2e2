"""Handlers for contacts, customers, leads and addresses. They do the same for each, ringer or not."""

from frappe.model.document import Document

from crm_transparency.ringers import journal


def on_update(doc: Document, method: str | None = None) -> None:
	fields = journal.edited_fields(doc)
	if fields:
		journal.note(doc, "edited", doc.name, fields)


def after_rename(doc: Document, method: str | None, old: str, new: str, merge: bool = False) -> None:
	journal.note(doc, "merged" if merge else "renamed", old, [new])


def after_delete(doc: Document, method: str | None = None) -> None:
	journal.note(doc, "deleted", doc.name)
