"""Who may know about ringers: whoever has the role Ringer Manager, and Administrator. No other role, System Manager neither.

Roles open these DocTypes to Ringer Managers only, and the hooks here close them to everybody else, whatever rules, shares
or roles somebody adds. What SQL finds behind all that is encrypted: see `sealed_document`.
"""

import sys

import frappe
from frappe import _
from frappe.model.document import Document

from crm_transparency.crm_transparency.permission_results import pass_on
from crm_transparency.ringers.exceptions import RingersAreClosed

ROLE = "Ringer Manager"
NOTHING = "1 = 0"


def may_know(user: str | None = None) -> bool:
	user = user or frappe.session.user
	return user == "Administrator" or ROLE in frappe.get_roles(user)


def ask_may_know() -> None:
	"""Refuse whoever may not know, in words that say nothing about what there is."""
	if not may_read_in_clear():
		frappe.throw(_("Only a Ringer Manager can do this."), exc=frappe.PermissionError)


def may_read_in_clear() -> bool:
	"""Say whether the session reads what is encrypted.

	Server Scripts and templates don't, whoever they run as: a Notification's template that a System Manager wrote is
	filled in by the scheduler as Administrator.
	"""
	return may_know() and not is_script_at_work()


def refuse_scripts() -> None:
	"""Refuse to write for Server Scripts and templates: they'd get fingerprints of what they ask for, and compare them."""
	if is_script_at_work():
		frappe.throw(_("Only a Ringer Manager can do this."), exc=RingersAreClosed)


def is_script_at_work() -> bool:
	return bool(frappe.flags.in_safe_exec) or is_template_at_work()


def refuse_while_recorded() -> None:
	"""Frappe's Recorder keeps every statement of a request, for System Managers to read."""
	if getattr(frappe.local, "_recorder", None):
		frappe.throw(
			_(
				"Somebody is recording requests with Frappe's Recorder, where everything about ringers would stand "
				"in clear. Please come back when it's stopped."
			),
			exc=RingersAreClosed,
		)


def is_template_at_work() -> bool:
	frame = sys._getframe()
	while frame:
		if frame.f_globals.get("__name__", "").startswith("jinja2."):
			return True
		frame = frame.f_back
	return False


def query_condition(user: str | None = None) -> str:
	"""`permission_query_conditions` of everything in this room that only Ringer Managers read."""
	return "" if may_know(user) else NOTHING


def has_permission(doc: Document, ptype: str | None = None, user: str | None = None) -> bool | None:
	"""`has_permission` of everything in this room that only Ringer Managers read."""
	return pass_on() if may_know(user) else False


def ringer_managers() -> list[str]:
	"""Return the enabled users who have the role."""
	users = frappe.get_all("Has Role", filters={"role": ROLE, "parenttype": "User"}, pluck="parent")
	if not users:
		return []
	return sorted(frappe.get_all("User", filters={"name": ("in", users), "enabled": 1}, pluck="name"))
