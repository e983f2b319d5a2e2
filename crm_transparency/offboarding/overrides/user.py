"""Handlers for Frappe's User."""

from frappe.model.document import Document

from crm_transparency.offboarding import starting


def on_update(doc: Document, method: str | None = None) -> None:
	"""Draft an offboarding when a user is disabled who still owns accounts."""
	before = doc.get_doc_before_save()
	was_just_disabled = before is not None and before.enabled and not doc.enabled
	if not was_just_disabled or starting.open_one(None, doc.name):
		return
	if starting.was_completed(None, doc.name, None) or not starting.owned_accounts(doc.name):
		return
	starting.draft("User", user=doc.name)
