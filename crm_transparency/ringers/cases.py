"""Cases: sightings that belong together, what explains them, and what people found out.

A sighting is final, so what it is taken for later stands in its case. Sightings of one sender make one case, until
somebody closes it. A case's timeline is only ever added to. It keeps facts, which are put into sentences for each reader
in their language; notes are kept as they were written.
"""

import json
from collections.abc import Iterable

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_datetime, now, now_datetime, strip_html

from crm_transparency.crm_transparency import formatting, requested
from crm_transparency.ringers import comparison, sightings
from crm_transparency.ringers.documents import CASE, CASE_SIGHTING, SIGHTING
from crm_transparency.ringers.secrecy import decrypted, ringer_managers_only
from crm_transparency.ringers.senders import Person
from crm_transparency.ringers.sightings import DRILL, NOISE, Sighting

OPEN, IN_REVIEW, CONSISTENT, CLEARED = "Open", "In Review", "Consistent with an Export", "Cleared"
GOING_ON = (OPEN, IN_REVIEW, CONSISTENT, DRILL)
LONGEST_NOTE = 5000
#: kinds of events of the timeline
SIGHTING_EVENT, COMPARISON_EVENT, STATUS_EVENT = "Sighting", "Comparison", "Status"
NOTE_EVENT, EVIDENCE_EVENT = "Note", "Evidence"
NO_PERSON = ("Administrator", "Guest")


def add_to_cases(found: Iterable[Sighting]) -> set[str]:
	"""Put sightings that were just written into cases; return the names of these. Noise gets none, unless it's a campaign."""
	by_sender: dict[tuple[str, bool], list[Sighting]] = {}
	for sighting in found:
		by_sender.setdefault((sighting.sender_key, sighting.verdict == DRILL), []).append(sighting)
	return {
		case
		for (sender_key, is_drill), some in by_sender.items()
		if (case := _add_to_case(sender_key, is_drill, some))
	}


def _add_to_case(sender_key: str, is_drill: bool, some: list[Sighting]) -> str | None:
	name = open_case_of(sender_key, is_drill)
	if not name and all(sighting.verdict == NOISE for sighting in some):
		some = sightings.noise_of_a_campaign(sender_key)
	if not some:
		return None
	case = frappe.get_doc(CASE, name) if name else new_case(some[0], is_drill)
	add_sightings(case, some)
	case.flags.changed_by_app = True
	return case.save(ignore_permissions=True).name


def open_case_of(sender_key: str, is_drill: bool) -> str | None:
	filters = {"sender_key": sender_key, "is_drill": int(is_drill), "status": ("in", GOING_ON)}
	return frappe.db.get_value(CASE, filters, order_by="opened_on desc")


def new_case(first: Sighting, is_drill: bool) -> Document:
	return frappe.get_doc(
		doctype=CASE,
		status=DRILL if is_drill else OPEN,
		is_drill=int(is_drill),
		title=_("Drill on {0}").format(formatting.moment(now_datetime()))
		if is_drill
		else first.sender_in_words,
		sender_key=first.sender_key,
		opened_on=now_datetime(),
	)


def add_sightings(case: Document, some: list[Sighting]) -> None:
	there = {row.sighting for row in case.sightings}
	new = [sighting for sighting in some if sighting.name not in there]
	for sighting in new:
		case.append(
			"sightings",
			{
				"sighting": sighting.name,
				"seen_on": sighting.seen_on,
				"channel": sighting.channel,
				"ringer": sighting.ringer,
			},
		)
		case.matched_offboarding = decrypted(case, "matched_offboarding") or sighting.matched_offboarding
	case.sighting_count = len(case.sightings)
	case.ringer_count = len({row.ringer for row in case.sightings})
	case.last_sighting_on = max(get_datetime(row.seen_on) for row in case.sightings)
	if new:
		add_event(
			case,
			SIGHTING_EVENT,
			{
				"sightings": len(new),
				"ringers": len({sighting.ringer for sighting in new}),
				"sender": new[0].sender_in_words,
				"channel": new[0].channel,
			},
			max(sighting.seen_on for sighting in new),
		)


def compare(name: str, who_left: list[Person] | None = None) -> None:
	"""Recalculate what explains a case."""
	case = frappe.get_doc(CASE, name)
	before = ranking_of(case)
	result = comparison.compare([row.sighting for row in case.sightings], who_left)
	case.ranking = json.dumps(result)
	if comparison.summary(result) != comparison.result(before).get("summary"):
		add_event(case, COMPARISON_EVENT, {"found": comparison.facts_of_summary(result)})
	case.flags.changed_by_app = True
	case.save(ignore_permissions=True)


