"""Cancelling: the person stays. What the steps did is undone where it can be, and what can't be is listed."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import now_datetime

from crm_transparency.offboarding import progress
from crm_transparency.offboarding.steps import registry
from crm_transparency.offboarding.words import CANCELLED, OFFBOARDING, OPEN

LONGEST_REASON = 500


def cancel(doc: Document, reason: str) -> list[str]:
	"""Undo the steps of an offboarding, the last one first; return what couldn't be undone, in sentences.

	Cancelling a second time changes nothing, and says the same.
	"""
	reason = (reason or "").strip()[:LONGEST_REASON]
	if not reason:
		frappe.throw(_("Please say why the offboarding is cancelled."))
	rows = [progress.lock(doc.name, row.step) for row in reversed(doc.steps)]
	doc = frappe.get_doc(OFFBOARDING, doc.name)
	if doc.status == CANCELLED:
		return (doc.not_undone or "").splitlines()
	not_undone = []
	for row in rows:
		if row.status != OPEN:
			not_undone += registry.get(row.step).undo(doc)
		progress.close_todo(row)
	close(doc, reason, not_undone)
	return not_undone


def close(doc: Document, reason: str, not_undone: list[str]) -> None:
	doc.reload()
	doc.update(
		{
			"status": CANCELLED,
			"cancelled_on": now_datetime(),
			"cancelled_by": frappe.session.user,
			"cancel_reason": reason,
			"not_undone": "\n".join(not_undone),
		}
	)
	doc.flags.by_app = True
	doc.save(ignore_permissions=True)
	doc.add_comment("Info", frappe.utils.escape_html(_("Cancelled: {0}").format(reason)))
