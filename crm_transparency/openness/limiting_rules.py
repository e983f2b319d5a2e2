"""The rules that keep documents from a person: all that limit their lists, and those that hide one document.

They are read off Frappe's permission engine. It only answers yes or no; its steps, in its order, are apps' hooks, roles,
User Permissions and sharing, and asked one at a time they tell which of them refused.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import frappe
from frappe import _
from frappe.model.document import Document

from crm_transparency.crm_transparency.effective_permissions import (
	READING,
	in_the_eyes_of,
	supposing_user_permissions,
)
from crm_transparency.crm_transparency.permissions import IS_V15
from crm_transparency.restrictions import records

RESTRICTION = "Access Restriction"
USER_PERMISSION = "User Permission"
OUR_FUNCTIONS = "crm_transparency."

NO_ROLE = "No role may read"
ONLY_OWN = "Own documents only"
ONLY_SHARED = "Shared documents only"
BY_USER_PERMISSION = "User Permission"
BY_APP = "Condition of an app"
BY_SERVER_SCRIPT = "Server script"
BY_RESTRICTION = "Restriction"


class Rule(NamedTuple):
	"""One thing that keeps documents of a DocType from a person."""

	#: one of the constants above
	kind: str
	#: what it is defined in: the DocType that a User Permission allows, the app's function, …
	source: str
	#: names of the documents behind it: User Permissions, an Access Restriction, a Server Script
	documents: tuple[str, ...] = ()
	#: a sentence about an app or a Server Script; about other kinds see `rule_texts`
	explanation: str = ""


def limiting(user: str, doctype: str) -> list[Rule]:
	"""Return what keeps documents of the DocType from the user; nothing if the user can read all of them.

	A rule is returned whether or not it hides a document at the moment.
	"""
	if user == "Administrator":
		return []
	with in_the_eyes_of(user):
		return [
			*role_rules(user, doctype),
			*conditions_of_apps(user, doctype),
			*conditions_of_server_scripts(user, doctype),
			*(
				Rule(BY_RESTRICTION, RESTRICTION, (restriction.name,))
				for restriction in records.predicates(user, doctype)
			),
		]


def role_rules(user: str, doctype: str) -> list[Rule]:
	"""Return the rule of the roles, or else the User Permissions: Frappe doesn't apply these to one's own documents."""
	if not role_may_read(user, doctype):
		return [Rule(ONLY_SHARED if frappe.share.get_shared(doctype, user) else NO_ROLE, doctype)]
	if reads_only_own(user, doctype):
		return [Rule(ONLY_OWN, doctype)]
	return user_permission_rules(user, doctype)


def role_may_read(user: str, doctype: str) -> bool:
	"""Return whether a role of the user may read documents of the DocType, even if only their own."""
	return bool(role_permissions(user, doctype).get("read"))


def role_permissions(user: str, doctype: str) -> frappe._dict:
	return frappe.permissions.get_role_permissions(frappe.get_meta(doctype), user=user)


def reads_only_own(user: str, doctype: str) -> bool:
	permissions = role_permissions(user, doctype)
	if not permissions.get("has_if_owner_enabled"):
		return False
	own = permissions.get("if_owner") or {}
	return bool(own) and all(right in own for right in READING if permissions.get(right))


def user_permission_rules(user: str, doctype: str) -> list[Rule]:
	"""Return the User Permissions that limit the DocType, one rule for all that allow the same DocType.

	Together they say which values are permitted: taking away one of several hides more, not less.
	"""
	permissions = frappe.permissions.get_user_permissions(user)
	return [
		user_permission_rule(user, doctype, allow)
		for allow in limiting_doctypes(doctype)
		if any(applies_to(row, doctype) for row in permissions.get(allow, ()))
	]


def limiting_doctypes(doctype: str) -> list[str]:
	"""Return the DocTypes whose User Permissions limit this one: itself, and those it links to."""
	links = frappe.get_meta(doctype).get_link_fields()
	linked = [field.options for field in links if not field.ignore_user_permissions]
	return list(dict.fromkeys([doctype, *linked]))


def applies_to(permission: dict, doctype: str) -> bool:
	return permission.get("applicable_for") in (None, "", doctype)


def user_permission_rule(user: str, doctype: str, allow: str) -> Rule:
	rows = frappe.get_all(
		USER_PERMISSION,
		filters={"user": user, "allow": allow},
		fields=["name", "applicable_for"],
		order_by="for_value",
	)
	return Rule(BY_USER_PERMISSION, allow, tuple(row.name for row in rows if applies_to(row, doctype)))


def conditions_of_apps(user: str, doctype: str) -> list[Rule]:
	"""Return the conditions that apps put on the user's lists, without those of restrictions."""
	hooks = frappe.get_hooks("permission_query_conditions", {})
	of_all = [path for path in hooks.get("*", []) if not path.startswith(OUR_FUNCTIONS)]
	return [
		Rule(
			BY_APP,
			path,
			explanation=_("The app {0} hides some documents of type {1}.").format(app_of(path), _(doctype)),
		)
		for path in dict.fromkeys([*hooks.get(doctype, []), *of_all])
		if frappe.call(frappe.get_attr(path), user, doctype=doctype)
	]


