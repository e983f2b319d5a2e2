"""User Permissions that hide what is open: whose they are, what they hide, lifting them, and replacing them.

A User Permission on a company or a territory serves accounting and others as well. So lifting one changes it for open
DocTypes only: one that applies to all DocTypes becomes one for each other DocType that it applied to, and one that
applies only to an open DocType goes. (`ignore_user_permissions` on a field would be shorter, but works for everybody at
once, and not for documents that are hidden directly.)

They can also be replaced by registered restrictions, with a reason, an owner and an end. These begin as drafts, and only
when all of them are active are the User Permissions lifted: what has to stay hidden is never open in between.
"""

import json
from collections.abc import Iterable
from typing import NamedTuple, TypedDict

import frappe
from frappe import _
from frappe.desk.form.linked_with import get_linked_doctypes
from frappe.model.document import Document
from frappe.utils import get_fullname, now_datetime

from crm_transparency.openness import open_doctypes, openness_changes, permission_rows, visibility
from crm_transparency.openness.exceptions import NothingToLift
from crm_transparency.openness.limiting_rules import RESTRICTION, limiting_doctypes
from crm_transparency.openness.open_doctypes import APPLIED, CHANGE
from crm_transparency.openness.openness_changes import CANCELED, PENDING, Decision, listed
from crm_transparency.openness.permission_rows import USER_PERMISSION, Part

LIFTED = "User Permissions lifted"
REPLACED = "User Permissions replaced by restrictions"
ACTIVE = "Active"
EVERY_DOCTYPE = (None, "")


class Hides(TypedDict):
	doctype: str
	#: how many documents these User Permissions hide, whatever else hides them too
	hidden: int
	total: int


class Limit(TypedDict):
	"""All User Permissions of a person for documents of one DocType.

	They belong together: taking one of several away hides more, and only taking all opens.
	"""

	user: str
	full_name: str
	allow: str
	values: list[str]
	hides: list[Hides]
	#: to how many other DocTypes they apply, such as those of accounting
	others: int
	#: the restrictions that will replace them once all of these are active
	waits_for: list[str]


class Group(NamedTuple):
	user: str
	allow: str


def limits(doctypes: list[str]) -> list[Limit]:
	"""Return the User Permissions that hide documents of the DocTypes from somebody, with Frappe's own counts."""
	counting = visibility.Counting(like_lists=True)
	people = set(visibility.desk_users())
	pending = {(each.about_user, each.allow): each for each in pending_changes()}
	found = []
	for group, permissions in groups().items():
		hidden = [doctype for doctype in doctypes if apply_to(permissions, doctype)]
		if group.user not in people or not hidden:
			continue
		found.append(
			Limit(
				user=group.user,
				full_name=get_fullname(group.user),
				allow=group.allow,
				values=sorted({row.for_value for row in permissions}),
				hides=[hides(counting, group, doctype) for doctype in hidden],
				others=len(other_doctypes(group.allow, permissions) - set(doctypes)),
				waits_for=restrictions_of(pending.get(group)),
			)
		)
	return sorted(found, key=lambda limit: -sum(each["hidden"] for each in limit["hides"]))


def groups() -> dict[Group, list[frappe._dict]]:
	"""Return all User Permissions, by whose they are and what they allow."""
	found: dict[Group, list] = {}
	for row in frappe.get_all(USER_PERMISSION, fields=["*"], order_by="user, allow, for_value"):
		found.setdefault(Group(row.user, row.allow), []).append(row)
	return found


def apply_to(permissions: list[frappe._dict], doctype: str) -> bool:
	"""Return whether the User Permissions of a group hide documents of `doctype`."""
	return (
		bool(permissions)
		and permissions[0].allow in limiting_doctypes(doctype)
		and any(row.applicable_for in (*EVERY_DOCTYPE, doctype) for row in permissions)
	)


def hides(counting: visibility.Counting, group: Group, doctype: str) -> Hides:
	seen = counting.seen(group.user, doctype, if_roles_may_read=True, with_user_permissions_of={group.allow})
	return Hides(doctype=doctype, hidden=seen.hidden, total=seen.total)


