"""The share of accounts that each person can read, and the openness of the company, counted once a day.

A person's share of a DocType is how many of its documents they can read, of all there are. Their share of everything is
the mean of these over the tracked DocTypes that have documents: each counts the same, or a million leads would make
customers vanish. The company's openness is the mean of that over everybody who works in the Desk.

What each person can read is kept for the newest count only: the past is about the company, not about people. Only shares
are shown, never how many documents there are: the difference would tell how many are left out of figures.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import NamedTuple

import frappe
from frappe.model.document import Document
from frappe.utils import now_datetime, nowdate

from crm_transparency.crm_transparency import registry
from crm_transparency.openness import limiting_rules, simpler_rules, visibility
from crm_transparency.openness.limiting_rules import Rule

SNAPSHOT = "Openness Snapshot"
#: more people than this are counted in the background
MOST_PEOPLE_AT_ONCE = 300
JOB = "crm_transparency.openness.openness_figures.take_snapshot"

#: of a person, by DocType
Shares = dict[str, "Share"]


class Share(NamedTuple):
	readable: int
	total: int
	#: changes with the rules that limit what the person can read
	rules: str

	@property
	def percent(self) -> float | None:
		"""Return the share in percent, None where there is nothing to read."""
		return 100 * self.readable / self.total if self.total else None


def count_everybody() -> dict[str, Shares]:
	"""Count for everybody who works in the Desk. Takes some milliseconds for each person."""
	counting, doctypes = visibility.Counting(), list(registry.tracked_doctypes())
	return {
		user: {doctype: count(counting, user, doctype) for doctype in doctypes}
		for user in visibility.desk_users()
	}


def count(counting: visibility.Counting, user: str, doctype: str) -> Share:
	seen = counting.seen(user, doctype)
	return Share(seen.readable, seen.total, fingerprint(limiting_rules.limiting(user, doctype)))


def fingerprint(rules: list[Rule]) -> str:
	"""Return what tells whether the same rules still apply; empty if there are none."""
	if not rules:
		return ""
	known = repr(sorted((rule.kind, rule.source, rule.documents) for rule in rules))
	return hashlib.sha256(known.encode()).hexdigest()[:12]


def overall(shares: Iterable[Share]) -> float | None:
	"""Return the mean share over DocTypes, in percent."""
	return mean(share.percent for share in shares)


def company_openness(of_people: dict[str, Shares], doctype: str | None = None) -> float | None:
	"""Return the company's openness, of one DocType or of all, in percent; None where there is nothing to read."""
	if doctype:
		return mean(shares[doctype].percent for shares in of_people.values() if doctype in shares)
	return mean(overall(shares.values()) for shares in of_people.values())


def mean(values: Iterable[float | None]) -> float | None:
	known = [value for value in values if value is not None]
	return sum(known) / len(known) if known else None


def take_daily_snapshot() -> None:
	"""Count once a day, however often this runs."""
	if not frappe.db.exists(SNAPSHOT, nowdate()):
		take_snapshot()


def recalculate() -> bool:
	"""Count again, in the background in large companies; return whether it is done."""
	if len(visibility.desk_users()) <= MOST_PEOPLE_AT_ONCE:
		take_snapshot(frappe.session.user)
		return True
	frappe.enqueue(JOB, queue="long", job_id=JOB, deduplicate=True, counted_by=frappe.session.user)
	return False


def take_snapshot(counted_by: str | None = None) -> Document:
	"""Count, and save it as today's snapshot, in place of an earlier one. `counted_by`: who asked for it."""
	of_people = count_everybody()
	complexity = simpler_rules.complexity()
	by_doctype = {doctype: company_openness(of_people, doctype) for doctype in registry.tracked_doctypes()}
	snapshot = (
		frappe.get_doc(SNAPSHOT, nowdate(), for_update=True)
		if frappe.db.exists(SNAPSHOT, nowdate())
		else frappe.new_doc(SNAPSHOT, day=nowdate())
	)
	snapshot.update(
		{
			"counted_on": now_datetime(),
			"counted_by": counted_by,
			"openness": company_openness(of_people) or 0,
			"people": len(of_people),
			"rules": complexity.rules,
			"superfluous_rules": complexity.redundant,
			"org_chart_rules": complexity.org_chart,
			"by_person": json.dumps(of_people),
			"figures": [
				{"document_type": doctype, "openness": openness}
				for doctype, openness in by_doctype.items()
				if openness is not None
			],
		}
	)
	snapshot.save(ignore_permissions=True)
	delete_people_of_earlier_days(snapshot.name)
	return snapshot


def delete_people_of_earlier_days(newest: str) -> None:
	snapshot = frappe.qb.DocType(SNAPSHOT)
	frappe.qb.update(snapshot).set(snapshot.by_person, None).where(
		(snapshot.name != newest) & snapshot.by_person.isnotnull()
	).run()


def latest_snapshot() -> frappe._dict | None:
	"""Return the newest snapshot, None before the first."""
	found = frappe.get_all(SNAPSHOT, fields=["*"], order_by="day desc", limit=1)
	return found[0] if found else None


def shares_in(snapshot: frappe._dict) -> dict[str, Shares]:
	"""Return what each person could read when it was counted, without those who no longer work in the Desk."""
	counted = json.loads(snapshot.by_person or "{}")
	return {
		user: {doctype: Share(*share) for doctype, share in counted[user].items()}
		for user in visibility.desk_users()
		if user in counted
	}


def history(days: int, doctype: str | None = None) -> list[frappe._dict]:
	"""Return day and openness of the newest snapshots, oldest first.

	Of one DocType, days on which it had no documents are left out.
	"""
	snapshots = frappe.get_all(SNAPSHOT, fields=["name", "day", "openness"], order_by="day desc", limit=days)[
		::-1
	]
	if not doctype:
		return snapshots
	rows = frappe.get_all(
		f"{SNAPSHOT} Figure",
		filters={"parent": ("in", [each.name for each in snapshots]), "document_type": doctype},
		fields=["parent", "openness"],
	)
	by_day = {row.parent: row.openness for row in rows}
	return [
		frappe._dict(day=each.day, openness=by_day[each.name]) for each in snapshots if each.name in by_day
	]
