"""Export alerts: raising each once, who sees and settles them, and how long they are kept.

What is found again is the same alert, brought up to date until somebody has looked at it.
"""

import hashlib
import json

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_days, add_months, cint, escape_html, get_fullname, getdate
from frappe.utils.user import get_users_with_role

from crm_transparency.crm_transparency import formatting, mail, registry, staff
from crm_transparency.crm_transparency.permissions import quoted
from crm_transparency.export_audit.alert_findings import LARGE, LEAVING, MANY_READ, PRIVATE, UNUSUAL, Finding
from crm_transparency.export_audit.export_visibility import days_of
from crm_transparency.ledger import names

ALERT = "Export Alert"
SETTLING_ROLE = "Transparency Manager"
CONCERNED = ("user", "impersonated_by")
READING = (None, "read", "select", "report", "export", "print", "email")
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
	"""Return whether a manager called as much of the same kind regular, within a year."""
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
	tell_managers(alert)
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


def tell_managers(alert: Document) -> None:
	"""Let the managers whom the alert asks know. The mail is the digest's, so the type is one that Frappe doesn't mail."""
	for reader in who_settles(alert):
		mail.notify(reader, subject(alert, formatting.language_of(reader)), (alert.doctype, alert.name))


def subject(alert: Document, language: str) -> str:
	return _("Please review an export alert about {0}: {1}", lang=language).format(
		f"<strong>{escape_html(get_fullname(alert.user))}</strong>",
		f"<strong>{_(alert.rule, lang=language)}</strong>",
	)


def forget_expired() -> None:
	"""Delete alerts that are older than the site keeps ledger entries: they are about people, too."""
	keep_months = cint(frappe.db.get_single_value(registry.SETTINGS, "keep_ledger_months"))
	if keep_months > 0:
		frappe.db.delete(ALERT, {"day": ("<", add_months(getdate(), -keep_months))})


# Who sees and who settles alerts. Managers see all of them. People see what is said about themselves, so that they can explain
# it, but not that somebody is watching how they leave: that alone would tell what may not be known yet. Nobody settles an alert
# about themselves, unless there is nobody else to do it.


def is_concerned(user: str, alert: Document | frappe._dict) -> bool:
	"""Return whether an alert is about a user, under today's name or one they had on the alert's day."""
	days = days_of(user)
	return any(names.is_meant(days, alert.get(field), alert.day) for field in CONCERNED)


def sees(user: str, alert: Document | frappe._dict) -> bool:
	if is_concerned(user, alert):
		return alert.rule != LEAVING
	return staff.is_manager(user)


def read_condition(user: str, doctype: str) -> str:
	"""Return `sees` as SQL, for the rule of the alerts."""
	days, day = days_of(user), f"`tab{ALERT}`.day"
	concerned = " or ".join(
		names.condition(days, f"ifnull(`tab{ALERT}`.`{field}`, '')", day) for field in CONCERNED
	)
	seen_by_the_concerned = f"({concerned}) and `tab{ALERT}`.rule != {quoted(LEAVING)}"
	if staff.is_manager(user):
		return f"({seen_by_the_concerned}) or not ({concerned})"
	return seen_by_the_concerned


def allows(alert: Document, ptype: str | None, user: str) -> bool:
	"""Return whether the user may do more than read."""
	return ptype in READING or may_settle(user, alert)


def may_settle(user: str, alert: Document | frappe._dict) -> bool:
	"""Return whether a user may set an alert to Explained or Follow up: a manager, and one that it isn't about."""
	if user == "Administrator":
		return not is_concerned(user, alert) or not settling_managers()
	return user in who_settles(alert)


def reads_note(user: str, alert: Document | frappe._dict) -> bool:
	"""Return whether a user may read what managers noted: managers, as long as it isn't about themselves."""
	return staff.is_manager(user) and (not is_concerned(user, alert) or may_settle(user, alert))


def who_settles(alert: Document | frappe._dict) -> list[str]:
	"""Return the managers whom an alert asks: all but those it is about, or these if there are no others."""
	everybody = settling_managers()
	others = [user for user in everybody if not is_concerned(user, alert)]
	return others or ([] if alert.rule == LEAVING else everybody)


def settling_managers() -> list[str]:
	return sorted(get_users_with_role(SETTLING_ROLE))