def app_of(path: str) -> str:
	return path.partition(".")[0]


def conditions_of_server_scripts(user: str, doctype: str) -> list[Rule]:
	from frappe.core.doctype.server_script.server_script_utils import get_server_script_map

	name = get_server_script_map().get("permission_query", {}).get(doctype)
	if not name or not frappe.get_doc("Server Script", name).get_permission_query_conditions(user):
		return []
	explanation = _("The Server Script {0} hides some documents of type {1}.").format(name, _(doctype))
	return [Rule(BY_SERVER_SCRIPT, "Server Script", (name,), explanation)]


def can_read(doc: Document, user: str) -> bool:
	"""Return what Frappe answers, without a message to anybody about it."""
	with muted():
		return frappe.has_permission(doc.doctype, "read", doc=doc, user=user)


@contextmanager
def muted() -> Iterator[None]:
	"""Keep back what Frappe says to the user whom it refuses: the one who asks is somebody else, or must not know."""
	before, frappe.flags.mute_messages = frappe.flags.mute_messages, True
	try:
		yield
	finally:
		frappe.flags.mute_messages = before


def hiding_document(doc: Document, user: str) -> list[Rule]:
	"""Return the rules that keep a document from a person; none if they can read it."""
	with in_the_eyes_of(user), muted():
		if can_read(doc, user):
			return []
		for check in (refusing_hooks, refusing_roles, refusing_user_permissions):
			if rules := check(doc, user):
				return rules
		return [Rule(BY_APP, "", explanation=_("Another app hides this document"))]


def refusing_hooks(doc: Document, user: str) -> list[Rule]:
	"""Return the restriction, or the app's hook, that refuses the document."""
	if frappe.permissions.has_controller_permissions(doc, "read", user=user):
		return []
	if restriction := records.hiding_document(user, doc):
		return [Rule(BY_RESTRICTION, RESTRICTION, (restriction.name,))]
	for path in reversed(permission_hooks(doc.doctype)):
		answer = frappe.call(path, doc=doc, ptype="read", user=user, debug=False)
		if not answer and not (IS_V15 and answer is None):
			explanation = _("The app {0} hides this document").format(app_of(path))
			return [Rule(BY_APP, path, explanation=explanation)]
	return []


def permission_hooks(doctype: str) -> list[str]:
	hooks = frappe.get_hooks("has_permission", {})
	return list(dict.fromkeys([*hooks.get(doctype, []), *hooks.get("*", [])]))


def refusing_roles(doc: Document, user: str) -> list[Rule]:
	is_owner = (doc.owner or "").lower() == user.lower()
	permissions = frappe.permissions.get_role_permissions(doc.meta, user=user, is_owner=is_owner)
	if not permissions.get("read"):
		return [Rule(NO_ROLE, doc.doctype)]
	own = permissions.get("if_owner") or {} if permissions.get("has_if_owner_enabled") else {}
	return [] if own.get("read", True) else [Rule(ONLY_OWN, doc.doctype)]


def refusing_user_permissions(doc: Document, user: str) -> list[Rule]:
	"""Return the User Permissions that alone would hide the document, one rule for each DocType they allow."""
	found = []
	for allow in frappe.permissions.get_user_permissions(user):
		with supposing_user_permissions(user, {allow}):
			if not frappe.permissions.has_user_permission(doc, user):
				found.append(user_permission_rule(user, doc.doctype, allow))
	return found


def limiting_when_opened(user: str, doctype: str) -> list[Rule]:
	"""Return what doesn't limit lists and applies when a document is opened: apps' hooks, and links in child tables."""
	found = [
		Rule(
			BY_APP,
			path,
			explanation=_("The app {0} decides for each document when it is opened").format(app_of(path)),
		)
		for path in permission_hooks(doctype)
		if not path.startswith(OUR_FUNCTIONS)
	]
	permissions = frappe.permissions.get_user_permissions(user)
	in_lists = limiting_doctypes(doctype)
	for table in frappe.get_meta(doctype).get_table_fields():
		for field in frappe.get_meta(table.options).get_link_fields():
			applies = any(applies_to(row, doctype) for row in permissions.get(field.options, ()))
			if applies and not field.ignore_user_permissions and field.options not in in_lists:
				found.append(user_permission_rule(user, doctype, field.options))
	return list({(rule.kind, rule.source): rule for rule in found}.values())