def other_doctypes(allow: str, permissions: list[frappe._dict]) -> set[str]:
	"""Return the DocTypes that the User Permissions apply to."""
	named = {row.applicable_for for row in permissions if row.applicable_for}
	if any(not row.applicable_for for row in permissions):
		named |= applicable_doctypes(allow)
	return named


def applicable_doctypes(allow: str) -> set[str]:
	"""Return what a User Permission for all DocTypes applies to: the DocType itself, and whatever links to it.

	Child tables are among them: suggestions within their rows follow these, too.
	"""
	linked = get_linked_doctypes(allow, without_ignore_user_permissions_enabled=True)
	children = {each["child_doctype"] for each in linked.values() if each.get("child_doctype")}
	return {allow, *linked, *children}


def lift(user: str, allow: str, decision: Decision) -> Document:
	"""Let a person's User Permissions on `allow` hide nothing that is open; return the change.

	Raises NothingToLift if they hide nothing open.
	"""
	openness_changes.check_decision(decision)
	openness_changes.lock()
	part, doctypes = change_rows(Group(user, allow))
	return openness_changes.record(
		LIFTED,
		[part],
		doctypes,
		decision,
		summary=_("User Permissions of {0} on {1} no longer apply to {2}").format(
			get_fullname(user), _(allow), listed(doctypes)
		),
		about_user=user,
		allow=allow,
	)


def change_rows(group: Group) -> tuple[Part, list[str]]:
	"""Lift the User Permissions of a group; return what that changed, and for which DocTypes."""
	before = read_rows(group)
	permissions = [frappe._dict(row) for row in before]
	doctypes = hidden_by(permissions)
	if not doctypes:
		frappe.throw(_("These User Permissions don't hide anything that is open."), exc=NothingToLift)
	for permission in permissions:
		if permission.applicable_for in (*EVERY_DOCTYPE, *doctypes):
			frappe.delete_doc(
				USER_PERMISSION, permission.name, force=True, ignore_permissions=True, delete_permanently=True
			)
		if not permission.applicable_for:
			keep_for_others(permission, permissions, set(doctypes))
	part = Part(table=USER_PERMISSION, where=group._asdict(), before=before, after=read_rows(group))
	openness_changes.clear_caches([part])
	return part, doctypes


def read_rows(group: Group) -> list[permission_rows.Row]:
	return permission_rows.read(USER_PERMISSION, group._asdict())


def hidden_by(permissions: list[frappe._dict]) -> list[str]:
	return [doctype for doctype in sorted(open_doctypes.current()) if apply_to(permissions, doctype)]


def keep_for_others(permission: frappe._dict, permissions: list[frappe._dict], opened: set[str]) -> None:
	"""Insert a User Permission for each other DocType that this one applied to."""
	existing = {row.applicable_for for row in permissions if row.for_value == permission.for_value}
	for doctype in sorted(applicable_doctypes(permission.allow) - opened - existing):
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


def replace(user: str, allow: str, business_owner: str) -> Document:
	"""Draft restrictions that hide what a person's User Permissions on `allow` hide; return the pending change.

	Raises NothingToLift if they hide nothing open, or are about to be replaced already.
	"""
	group = Group(user, allow)
	openness_changes.lock()
	doctypes = hidden_by([frappe._dict(row) for row in read_rows(group)])
	pending = {Group(each.about_user, each.allow) for each in pending_changes(locked=True)}
	if not doctypes or group in pending:
		frappe.throw(
			_("These User Permissions don't hide anything that is open, or are already being replaced."),
			exc=NothingToLift,
		)
	decision = Decision(business_owner=business_owner, reason=_("See the restrictions that replace them."))
	openness_changes.check_decision(decision)
	drafts = [
		draft_restriction(group, doctype, record_filter, business_owner)
		for doctype in doctypes
		for record_filter in hiding_filters(doctype, allow, allowed_values(group, doctype))
	]
	return openness_changes.record(
		REPLACED,
		[],
		doctypes,
		decision,
		summary=_("User Permissions of {0} on {1} are lifted when the restrictions are active").format(
			get_fullname(user), _(allow)
		),
		status=PENDING,
		about_user=user,
		allow=allow,
		restrictions="\n".join(drafts),
	)


