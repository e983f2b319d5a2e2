"""Opening up User Permissions for what is open, and for nothing else.

A User Permission on a company or a territory serves accounting and others as well. So one that applies to all DocTypes
becomes one for each of the other DocTypes that it applied to: there everything stays as it is. One that applies only to
an open DocType goes. (`ignore_user_permissions` on a field would be shorter, but it opens for everybody at once, and
can't open what is closed directly.)
"""

import frappe
from frappe import _
from frappe.model.document import Document

from crm_transparency.openness.opening import changes, closing, words
from crm_transparency.openness.opening.closing import Group
from crm_transparency.openness.opening.exceptions import NotAClosingPermission
from crm_transparency.openness.opening.rows import USER_PERMISSION, Part

OPENED = "User Permissions opened"


def open_up(user: str, allow: str, decision: changes.Decision) -> Document:
	"""Let a person's User Permissions on `allow` close none of the open DocTypes any more; return the change.

	Raises NotAClosingPermission if they don't close any.
	"""
	changes.check(decision)
	group = Group(user, allow)
	with changes.one_at_a_time():
		part, doctypes = loosen(group)
		return changes.keep(
			OPENED,
			[part],
			doctypes,
			decision,
			summary=words.opened_for(user, allow, doctypes),
			about_user=user,
			allow=allow,
		)


def loosen(group: Group) -> tuple[Part, list[str]]:
	"""Change the rows; return what that changed, and which DocTypes are open by it."""
	before = closing.closing_rows(group)
	permissions = [frappe._dict(row) for row in before]
	doctypes = closed_by(permissions)
	if not doctypes:
		frappe.throw(
			_("These User Permissions close nothing that is open (any more)."), exc=NotAClosingPermission
		)
	for permission in permissions:
		if permission.applicable_for in (None, "", *doctypes):
			frappe.delete_doc(
				USER_PERMISSION,
				permission.name,
				force=True,
				ignore_permissions=True,
				delete_permanently=True,
			)
		if not permission.applicable_for:
			keep_for_others(permission, permissions, set(doctypes))
	after = closing.closing_rows(group)
	part = Part(table=USER_PERMISSION, where=group._asdict(), before=before, after=after)
	changes.forget([part])
	return part, doctypes


def closed_by(permissions: list[frappe._dict]) -> list[str]:
	return [
		doctype
		for doctype in sorted(changes.open_doctypes())
		if permissions and closing.closes(permissions, doctype)
	]


def keep_for_others(permission: frappe._dict, permissions: list[frappe._dict], opened: set[str]) -> None:
	"""Write a User Permission for each other DocType that this one applied to."""
	there = {row.applicable_for for row in permissions if row.for_value == permission.for_value}
	for doctype in sorted(closing.applicable_doctypes(permission.allow) - opened - there):
		frappe.get_doc(
			doctype=USER_PERMISSION,
			user=permission.user,
			allow=permission.allow,
			for_value=permission.for_value,
			is_default=permission.is_default,
			hide_descendants=permission.hide_descendants,
			apply_to_all_doctypes=0,
			applicable_for=doctype,
		).insert(ignore_permissions=True)
