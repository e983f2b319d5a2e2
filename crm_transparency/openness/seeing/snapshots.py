"""The openness figure of every day, and of the newest count what each person can read.

What each person can read is kept for the newest count only: the past is about the company, not about people.
"""

import json

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import now_datetime, nowdate

from crm_transparency.crm_transparency import registry
from crm_transparency.openness import visibility
from crm_transparency.openness.complexity import assessment
from crm_transparency.openness.seeing import shares
from crm_transparency.openness.seeing.shares import Share, Shares

SNAPSHOT = "Openness Snapshot"
#: more people than this are counted in the background
MOST_PEOPLE_AT_ONCE = 300
JOB = "crm_transparency.openness.seeing.snapshots.take"


def take_daily() -> None:
	"""Count once a day, however often this runs."""
	if not frappe.db.exists(SNAPSHOT, nowdate()):
		take()


def count_now() -> bool:
	"""Count anew, or have it counted in the background in large companies; return whether it is done."""
	if len(visibility.desk_users()) <= MOST_PEOPLE_AT_ONCE:
		take(frappe.session.user)
		return True
	frappe.enqueue(JOB, queue="long", job_id=JOB, deduplicate=True, counted_by=frappe.session.user)
	return False


def take(counted_by: str | None = None) -> Document:
	"""Count, and keep it as today's snapshot, instead of one that was made earlier today.

	`counted_by`: who asked for it, None if nobody did.
	"""
	of_people = shares.of_everybody()
	complexity = assessment.assess()
	snapshot = todays()
	snapshot.update(
		{
			"counted_on": now_datetime(),
			"counted_by": counted_by,
			"openness": shares.figure(of_people) or 0,
			"people": len(of_people),
			"rules": complexity.rules,
			"superfluous_rules": complexity.superfluous,
			"org_chart_rules": complexity.org_chart,
			"by_person": json.dumps(of_people),
		}
	)
	snapshot.set("figures", figures(of_people))
	snapshot.save(ignore_permissions=True)
	forget_people_of_earlier_days(snapshot.name)
	return snapshot


def todays() -> Document:
	if frappe.db.exists(SNAPSHOT, nowdate()):
		return frappe.get_doc(SNAPSHOT, nowdate(), for_update=True)
	return frappe.new_doc(SNAPSHOT, day=nowdate())


def figures(of_people: dict[str, Shares]) -> list[dict]:
	of_doctypes = {doctype: shares.figure_of(of_people, doctype) for doctype in registry.tracked_doctypes()}
	return [
		{"document_type": doctype, "openness": figure}
		for doctype, figure in of_doctypes.items()
		if figure is not None
	]


def forget_people_of_earlier_days(newest: str) -> None:
	snapshot = frappe.qb.DocType(SNAPSHOT)
	frappe.qb.update(snapshot).set(snapshot.by_person, None).where(
		(snapshot.name != newest) & snapshot.by_person.isnotnull()
	).run()


def latest() -> frappe._dict | None:
	"""Return the newest snapshot, None before the first."""
	found = frappe.get_all(SNAPSHOT, fields=["*"], order_by="day desc", limit=1)
	return found[0] if found else None


def of_people(snapshot: frappe._dict) -> dict[str, Shares]:
	"""Return what each person could read when it was counted, without those who have left the Desk since."""
	kept = json.loads(snapshot.by_person or "{}")
	return {
		user: {doctype: Share(*counts) for doctype, counts in kept[user].items()}
		for user in visibility.desk_users()
		if user in kept
	}


def history(days: int) -> list[frappe._dict]:
	"""Return day and figure of the newest snapshots, oldest first."""
	newest = frappe.get_all(SNAPSHOT, fields=["name", "day", "openness"], order_by="day desc", limit=days)
	return newest[::-1]


def history_of(doctype: str, days: int) -> list[frappe._dict]:
	"""Return day and figure of one DocType, oldest first; days on which it had no documents are left out."""
	snapshots = history(days)
	rows = frappe.get_all(
		f"{SNAPSHOT} Figure",
		filters={"parent": ("in", [each.name for each in snapshots]), "document_type": doctype},
		fields=["parent", "openness"],
	)
	of_day = {row.parent: row.openness for row in rows}
	return [
		frappe._dict(day=each.day, openness=of_day[each.name]) for each in snapshots if each.name in of_day
	]


def note_of_count(snapshot: frappe._dict) -> str:
	when = frappe.utils.format_datetime(snapshot.counted_on)
	return _("Counted on {0}.").format(when)
