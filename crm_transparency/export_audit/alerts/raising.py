"""Raising an alert once: what is found again is the same alert, brought up to date until somebody has looked at it."""

import hashlib
import json

import frappe
from frappe.utils import add_days

from crm_transparency.export_audit.alerts import notices
from crm_transparency.export_audit.alerts.findings import LARGE, MANY_READ, PRIVATE, UNUSUAL, Finding

ALERT = "Export Alert"
OPEN = "Open"
EXPLAINED = "Explained"
FOLLOW_UP = "Follow up"
#: rules whose alerts a manager can call regular
MAY_BE_REGULAR = {LARGE, UNUSUAL, MANY_READ, PRIVATE}
REGULAR_FOR_DAYS = 365
#: so many times what was called regular isn't regular any more
TIMES_REGULAR = 1.5
#: so many times what somebody looked at is another matter
TIMES_LOOKED_AT = 2


def raise_alert(finding: Finding) -> str | None:
	"""Raise an alert, or bring the open one up to date; return its name, None if there is no need for one."""
	kind = kind_of(finding)
	earlier = alerts_of_the_occasion(finding, kind)
	if not earlier:
		return None if is_regular(finding, kind) else add(finding, kind, 1)
	latest = earlier[-1]
	if latest.status == OPEN:
		return update(latest, finding)
	is_another_matter = finding.figure > latest.figure and finding.figure >= TIMES_LOOKED_AT * latest.figure
	if is_another_matter and not is_regular(finding, kind):
		return add(finding, kind, len(earlier) + 1)
	return None


def kind_of(finding: Finding) -> str:
	"""Return what findings of one kind share: rule, people, and what the rule says."""
	parts = [finding.rule, finding.user, finding.impersonated_by or "", *finding.kind]
	return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def alerts_of_the_occasion(finding: Finding, kind: str) -> list[frappe._dict]:
	filters = {"kind": kind, **({"day": finding.day} if finding.is_daily else {})}
	return frappe.get_all(
		ALERT, filters=filters, fields=["name", "status", "figure"], order_by="creation, name"
	)


def is_regular(finding: Finding, kind: str) -> bool:
	"""Say whether a manager called as much of the same kind regular, within a year."""
	if finding.rule not in MAY_BE_REGULAR:
		return False
	filters = {
		"kind": kind,
		"status": EXPLAINED,
		"is_regular": 1,
		"day": (">=", add_days(finding.day, -REGULAR_FOR_DAYS)),
		"figure": (">=", finding.figure / TIMES_REGULAR),
	}
	return bool(frappe.db.exists(ALERT, filters))


def add(finding: Finding, kind: str, number: int) -> str | None:
	"""Add an alert under a name that the same finding always gets, and tell managers of it."""
	day = f"{finding.day}-" if finding.is_daily else ""
	alert = frappe.get_doc(
		doctype=ALERT,
		rule=finding.rule,
		user=finding.user,
		impersonated_by=finding.impersonated_by,
		kind=kind,
		status=OPEN,
		day=finding.day,
		**what_is_told(finding),
	)
	alert.flags.raised_by_rule = True
	frappe.db.savepoint("export_alert")
	try:
		alert.insert(ignore_permissions=True, set_name=f"{day}{kind}-{number}")
	except frappe.DuplicateEntryError:
		# another job judges the same at this moment
		frappe.db.rollback(save_point="export_alert")
		return None
	notices.tell_managers(alert)
	return alert.name


def update(alert: frappe._dict, finding: Finding) -> str:
	if finding.figure > alert.figure:
		# whoever has the alert open can still save what they think of it
		frappe.db.set_value(ALERT, alert.name, what_is_told(finding), update_modified=False)
	return alert.name


def what_is_told(finding: Finding) -> dict:
	return {
		"explanation": finding.explanation,
		"reason": finding.reason,
		"normal": finding.normal,
		"export_log": finding.export_log,
		"figure": finding.figure,
	}
