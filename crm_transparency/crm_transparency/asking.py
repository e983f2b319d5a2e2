"""Asking Frappe's permission engine what somebody else would see, without becoming that person for good.

The engine goes by the session's user and by what it remembers of role permissions and User Permissions within a
request. Both are put aside here and put back, in this request only: no other process notices.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import frappe

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
