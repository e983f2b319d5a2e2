"""The role permissions in force on this site, and how many people hold each role."""

from typing import TypedDict

import frappe
from frappe.query_builder.functions import Count

DOCUMENTS_LEVEL = 0
# Administrator may do everything, whatever the rules say
LEFT_OUT_ROLES = ("Administrator",)
# Frappe gives these to people without writing it down
EVERYBODYS_ROLES = {"All": {}, "Guest": {}, "Desk User": {"user_type": "System User"}}


class RoleHolders(TypedDict):
	role: str
	#: enabled ones
	users: int


def in_force(doctypes: list[str], rights: list[str]) -> list[frappe._dict]:
	"""Return the rows of rules in force: the site's own for DocTypes that it has some for, or else the standard ones.

	Each has `parent` (the DocType), `role`, `if_owner` and the rights asked for.
	"""
	fields = ["parent", "role", "if_owner", *rights]
	filters = {"parent": ("in", doctypes), "permlevel": DOCUMENTS_LEVEL, "role": ("not in", LEFT_OUT_ROLES)}
	customized = set(
		frappe.get_all("Custom DocPerm", filters={"parent": ("in", doctypes)}, pluck="parent", distinct=True)
	)
	own = frappe.get_all("Custom DocPerm", filters=filters, fields=fields)
	standard = frappe.get_all("DocPerm", filters=filters, fields=fields)
	return [*own, *(row for row in standard if row.parent not in customized)]


def holders(roles: set[str]) -> list[RoleHolders]:
	"""Return how many enabled users hold each role; roles that nobody holds come last."""
	user, has_role = frappe.qb.DocType("User"), frappe.qb.DocType("Has Role")
	counts = dict(
		frappe.qb.from_(has_role)
		.join(user)
		.on((user.name == has_role.parent) & (has_role.parenttype == "User"))
		.where((user.enabled == 1) & (user.name != "Administrator") & has_role.role.isin(sorted(roles)))
		.groupby(has_role.role)
		.select(has_role.role, Count(has_role.parent).distinct())
		.run()
		if roles
		else ()
	)
	for role, filters in EVERYBODYS_ROLES.items():
		if role in roles:
			counts[role] = frappe.db.count(
				"User", {"enabled": 1, "name": ("not in", frappe.STANDARD_USERS), **filters}
			)
	held = [RoleHolders(role=role, users=counts.get(role, 0)) for role in sorted(roles)]
	return sorted(held, key=lambda each: not each["users"])
