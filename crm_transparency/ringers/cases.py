"""Cases: sightings that belong together, what explains them, and what people found out.

A sighting is final, so what it is taken for later stands in its case. Sightings of one sender make one case, until
somebody closes it.
"""

import json
from collections.abc import Iterable

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_datetime, now_datetime, strip_html

from crm_transparency.ringers import secrecy, timeline
from crm_transparency.ringers.attribution import comparing, words
from crm_transparency.ringers.attribution.senders import Person
from crm_transparency.ringers.documents import CASE, CASE_SIGHTING, SIGHTING
from crm_transparency.ringers.quietly import without_a_trace
from crm_transparency.ringers.sealed_document import in_clear
from crm_transparency.ringers.watching import sightings
from crm_transparency.ringers.watching.sightings import DRILL, NOISE, Sighting

OPEN, IN_REVIEW, CONSISTENT, CLEARED = "Open", "In Review", "Consistent with an Export", "Cleared"
GOING_ON = (OPEN, IN_REVIEW, CONSISTENT, DRILL)
LONGEST_NOTE = 5000


def take_in(found: Iterable[Sighting]) -> set[str]:
	"""Put sightings that were just written into cases; return the names of these. Noise gets none, unless it's a campaign."""
	by_sender: dict[tuple[str, bool], list[Sighting]] = {}
	for sighting in found:
		by_sender.setdefault((sighting.sender_key, sighting.verdict == DRILL), []).append(sighting)
	return {
		case
		for (sender_key, is_drill), some in by_sender.items()
		if (case := _take_in(sender_key, is_drill, some))
	}


def _take_in(sender_key: str, is_drill: bool, some: list[Sighting]) -> str | None:
	name = going_on(sender_key, is_drill)
	if not name and all(sighting.verdict == NOISE for sighting in some):
		some = sightings.noise_of_a_campaign(sender_key)
	if not some:
		return None
	case = frappe.get_doc(CASE, name) if name else new_case(some[0], is_drill)
	add_sightings(case, some)
	case.flags.changed_by_app = True
	return case.save(ignore_permissions=True).name


def going_on(sender_key: str, is_drill: bool) -> str | None:
	filters = {"sender_key": sender_key, "is_drill": int(is_drill), "status": ("in", GOING_ON)}
	return frappe.db.get_value(CASE, filters, order_by="opened_on desc")


def new_case(first: Sighting, is_drill: bool) -> Document:
	return frappe.get_doc(
		doctype=CASE,
		status=DRILL if is_drill else OPEN,
		is_drill=int(is_drill),
		title=first.sender_in_words,
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
		case.matched_offboarding = in_clear(case, "matched_offboarding") or sighting.matched_offboarding
	case.sighting_count = len(case.sightings)
	case.ringer_count = len({row.ringer for row in case.sightings})
	case.last_sighting_on = max(get_datetime(row.seen_on) for row in case.sightings)
	if new:
		timeline.add(case, timeline.SIGHTING, facts_about(new), max(sighting.seen_on for sighting in new))


def facts_about(new: list[Sighting]) -> dict:
	return {
		"sightings": len(new),
		"ringers": len({sighting.ringer for sighting in new}),
		"sender": new[0].sender_in_words,
		"channel": new[0].channel,
	}


def compare(name: str, who_left: list[Person] | None = None) -> None:
	"""Find out anew what explains a case."""
	case = frappe.get_doc(CASE, name)
	before = ranking_of(case)
	result = comparing.compare([row.sighting for row in case.sightings], who_left)
	case.ranking = json.dumps(result)
	if words.summary(result) != words.result(before).get("summary"):
		timeline.add(case, timeline.COMPARISON, {"found": words.of_summary(result)})
	case.flags.changed_by_app = True
	case.save(ignore_permissions=True)


def ranking_of(case: Document) -> dict:
	"""Return what `compare` found last; nothing if it's still under way."""
	return json.loads(in_clear(case, "ranking") or "{}")


# What Ringer Managers do


@frappe.whitelist(methods=["POST"])
@without_a_trace
def compare_again(case: str) -> None:
	"""Compare a case with what is known by now: exports may have been indexed, and colleagues left, since."""
	secrecy.ask_may_know()
	compare(case)


@frappe.whitelist(methods=["POST"])
@without_a_trace
def add_note(case: str, note: str) -> None:
	"""Add what a Ringer Manager found out to the timeline. Raises ValidationError for an empty note."""
	secrecy.ask_may_know()
	note = strip_html(note).strip()[:LONGEST_NOTE]
	if not note:
		frappe.throw(_("Please write a few words."))
	doc = frappe.get_doc(CASE, case)
	timeline.add(doc, timeline.NOTE, {"text": note})
	doc.flags.changed_by_app = True
	doc.save(ignore_permissions=True)


@frappe.whitelist(methods=["POST"])
@without_a_trace
def promote(sighting: str) -> str:
	"""Make a case of a sighting that was taken for noise; return the case, also if there is one already."""
	secrecy.ask_may_know()
	case = case_of(sighting)
	if case:
		return case
	entry = sightings.of_entry(sighting)
	case = new_case(entry, is_drill=entry.verdict == DRILL)
	add_sightings(case, [entry])
	case.flags.changed_by_app = True
	case.insert(ignore_permissions=True)
	compare(case.name)
	return case.name


def case_of(sighting: str) -> str | None:
	return frappe.db.get_value(CASE_SIGHTING, {"sighting": sighting, "parenttype": CASE}, "parent")


@frappe.whitelist(methods=["POST"])
@without_a_trace
def senders_of(names: str | list) -> dict[str, str]:
	"""Return, for the list of cases, from whom their sightings came."""
	secrecy.ask_may_know()
	there = [name for name in frappe.parse_json(names)[:500] if frappe.db.exists(CASE, name)]
	return {name: frappe.get_doc(CASE, name).title for name in there}


@frappe.whitelist(methods=["POST"])
@without_a_trace
def senders_of_sightings(names: str | list) -> dict[str, str]:
	"""Return, for the list of sightings, from whom they came."""
	secrecy.ask_may_know()
	there = [name for name in frappe.parse_json(names)[:500] if frappe.db.exists(SIGHTING, name)]
	return {name: sightings.of_entry(name).sender_in_words for name in there}
