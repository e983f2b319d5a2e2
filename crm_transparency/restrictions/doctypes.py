"""Hide DocType: nothing of a whole DocType for a person.

The documents, and the records beside them, are hidden as others are (`records`). Beyond that the person's roles give
them no rights to the DocType, so that it is in no menu, no search and no list of what could be created.
"""

from collections.abc import Callable

import frappe

from crm_transparency.restrictions import explanation
from crm_transparency.restrictions.records import hiding_doctype
from crm_transparency.restrictions.register import HIDE_DOCTYPE, Restriction, in_force


def without_rights(get_role_permissions: Callable) -> Callable:
	"""Stand in `frappe.permissions.get_role_permissions`."""

	def role_permissions(doctype_meta, user=None, *args, **kwargs):
		rights = get_role_permissions(doctype_meta, user, *args, **kwargs)
		doctype = doctype_meta if isinstance(doctype_meta, str) else doctype_meta.name
		if not hiding_doctype(user or frappe.session.user, doctype):
			return rights
		none = {right: 0 for right, value in rights.items() if not isinstance(value, dict)}
		return frappe._dict(none, if_owner={})

	return role_permissions


def without_hidden_doctypes(build_permissions: Callable) -> Callable:
	"""Stand in `UserPermissions.build_permissions`, which makes the lists of what the Desk offers to a user."""

	def built(user, *args, **kwargs):
		build_permissions(user, *args, **kwargs)
		hidden = {rule.document_type for rule in in_force(user.name) if rule.restriction_kind == HIDE_DOCTYPE}
		if not hidden:
			return
		for attribute, value in vars(user).items():
			if isinstance(value, list) and attribute not in ("roles", "defaults", "allow_modules"):
				setattr(user, attribute, [item for item in value if item not in hidden])

	return built


def explained(has_permission: Callable) -> Callable:
	"""Stand in `frappe.permissions.has_permission`: where it tells a user that it refused, tell why."""

	def checked(doctype, ptype="read", doc=None, user=None, *args, **kwargs):
		user = user or frappe.session.user
		if not in_force(user):
			return has_permission(doctype, ptype, doc, user, *args, **kwargs)
		# checks are nested: what an inner one meets is not what the outer one has met
		before = explanation.noted()
		explanation.note(None)
		is_allowed = has_permission(doctype, ptype, doc, user, *args, **kwargs)
		met = None if is_allowed else explanation.noted() or _hiding_doctype(user, doctype)
		explanation.note(before)
		if met and tells(user, args, kwargs):
			explanation.show(met)
		return is_allowed

	return checked


def _hiding_doctype(user: str, doctype: object) -> Restriction | None:
	return hiding_doctype(user, doctype if isinstance(doctype, str) else doctype.doctype)


def tells(user: str, args: tuple, kwargs: dict) -> bool:
	"""Say whether a permission check shows its reasons to the reader: they ask about themselves, and not silently."""
	is_silent = kwargs.get("print_logs", kwargs.get("raise_exception", True)) is False or False in args[:1]
	return user == frappe.session.user and not is_silent


def explained_by_query(raise_permission_error: Callable) -> Callable:
	"""Stand in `Engine._raise_permission_error` of v16, whose own permission checks are silent."""

	def raised(engine, *args, **kwargs):
		if met := hiding_doctype(engine.user, (*args, *kwargs.values(), engine.doctype)[0] or engine.doctype):
			explanation.show(met)
		return raise_permission_error(engine, *args, **kwargs)

	return raised
