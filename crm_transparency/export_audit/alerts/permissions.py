"""Who sees and who settles alerts.

Managers see all of them. People see what is said about themselves, so that they can explain it, but not that somebody
is watching how they leave: that alone would tell what may not be known yet. Nobody settles an alert about themselves,
unless there is nobody else to do it.
"""

import frappe
from frappe.model.document import Document
from frappe.utils.user import get_users_with_role

from crm_transparency.crm_transparency import managers
from crm_transparency.crm_transparency.permission_results import quoted
from crm_transparency.export_audit.alerts.findings import LEAVING
from crm_transparency.export_audit.permissions import days_of
from crm_transparency.ledger import names

ALERT = "Export Alert"
SETTLING_ROLE = "Transparency Manager"
CONCERNED = ("user", "impersonated_by")
READING = (None, "read", "select", "report", "export", "print", "email")


def is_concerned(user: str, alert: Document | frappe._dict) -> bool:
	"""Say whether an alert is about a user, under today's name or one they had on the alert's day."""
	days = days_of(user)
	return any(names.is_meant(days, alert.get(field), alert.day) for field in CONCERNED)


def sees(user: str, alert: Document | frappe._dict) -> bool:
	if is_concerned(user, alert):
		return alert.rule != LEAVING
	return managers.is_manager(user)


def condition(user: str, doctype: str) -> str:
	"""`ReadRule.condition` of the alerts: `sees`, as SQL."""
	days, day = days_of(user), f"`tab{ALERT}`.day"
	concerned = " or ".join(
		names.condition(days, f"ifnull(`tab{ALERT}`.`{field}`, '')", day) for field in CONCERNED
	)
	seen_by_the_concerned = f"({concerned}) and `tab{ALERT}`.rule != {quoted(LEAVING)}"
	if managers.is_manager(user):
		return f"({seen_by_the_concerned}) or not ({concerned})"
	return seen_by_the_concerned


def allows(alert: Document, ptype: str | None, user: str) -> bool:
	"""`ReadRule.allows` of the alerts."""
	return ptype in READING or may_settle(user, alert)


def may_settle(user: str, alert: Document | frappe._dict) -> bool:
	"""Say whether a user may set an alert to Explained or Follow up: a manager, and one that it isn't about."""
	if user == "Administrator":
		return not is_concerned(user, alert) or not settling_managers()
	return user in who_settles(alert)


def reads_note(user: str, alert: Document | frappe._dict) -> bool:
	"""Say whether a user may read what managers noted: managers, as long as it isn't about themselves."""
	return managers.is_manager(user) and (not is_concerned(user, alert) or may_settle(user, alert))


def who_settles(alert: Document | frappe._dict) -> list[str]:
	"""Return the managers whom an alert asks: all but those it is about, or these if there are no others."""
	everybody = settling_managers()
	others = [user for user in everybody if not is_concerned(user, alert)]
	return others or ([] if alert.rule == LEAVING else everybody)


def settling_managers() -> list[str]:
	return sorted(get_users_with_role(SETTLING_ROLE))
