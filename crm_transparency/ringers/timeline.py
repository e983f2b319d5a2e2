"""The timeline of a case: what happened when, and who did it, in sentences. It's only ever added to."""

import json

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import now

SYSTEM = "Administrator"


def add(case: Document, sentence: str, kind: str, moment: object = None) -> None:
	"""Add what happened to a case that is saved by the caller. `kind` is Sighting, Comparison, Status, Note or Notice."""
	events = read(case)
	who = frappe.session.user
	events.append(
		{
			"on": str(moment or now())[:19],
			"kind": kind,
			"by": None if who in (SYSTEM, "Guest") else who,
			"text": sentence,
		}
	)
	case.timeline = json.dumps(events)


def read(case: Document) -> list[dict]:
	return json.loads(case.timeline or "[]")


def note_change_of_status(case: Document) -> None:
	before = case.get_doc_before_save()
	if before and before.status != case.status:
		add(case, _("Status changed from {0} to {1}").format(_(before.status), _(case.status)), "Status")
