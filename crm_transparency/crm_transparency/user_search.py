"""Search for users in link fields of the app's forms and dialogs.

Frappe's own search filters by `user_type`, a field of permission level 1: some releases of v16 then find nobody for
anyone but System Managers (frappe issues 37850, 42902).
"""

from typing import Any

import frappe
from frappe import STANDARD_USERS, _

from crm_transparency.crm_transparency import requested

DESK_USER = "Desk User"
#: what somebody is looked for, and the DocType that whoever looks has to be able to read; None is for everybody in the Desk
CASES = {
	"colleague": None,
	"evidence": "Evidence Bundle",
	"leaver": "Offboarding",
	"account owner": "Account Transfer",
}
#: where people are looked for who may be disabled by now, or Administrator
WITH_DISABLED = ("evidence", "leaver", "account owner")


@frappe.whitelist(methods=["GET", "POST"])
def search(
	doctype: str,
	txt: str,
	searchfield: str,
	start: int | str,
	page_len: int | str,
	filters: dict | list | str | None = None,
	**_more: Any,
) -> list[list[str]]:
	"""Query of a link field: return the Desk users that match: user, full name, and "Disabled" where they are.

	`filters`: `case`, one of CASES, and `but`, a user to leave out. Raises PermissionError for whoever may not do what the
	case is about.
	"""
	asked = requested.values(filters)
	case, but = asked.get("case", "colleague"), asked.get("but")
	check_may_search(case)
	user = frappe.qb.DocType("User")
	query = frappe.qb.from_(user).select(user.name, user.full_name, user.enabled)
	query = query.where((user.user_type == "System User") & (user.name != str(but)))
	if case not in WITH_DISABLED:
		query = query.where((user.enabled == 1) & user.name.notin(STANDARD_USERS))
	query = query.where(user.name.like(f"%{txt}%") | user.full_name.like(f"%{txt}%"))
	most, first = requested.whole_number(page_len), requested.whole_number(start)
	rows = query.orderby(user.full_name, user.name).limit(most).offset(first).run()
	return [[name, full_name, *([] if enabled else [_("Disabled")])] for name, full_name, enabled in rows]


def check_may_search(case: str) -> None:
	if not isinstance(case, str) or case not in CASES:
		frappe.throw(_("There is no such search for users."))
	frappe.only_for(DESK_USER)
	if CASES[case]:
		frappe.has_permission(CASES[case], "read", throw=True)
