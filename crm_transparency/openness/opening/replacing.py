"""Turning User Permissions into registered restrictions: with a reason, an owner and an end, or else they go.

The restrictions begin as drafts. The business owner fills in the reason, and when all of them are active, the User
Permissions that they replace stop closing. Until then nothing changes, so nothing is open for a moment that mustn't be.
"""

import json
from collections.abc import Iterable

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import now_datetime

from crm_transparency.openness.opening import changes, closing, loosening, words
from crm_transparency.openness.opening.closing import Group
from crm_transparency.openness.opening.exceptions import NotAClosingPermission
from crm_transparency.openness.visibility import RESTRICTION

TO_BECOME_RESTRICTIONS = "User Permissions to become restrictions"
ACTIVE = "Active"


def can_be_replaced() -> bool:
	return bool(frappe.db.exists("DocType", RESTRICTION))


def replace(user: str, allow: str, business_owner: str) -> Document:
	"""Draft the restrictions that say what a person's User Permissions on `allow` close today; return the change.

	Raises NotAClosingPermission if they close nothing that is open, or are about to be replaced already.
	"""
	group = Group(user, allow)
	with changes.one_at_a_time():
		permissions = [frappe._dict(row) for row in closing.closing_rows(group)]
		doctypes = loosening.closed_by(permissions)
		if not doctypes or any(
			Group(each.about_user, each.allow) == group for each in closing.waiting_changes(locked=True)
		):
			frappe.throw(
				_("These User Permissions close nothing that is open, or are about to be replaced already."),
				exc=NotAClosingPermission,
			)
		decision = changes.Decision(
			business_owner=business_owner, reason=_("The restrictions that replace them say why.")
		)
		changes.check(decision)
		drafts = [
			draft(group, doctype, record_filter, business_owner)
			for doctype in doctypes
			for record_filter in hidden_records(group, doctype)
		]
		return changes.keep(
			TO_BECOME_RESTRICTIONS,
			[],
			doctypes,
			decision,
			summary=words.to_become_restrictions(user, allow),
			status=changes.WAITING,
			about_user=user,
			allow=allow,
			restrictions="\n".join(drafts),
		)


def hidden_records(group: Group, doctype: str) -> list[list]:
	"""Return a filter for each way in which the User Permissions close the DocType: what matches it is hidden today."""
	values = allowed_values(group, doctype)
	if group.allow == doctype:
		return [[[doctype, "name", "not in", values]]]
	is_strict = frappe.get_system_settings("apply_strict_user_permissions")
	filters = []
	for field in frappe.get_meta(doctype).get_link_fields():
		if field.options == group.allow and not field.ignore_user_permissions:
			condition = [[doctype, field.fieldname, "not in", values]]
			if not is_strict:  # then a document without a value is open
				condition.append([doctype, field.fieldname, "is", "set"])
			filters.append(condition)
	return filters


def allowed_values(group: Group, doctype: str) -> list[str]:
	"""Return the values that the permission engine allows, with what lies below them in a tree."""
	allowed = frappe.permissions.get_user_permissions(group.user).get(group.allow, ())
	return sorted({row["doc"] for row in allowed if row.get("applicable_for") in (None, "", doctype)})


def draft(group: Group, doctype: str, record_filter: list, business_owner: str) -> str:
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
	# what only the business owner can say is still missing, and is asked for when they save it
	restriction.flags.ignore_validate = True
	return restriction.insert(ignore_permissions=True, ignore_mandatory=True).name


def follow(restriction: Document) -> None:
	"""When the last of the restrictions that replace User Permissions is active, let these go."""
	if restriction.get("status") != ACTIVE:
		return
	for waiting in waiting_for(restriction.name):
		if are_active(set(closing.restrictions_of(waiting)) - {restriction.name}):
			carry_out(waiting.name)


def catch_up() -> None:
	"""Daily: let User Permissions go that wait for nothing any more.

	Two restrictions that are put into force in the same moment don't see each other.
	"""
	for waiting in closing.waiting_changes():
		if are_active(closing.restrictions_of(waiting)):
			carry_out(waiting.name)


def are_active(restrictions: Iterable[str]) -> bool:
	names = list(restrictions)
	return frappe.db.count(RESTRICTION, {"name": ("in", names), "status": ACTIVE}) == len(names)


def carry_out(name: str) -> None:
	with changes.one_at_a_time():
		change = frappe.get_doc(changes.CHANGE, name, for_update=True)
		if change.status != changes.WAITING:
			return
		try:
			part, doctypes = loosening.loosen(Group(change.about_user, change.allow))
		except NotAClosingPermission:
			change.update({"status": changes.DROPPED})
			change.save(ignore_permissions=True)
			return
		change.update(
			{
				"status": changes.APPLIED,
				"applied_on": now_datetime(),
				"state": json.dumps([part]),
				"document_types": [{"document_type": doctype} for doctype in doctypes],
			}
		)
		change.save(ignore_permissions=True)


def drop(restriction: Document) -> None:
	"""When one of the restrictions is deleted, the User Permissions stay."""
	for waiting in waiting_for(restriction.name):
		frappe.db.set_value(changes.CHANGE, waiting.name, "status", changes.DROPPED)


def waiting_for(restriction: str) -> list[frappe._dict]:
	return [each for each in closing.waiting_changes() if restriction in closing.restrictions_of(each)]
