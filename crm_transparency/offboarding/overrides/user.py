"""Handlers for Frappe's User."""

from frappe.model.document import Document

from crm_transparency.offboarding import leaver_details, starting_offboardings


def on_update(doc: Document, method: str | None = None) -> None:
	"""Draft an offboarding when a user is disabled who still owns accounts."""
	before = doc.get_doc_before_save()
	was_just_disabled = before is not None and before.enabled and not doc.enabled
	if not was_just_disabled or starting_offboardings.open_one(None, doc.name):
		return
	if starting_offboardings.was_completed(None, doc.name, None) or not leaver_details.owned_accounts(
		doc.name
	):
		return
	starting_offboardings.draft("User", user=doc.name)
