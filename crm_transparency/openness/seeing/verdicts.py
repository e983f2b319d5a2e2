"""Who can't read one document, and by which rule: the permission engine's own steps, asked one by one.

The engine itself says only yes or no. Its steps, in its order, are the hooks of apps, the roles, the User Permissions
and sharing; asked singly, with everything else as it is, they say which one refused.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import frappe
from frappe import _
from frappe.model.document import Document

from crm_transparency.crm_transparency.asking import in_the_eyes_of, supposing_user_permissions
from crm_transparency.crm_transparency.permission_results import IS_V15
from crm_transparency.openness import visibility
from crm_transparency.openness.visibility import (
	BY_APP,
	BY_RESTRICTION,
	BY_USER_PERMISSION,
	NO_ROLE,
	ONLY_OWN,
	RESTRICTION,
	Rule,
)
from crm_transparency.restrictions import records

READ = "read"


def can_read(doc: Document, user: str) -> bool:
	"""Ask the engine, without a message to anybody about its answer."""
	with silently():
		return frappe.has_permission(doc.doctype, READ, doc=doc, user=user)


@contextmanager
def silently() -> Iterator[None]:
	"""Keep what the engine says to the user whom it refuses: the asker is somebody else, or isn't to be told."""
	before, frappe.flags.mute_messages = frappe.flags.mute_messages, True
	try:
		yield
	finally:
		frappe.flags.mute_messages = before


def of(doc: Document) -> dict[str, list[Rule]]:
	"""Return for everybody who works in the Desk which rules keep the document from them: none if they can read it."""
	return {user: rules_against(doc, user) for user in visibility.desk_users()}


def rules_against(doc: Document, user: str) -> list[Rule]:
	"""Return the rules that keep a document from a person; none if they can read it."""
	with in_the_eyes_of(user), silently():
		if can_read(doc, user):
			return []
		rules = by_hooks(doc, user) or by_roles(doc, user) or by_user_permissions(doc, user)
		return rules or [Rule(BY_APP, _("Another app closes this document"), "")]


def by_hooks(doc: Document, user: str) -> list[Rule]:
	"""Return the restriction, or the app's hook, that refuses the document."""
	if frappe.permissions.has_controller_permissions(doc, READ, user=user):
		return []
	if restriction := records.hiding_document(user, doc, READ):
		return [Rule(BY_RESTRICTION, "", RESTRICTION, (restriction.name,))]
	hooks = frappe.get_hooks("has_permission")
	for path in reversed([*hooks.get(doc.doctype, []), *hooks.get("*", [])]):
		answer = frappe.call(path, doc=doc, ptype=READ, user=user, debug=False)
		if not answer and not (IS_V15 and answer is None):
			explanation = _("The app {0} closes this document").format(path.split(".")[0])
			return [Rule(BY_APP, explanation, path)]
	return []


def by_roles(doc: Document, user: str) -> list[Rule]:
	is_owner = (doc.owner or "").lower() == user.lower()
	permissions = frappe.permissions.get_role_permissions(doc.meta, user=user, is_owner=is_owner)
	if not permissions.get(READ):
		return [Rule(NO_ROLE, "", doc.doctype)]
	own = permissions.get("if_owner") or {} if permissions.get("has_if_owner_enabled") else {}
	return [] if own.get(READ, True) else [Rule(ONLY_OWN, "", doc.doctype)]


def by_user_permissions(doc: Document, user: str) -> list[Rule]:
	"""Return those User Permissions that alone would keep the document from the person, one rule a DocType they allow."""
	found = []
	for allow in frappe.permissions.get_user_permissions(user):
		with supposing_user_permissions(user, {allow}):
			if not frappe.permissions.has_user_permission(doc, user):
				found.append(visibility.user_permission_rule(user, doc.doctype, allow))
	return [rule for rule in found if rule.kind == BY_USER_PERMISSION]
