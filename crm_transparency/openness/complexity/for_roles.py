"""One restriction for a role, instead of the same User Permissions for each of many people.

The proof: for each tracked DocType and each of the people, what they see with their User Permissions, what they would see
without these but with the restrictions, and what is in both, are the same number of documents.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import NamedTuple

import frappe

from crm_transparency.crm_transparency.asking import (
	in_the_eyes_of,
	supposing_exactly,
	supposing_roles_may_read,
)
from crm_transparency.openness import visibility
from crm_transparency.openness.complexity.user_permissions import Permissions, Simplifying
from crm_transparency.restrictions import role_review
from crm_transparency.restrictions.records import predicate
from crm_transparency.restrictions.register import HIDE_RECORDS, Restriction

FEWEST_PEOPLE = 3


class ForRole(NamedTuple):
	people: tuple[str, ...]
	permissions: Permissions
	#: what would hide the same
	restrictions: tuple[Restriction, ...]
	#: a role that exactly these people hold, None if there is none yet
	role: str | None


def proposals(simplifying: Simplifying, of_people: dict[str, Permissions]) -> list[ForRole]:
	"""Return what a role could have instead of people, proven, for User Permissions that at least three people share."""
	sharing: dict[Permissions, list[str]] = {}
	for user, permissions in of_people.items():
		if permissions:
			sharing.setdefault(permissions, []).append(user)
	found = []
	for permissions, people in sharing.items():
		if len(people) < FEWEST_PEOPLE:
			continue
		restrictions = tuple(proposed(simplifying, permissions))
		if len(restrictions) < len(permissions) * len(people) and all(
			hides_the_same(simplifying, user, permissions, restrictions) for user in people
		):
			found.append(ForRole(tuple(people), permissions, restrictions, role_of_exactly(people)))
	return found


def proposed(simplifying: Simplifying, permissions: Permissions) -> Iterable[Restriction]:
	"""Yield the restrictions that hide what the User Permissions close, one for each field that these go by."""
	for doctype in simplifying.doctypes:
		for allow in sorted({permission.allow for permission in permissions}):
			values = sorted(
				name
				for permission in permissions
				if permission.allow == allow and permission.applicable_for in ("", doctype)
				for name in simplifying.opened(permission)
			)
			for conditions in conditions_hiding(doctype, allow, values) if values else ():
				yield restriction(doctype, conditions)


def conditions_hiding(doctype: str, allow: str, values: list[str]) -> Iterable[tuple]:
	if doctype == allow:
		yield ((doctype, "name", "not in", tuple(values)),)
	is_strict = frappe.get_system_settings("apply_strict_user_permissions")
	for field in frappe.get_meta(doctype).get_link_fields():
		if field.options == allow and not field.ignore_user_permissions:
			others = (doctype, field.fieldname, "not in", tuple(values))
			# without strict User Permissions, a document without a value is open
			yield (others,) if is_strict else (others, (doctype, field.fieldname, "is", "set"))


def restriction(doctype: str, conditions: tuple) -> Restriction:
	key = hashlib.sha256(json.dumps(conditions).encode()).hexdigest()[:16]
	return Restriction(
		name=f"proposed {key}",
		restriction_kind=HIDE_RECORDS,
		document_type=doctype,
		record_filter=conditions,
		fields=(),
		applies_to="Role",
		role=None,
		user=None,
		reason_category="",
		reason="",
		business_owner="",
	)


def hides_the_same(
	simplifying: Simplifying, user: str, permissions: Permissions, restrictions: Iterable[Restriction]
) -> bool:
	today = simplifying.as_engine_keeps_them(permissions)
	for doctype in simplifying.doctypes:
		hidden = [predicate(each, doctype) for each in restrictions]
		condition = " or ".join(f"({sql})" for sql in hidden if sql) or "1 = 0"
		seen_today = visible(user, doctype, today)
		seen_then = visible(user, doctype, {})
		counts = {
			count(doctype, seen_today),
			count(doctype, seen_then, f"({condition}) is not true"),
			count(doctype, seen_today, f"({condition}) is not true"),
		}
		if len(counts) > 1:
			return False
	return True


def visible(user: str, doctype: str, permissions: dict[str, list]) -> str:
	"""Return the engine's query for the names of what a person sees if these are their User Permissions."""
	with in_the_eyes_of(user), supposing_exactly(user, permissions), supposing_roles_may_read(user, doctype):
		query = frappe.get_list(doctype, fields=["name"], order_by=None, limit=0, user=user, run=False)
	return query if isinstance(query, str) else query.get_sql()


def count(doctype: str, names: str, condition: str = "1 = 1") -> int:
	table = f"`tab{doctype}`"
	found = frappe.db.sql(
		f"select count(*) from {table} where {table}.`name` in (select `name` from ({names}) as `seen`) and {condition}"
	)
	return found[0][0]


def role_of_exactly(people: list[str]) -> str | None:
	"""Return a role that these people hold, and nobody else who works in the Desk."""
	rows = frappe.get_all(
		"Has Role",
		filters={"parenttype": "User", "parent": ("in", visibility.desk_users())},
		fields=["role", "parent"],
	)
	holders: dict[str, set[str]] = {}
	for row in rows:
		holders.setdefault(row.role, set()).add(row.parent)
	business = sorted(holders.keys() - role_review.TECHNICAL_ROLES)
	return next((role for role in business if holders[role] == set(people)), None)
