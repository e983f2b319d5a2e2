"""Handlers for users and their roles."""

from frappe.model.document import Document

from crm_transparency.ringers import manager_changes


def on_update(doc: Document, method: str | None = None) -> None:
	manager_changes.note_saved_user(doc)


def after_insert_of_row(doc: Document, method: str | None = None) -> None:
	manager_changes.note_row(doc, manager_changes.GIVEN)


def after_delete_of_row(doc: Document, method: str | None = None) -> None:
	manager_changes.note_row(doc, manager_changes.TAKEN_AWAY)
