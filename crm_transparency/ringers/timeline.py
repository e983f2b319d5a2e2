"""The timeline of a case: what happened when, and who did it, in sentences. It's only ever added to."""

import json

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import now

from crm_transparency.ringers.sealed_document import in_clear

SIGHTING, COMPARISON, STATUS, NOTE, EVIDENCE = "Sighting", "Comparison", "Status", "Note", "Evidence"
NOBODY = ("Administrator", "Guest")


def add(case: Document, sentence: str, kind: str, moment: str | None = None) -> None:
	"""Add what happened to a case, which the caller saves."""
	who = frappe.session.user
	event = {
		"on": str(moment or now())[:19],
		"kind": kind,
		"by": None if who in NOBODY else who,
		"text": sentence,
	}
	case.timeline = json.dumps([*read(case), event])


def read(case: Document) -> list[dict]:
	return json.loads(in_clear(case, "timeline") or "[]")


def note_change_of_status(case: Document) -> None:
	before = case.get_doc_before_save()
	if before and before.status != case.status:
		add(case, _("Status changed from {0} to {1}").format(_(before.status), _(case.status)), STATUS)
