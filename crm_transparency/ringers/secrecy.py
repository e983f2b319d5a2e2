"""Who may know about ringers: whoever has the role Ringer Manager, and Administrator. No other role, System Manager neither.

Roles open these DocTypes to Ringer Managers only, and the hooks here close them to everybody else, whatever rules, shares
or roles somebody adds. What SQL finds behind all that is encrypted: see `sealed_document`.
"""

import sys

import frappe
from frappe import _

from crm_transparency.crm_transparency.permissions import EVERYBODY, NOBODY, ReadRule
from crm_transparency.ringers.exceptions import RingersAreClosed

ROLE = "Ringer Manager"
HELD_BY_A_SCRIPT = "crm_transparency_ringers_held_by_a_script"
#: what every script that Frappe runs has among its globals, and no module
OF_RESTRICTED_PYTHON = "_getattr_"


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
	return may_know() and not is_for_a_script()


def refuse_scripts() -> None:
	"""Refuse to write for Server Scripts and templates: they'd get fingerprints of what they ask for, and compare them."""
	if is_for_a_script():
		frappe.throw(_("Only a Ringer Manager can do this."), exc=RingersAreClosed)


def note_who_asks() -> None:
	"""Remember for the rest of a request or job that a script got hold of a document.

	It could have it loaded again, or saved, when it's over: `frappe.db.after_commit` takes functions from scripts.
	"""
	if is_script_at_work():
		setattr(frappe.local, HELD_BY_A_SCRIPT, True)


def is_for_a_script() -> bool:
	return getattr(frappe.local, HELD_BY_A_SCRIPT, False) or is_script_at_work()


def is_script_at_work() -> bool:
	"""Say whether a Server Script, a function that one defined, or a template is among the callers."""
	if frappe.flags.in_safe_exec:
		return True
	frame = sys._getframe()
	while frame:
		known = frame.f_globals
		if OF_RESTRICTED_PYTHON in known or known.get("__name__", "").startswith("jinja2."):
			return True
		frame = frame.f_back
	return False


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


def condition(user: str, doctype: str) -> str:
	"""`ReadRule.condition` of everything in this room that only Ringer Managers read.

	Reports such as *Permitted Documents For User* list for one user what another asks for: both have to be allowed.
	"""
	return EVERYBODY if may_know(user) and may_know() else NOBODY


READ_RULE = ReadRule(condition, linked_records=False)


def ringer_managers() -> list[str]:
	"""Return the enabled users who have the role."""
	users = frappe.get_all("Has Role", filters={"role": ROLE, "parenttype": "User"}, pluck="parent")
	if not users:
		return []
	return sorted(frappe.get_all("User", filters={"name": ("in", users), "enabled": 1}, pluck="name"))
