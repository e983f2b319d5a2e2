"""Who may know about ringers: whoever has the role Ringer Manager, and Administrator. No other role, System Manager neither.

Roles open these DocTypes to Ringer Managers only, and the hooks here close them to everybody else, whatever rules, shares
or roles somebody adds. What SQL finds behind all that is encrypted: see `sealed_document`.
"""

import frappe
from frappe import _
from frappe.model.document import Document

from crm_transparency.crm_transparency.permission_results import pass_on

ROLE = "Ringer Manager"
NOTHING = "1 = 0"


def may_know(user: str | None = None) -> bool:
	user = user or frappe.session.user
	return user == "Administrator" or ROLE in frappe.get_roles(user)


def ask_may_know() -> None:
	"""Refuse whoever may not know, in words that say nothing about what there is."""
	if not may_know():
		frappe.throw(_("Only a Ringer Manager can do this."), exc=frappe.PermissionError)


def may_read_in_clear() -> bool:
	"""Say whether documents are decrypted when the session loads them: not for Server Scripts, whoever they run as."""
	return may_know() and not frappe.flags.in_safe_exec


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
