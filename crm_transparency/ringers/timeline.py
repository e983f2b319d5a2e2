"""The timeline of a case: what happened when, and who did it. It's only ever added to.

It keeps facts, which are put into sentences for each reader in their language. Notes are kept as they were written, and
so are the sentences of timelines from before facts were kept.
"""

import json

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import now

from crm_transparency.ringers.attribution import words
from crm_transparency.ringers.sealed_document import in_clear

SIGHTING, COMPARISON, STATUS, NOTE, EVIDENCE = "Sighting", "Comparison", "Status", "Note", "Evidence"
NOBODY = ("Administrator", "Guest")


def add(case: Document, kind: str, facts: dict, moment: str | None = None) -> None:
	"""Add what happened to a case, which the caller saves."""
	who = frappe.session.user
	event = {
		"on": str(moment or now())[:19],
		"kind": kind,
		"by": None if who in NOBODY else who,
		**facts,
	}
	case.timeline = json.dumps([*read(case), event])


def read(case: Document) -> list[dict]:
	return json.loads(in_clear(case, "timeline") or "[]")


def in_words(case: Document) -> list[dict]:
	"""Return the timeline with a sentence for each event, in the reader's language."""
	return [
		{**{field: event[field] for field in ("on", "kind", "by")}, "text": sentence(event)}
		for event in read(case)
	]


def sentence(event: dict) -> str:
	if "text" in event:
		return event["text"]
	return SENTENCES[event["kind"]](event)


def about_sightings(event: dict) -> str:
	if event["sightings"] == 1:
		return _("A ringer was contacted by {0}: {1}").format(event["sender"], _(event["channel"]))
	return _("Sightings that came in: {0}, of different ringers: {1}; the first from {2}").format(
		event["sightings"], event["ringers"], event["sender"]
	)


def about_status(event: dict) -> str:
	return _("Status changed from {0} to {1}").format(_(event["before"]), _(event["after"]))


def about_evidence(event: dict) -> str:
	return _("Evidence downloaded: {0}").format(event["file"])


SENTENCES = {
	SIGHTING: about_sightings,
	COMPARISON: lambda event: words.summary(event["found"]),
	STATUS: about_status,
	EVIDENCE: about_evidence,
}


def note_change_of_status(case: Document) -> None:
	before = case.get_doc_before_save()
	if before and before.status != case.status:
		add(case, STATUS, {"before": before.status, "after": case.status})