def hiding_filters(doctype: str, allow: str, values: list[str]) -> list[list[list]]:
	"""Return a filter for each way in which User Permissions hide the DocType: what matches any of them is hidden.

	`values`: the documents of `allow` that are permitted, with those below them in a tree.
	"""
	filters = [[[doctype, "name", "not in", values]]] if allow == doctype else []
	is_strict = frappe.get_system_settings("apply_strict_user_permissions")
	for field in frappe.get_meta(doctype).get_link_fields():
		if field.options == allow and not field.ignore_user_permissions:
			condition = [[doctype, field.fieldname, "not in", values]]
			if not is_strict:  # then documents without a value aren't hidden
				condition.append([doctype, field.fieldname, "is", "set"])
			filters.append(condition)
	return filters


def allowed_values(group: Group, doctype: str) -> list[str]:
	"""Return the values that Frappe permits, with what lies below them in a tree."""
	allowed = frappe.permissions.get_user_permissions(group.user).get(group.allow, ())
	return sorted({row["doc"] for row in allowed if row.get("applicable_for") in (*EVERY_DOCTYPE, doctype)})


def draft_restriction(group: Group, doctype: str, record_filter: list, business_owner: str) -> str:
	restriction = frappe.new_doc(RESTRICTION)
	restriction.update(
		{
			"applies_to": "User",
			"user": group.user,
			"document_type": doctype,
			"restriction_kind": "Hide Records",
			"record_filter": json.dumps(record_filter),
			"business_owner": business_owner,
			"status": "Draft",
		}
	)
	# what only the business owner can say is missing still, and required when they save it
	restriction.flags.ignore_validate = True
	return restriction.insert(ignore_permissions=True, ignore_mandatory=True).name


def pending_changes(locked: bool = False) -> list[frappe._dict]:
	"""Return the changes that wait for restrictions; `locked` also finds what others committed meanwhile."""
	change = frappe.qb.DocType(CHANGE)
	query = (
		frappe.qb.from_(change)
		.where(change.status == PENDING)
		.select(change.name, change.about_user, change.allow, change.restrictions)
	)
	return (query.for_update() if locked else query).run(as_dict=True)


def restrictions_of(change: frappe._dict | Document | None) -> list[str]:
	return (change.restrictions or "").split() if change else []


def lift_replaced(restriction: Document | None = None, method: str | None = None) -> None:
	"""Lift the User Permissions whose restrictions are all active. Daily, and `doc_events` of Access Restriction.

	The daily job finds those whose last two restrictions were activated by two people in the same moment.
	"""
	saved = {restriction.name} if restriction and restriction.get("status") == ACTIVE else set()
	if restriction and not saved:
		return
	for pending in pending_changes():
		names = restrictions_of(pending)
		if saved <= set(names) and are_active(set(names) - saved):
			finish(pending.name)


def are_active(names: Iterable[str]) -> bool:
	names = list(names)
	return frappe.db.count(RESTRICTION, {"name": ("in", names), "status": ACTIVE}) == len(names)


def finish(name: str) -> None:
	openness_changes.lock()
	change = frappe.get_doc(CHANGE, name, for_update=True)
	if change.status != PENDING:
		return
	try:
		part, doctypes = change_rows(Group(change.about_user, change.allow))
	except NothingToLift:
		change.update({"status": CANCELED})
	else:
		change.update(
			{
				"status": APPLIED,
				"applied_on": now_datetime(),
				"state": json.dumps([part]),
				"document_types": [{"document_type": doctype} for doctype in doctypes],
			}
		)
	change.save(ignore_permissions=True)


def cancel_replacing(restriction: Document, method: str | None = None) -> None:
	"""`on_trash` of Access Restriction: the User Permissions stay."""
	for pending in pending_changes():
		if restriction.name in restrictions_of(pending):
			frappe.db.set_value(CHANGE, pending.name, "status", CANCELED)
