"""Handlers for Frappe's User."""

import frappe
from frappe.model.document import Document

from crm_transparency.offboarding import starting_offboardings
from crm_transparency.offboarding.assignments_and_approvals import MAILS
from crm_transparency.offboarding.offboarding_records import REMOVAL


def on_update(doc: Document, method: str | None = None) -> None:
	"""Draft an offboarding when somebody disables a user who still owns accounts or has access; let an enabled one get mails."""
	before = doc.get_doc_before_save()
	if before is None or bool(before.enabled) == bool(doc.enabled) or doc.flags.by_offboarding:
		return
	if not doc.enabled:
		starting_offboardings.draft_for_gone("User", doc.name)
	elif frappe.db.exists(REMOVAL, {"user": doc.name}):
		MAILS.restore(doc.name, [doc.email])