def ranking_of(case: Document) -> dict:
	"""Return what `compare` found last; nothing if it's still under way."""
	return json.loads(decrypted(case, "ranking") or "{}")


# What Ringer Managers do


@frappe.whitelist(methods=["POST"])
@ringer_managers_only
def recalculate(case: str) -> None:
	"""Compare a case with what is known by now: exports may have been indexed, and colleagues left, since."""
	compare(case)


@frappe.whitelist(methods=["POST"])
@ringer_managers_only
def add_note(case: str, note: str) -> None:
	"""Add what a Ringer Manager found out to the timeline. Raises ValidationError for an empty note."""
	note = strip_html(note).strip()[:LONGEST_NOTE]
	if not note:
		frappe.throw(_("Enter a note."))
	doc = frappe.get_doc(CASE, case)
	add_event(doc, NOTE_EVENT, {"text": note})
	doc.flags.changed_by_app = True
	doc.save(ignore_permissions=True)


@frappe.whitelist(methods=["POST"])
@ringer_managers_only
def promote(sighting: str) -> str:
	"""Make a case of a sighting that was taken for noise; return the case, also if there is one already."""
	case = case_of(sighting)
	if case:
		return case
	entry = sightings.read_sighting(sighting)
	case = new_case(entry, is_drill=entry.verdict == DRILL)
	add_sightings(case, [entry])
	case.flags.changed_by_app = True
	case.insert(ignore_permissions=True)
	compare(case.name)
	return case.name


def case_of(sighting: str) -> str | None:
	return frappe.db.get_value(CASE_SIGHTING, {"sighting": sighting, "parenttype": CASE}, "parent")


@frappe.whitelist(methods=["POST"])
@ringer_managers_only
def senders_of(names: str | list) -> dict[str, str]:
	"""Return, for the list of cases, from whom their sightings came."""
	there = [name for name in requested.names(names)[:500] if frappe.db.exists(CASE, name)]
	return {name: frappe.get_doc(CASE, name).title for name in there}


@frappe.whitelist(methods=["POST"])
@ringer_managers_only
def senders_of_sightings(names: str | list) -> dict[str, str]:
	"""Return, for the list of sightings, from whom they came."""
	there = [name for name in requested.names(names)[:500] if frappe.db.exists(SIGHTING, name)]
	return {name: sightings.read_sighting(name).sender_in_words for name in there}


def add_event(case: Document, kind: str, facts: dict, moment: str | None = None) -> None:
	"""Add what happened to a case, which the caller saves."""
	who = frappe.session.user
	event = {
		"on": str(moment or now())[:19],
		"kind": kind,
		"by": None if who in NO_PERSON else who,
		**facts,
	}
	case.timeline = json.dumps([*events_of(case), event])


def events_of(case: Document) -> list[dict]:
	return json.loads(decrypted(case, "timeline") or "[]")


def timeline_of(case: Document) -> list[dict]:
	"""Return the timeline with a sentence for each event, in the reader's language."""
	return [
		{**{field: event[field] for field in ("on", "kind", "by")}, "text": sentence_of(event)}
		for event in events_of(case)
	]


def sentence_of(event: dict) -> str:
	if "text" in event:
		return event["text"]
	return SENTENCES[event["kind"]](event)


def about_sightings(event: dict) -> str:
	if event["sightings"] == 1:
		return _("A ringer was contacted by {0}: {1}").format(event["sender"], _(event["channel"]))
	return _("Sightings: {0}, different ringers: {1}, first sender: {2}").format(
		event["sightings"], event["ringers"], event["sender"]
	)


def about_status(event: dict) -> str:
	return _("Status changed from {0} to {1}").format(_(event["before"]), _(event["after"]))


def about_evidence(event: dict) -> str:
	return _("Evidence downloaded: {0}").format(event["file"])


SENTENCES = {
	SIGHTING_EVENT: about_sightings,
	COMPARISON_EVENT: lambda event: comparison.summary(event["found"]),
	STATUS_EVENT: about_status,
	EVIDENCE_EVENT: about_evidence,
}


def add_change_of_status(case: Document) -> None:
	before = case.get_doc_before_save()
	if before and before.status != case.status:
		add_event(case, STATUS_EVENT, {"before": before.status, "after": case.status})
