"""What somebody may really see: the role permissions in force, and Frappe's permission engine asked in another user's name.

The engine goes by the session's user and by what it remembers of role permissions and User Permissions within a
request. Both are put aside here and put back, in this request only: no other process notices.
"""

from collections.abc import Iterator
from contextlib import contextmanager
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


def role_permissions(doctypes: list[str], rights: list[str]) -> list[frappe._dict]:
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


def role_holders(roles: set[str]) -> list[RoleHolders]:
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


USER_PERMISSIONS = "user_permissions"
READING = ("read", "select")
#: of a role's permissions, under which somebody may do something with any document, not only own ones
ANY_DOCUMENT = False


@contextmanager
def in_the_eyes_of(user: str) -> Iterator[None]:
	"""Let conditions that ask for the session's user see `user`. The session itself stays whose it is."""
	session_user, user_perms = frappe.session.user, getattr(frappe.local, "user_perms", None)
	frappe.session.user, frappe.local.user_perms = user, None
	try:
		yield
	finally:
		frappe.session.user, frappe.local.user_perms = session_user, user_perms


@contextmanager
def supposing_roles_may_read(user: str, doctype: str) -> Iterator[None]:
	"""Let the engine believe that a role of the user may read all documents of the DocType."""
	remembered = frappe.local.role_permissions
	key = (doctype, user, ANY_DOCUMENT)
	supposed = frappe._dict(frappe.permissions.get_role_permissions(frappe.get_meta(doctype), user=user))
	supposed.update(dict.fromkeys(READING, 1))
	supposed.if_owner = {
		right: value for right, value in supposed.get("if_owner", {}).items() if right not in READING
	}
	frappe.local.role_permissions = {**remembered, key: supposed}
	try:
		yield
	finally:
		frappe.local.role_permissions = remembered


@contextmanager
def supposing_user_permissions(user: str, of_doctypes: set[str] | None) -> Iterator[None]:
	"""Let the engine believe that the user has no other User Permissions than those that allow one of the DocTypes.

	None leaves them as they are.
	"""
	if of_doctypes is None:
		yield
		return
	real = frappe.permissions.get_user_permissions(user)
	with supposing_exactly(user, {allow: rows for allow, rows in real.items() if allow in of_doctypes}):
		yield


@contextmanager
def supposing_exactly(user: str, permissions: dict[str, list]) -> Iterator[None]:
	"""Let the engine believe that these are the User Permissions of the user, as it keeps them: rows by what they allow."""
	remembered = frappe.local.cache.setdefault(frappe.cache.make_key(USER_PERMISSIONS), {})
	before = remembered.get(user)
	remembered[user] = frappe._dict(permissions)
	try:
		yield
	finally:
		remembered.pop(user, None)
		if before is not None:
			remembered[user] = before
