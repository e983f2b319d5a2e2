"""Restrictions that could go because others hide the same, and restrictions of a role in place of User Permissions."""

import hashlib
import json
from collections.abc import Iterable
from typing import NamedTuple

import frappe
from frappe.query_builder.functions import Count

from crm_transparency.crm_transparency.effective_permissions import (
	in_the_eyes_of,
	supposing_exactly,
	supposing_roles_may_read,
)
from crm_transparency.crm_transparency.permissions import Condition
from crm_transparency.openness import visibility
from crm_transparency.openness.limiting_user_permissions import hiding_filters
from crm_transparency.openness.simpler_user_permissions import Permissions, Simplifier
from crm_transparency.restrictions import register, role_review
from crm_transparency.restrictions.filters import as_sql
from crm_transparency.restrictions.records import predicate
from crm_transparency.restrictions.register import HIDE_DOCTYPE, HIDE_FIELDS, HIDE_RECORDS, Restriction

FEWEST_PEOPLE = 3
NOTHING = "1 = 0"


class Redundant(NamedTuple):
	restriction: Restriction
	#: what hides the same and perhaps more; None if the restriction hides nothing from anybody
	within: Restriction | None


def redundant() -> list[Redundant]:
	"""Return the restrictions that could go, each with one that stays and hides what it hides.

	What depends on hidden records is hidden with them, so it is enough to compare the records of the DocType itself.
	"""
	staying = register.all_in_force()
	people = {each.name: people_of(each) for each in staying}
	found = []
	for each in list(staying):
		others = [other for other in staying if other is not each]
		within = None
		if people[each.name] and not hides_no_record(each):
			within = next(
				(o for o in others if people[each.name] <= people[o.name] and hides_all_of(o, each)), None
			)
			if not within:
				continue
		staying = others
		found.append(Redundant(each, within))
	return found


def people_of(restriction: Restriction) -> set[str]:
	return {
		user
		for user in visibility.desk_users()
		if register.holds_for(restriction, user, set(frappe.get_roles(user)))
	}


def hides_no_record(restriction: Restriction) -> bool:
	return restriction.restriction_kind == HIDE_RECORDS and not count_records(
		restriction.document_type, condition_of(restriction)
	)


def hides_all_of(other: Restriction, each: Restriction) -> bool:
	"""Return whether `other` hides everything of the DocType that `each` hides."""
	if other.document_type != each.document_type:
		return False
	if other.restriction_kind == HIDE_DOCTYPE:
		return True
	if other.restriction_kind != each.restriction_kind:
		return False
	if each.restriction_kind == HIDE_FIELDS:
		return set(each.fields) <= set(other.fields)
	only_by_each = f"({condition_of(each)}) and ({condition_of(other)}) is not true"
	return not count_records(each.document_type, only_by_each)


def condition_of(restriction: Restriction) -> str:
	return as_sql(restriction.document_type, restriction.record_filter)


def count_records(doctype: str, condition: str) -> int:
	[[count]] = frappe.qb.from_(doctype).select(Count("*")).where(Condition(condition)).run()
	return count


class ForRole(NamedTuple):
	"""User Permissions that several people share, and restrictions of a role that would hide the same."""

	people: tuple[str, ...]
	permissions: Permissions
	restrictions: tuple[Restriction, ...]
	#: a role that exactly these people have, None if there is none yet
	role: str | None


def for_roles(simplifier: Simplifier, permissions_of: dict[str, Permissions]) -> list[ForRole]:
	"""Return what at least three people's equal User Permissions could be replaced with, proven by counting."""
	sharing: dict[Permissions, list[str]] = {}
	for user, permissions in permissions_of.items():
		if permissions:
			sharing.setdefault(permissions, []).append(user)
	found = []
	for permissions, people in sharing.items():
		if len(people) < FEWEST_PEOPLE:
			continue
		restrictions = tuple(equivalent_restrictions(simplifier, permissions))
		if len(restrictions) < len(permissions) * len(people) and all(
			hide_the_same(simplifier, user, permissions, restrictions) for user in people
		):
			found.append(ForRole(tuple(people), permissions, restrictions, role_of_exactly(people)))
	return found


def equivalent_restrictions(simplifier: Simplifier, permissions: Permissions) -> Iterable[Restriction]:
	"""Yield restrictions that hide what the User Permissions hide, one for each field that these use."""
	for doctype in simplifier.doctypes:
		for allow in sorted({permission.allow for permission in permissions}):
			values = sorted(
				name
				for permission in permissions
				if permission.allow == allow and permission.applicable_for in ("", doctype)
				for name in simplifier.permitted(permission)
			)
			for conditions in hiding_filters(doctype, allow, values) if values else ():
				yield proposed_restriction(doctype, conditions)


def proposed_restriction(doctype: str, conditions: list[list]) -> Restriction:
	key = hashlib.sha256(json.dumps(conditions).encode()).hexdigest()[:16]
	as_tuples = tuple(
		tuple(tuple(part) if isinstance(part, list) else part for part in condition)
		for condition in conditions
	)
	return Restriction(
		name=f"proposed {key}",
		restriction_kind=HIDE_RECORDS,
		document_type=doctype,
		record_filter=as_tuples,
		fields=(),
		applies_to="Role",
		role=None,
		user=None,
		reason_category="",
		reason="",
		business_owner="",
	)


def hide_the_same(
	simplifier: Simplifier, user: str, permissions: Permissions, restrictions: Iterable[Restriction]
) -> bool:
	"""Return whether the restrictions hide what the User Permissions hide from the person.

	The proof, for each tracked DocType: what they see with their User Permissions, what they would see with the
	restrictions instead, and what is in both, are the same number of documents.
	"""
	today = simplifier.for_frappe(permissions)
	for doctype in simplifier.doctypes:
		hidden = [predicate(each, doctype) for each in restrictions]
		is_hidden = " or ".join(f"({sql})" for sql in hidden if sql) or NOTHING
		not_hidden = f"({is_hidden}) is not true"
		seen_today, seen_without = readable(user, doctype, today), readable(user, doctype, {})
		counts = {
			count_records(doctype, seen_today),
			count_records(doctype, f"{seen_without} and {not_hidden}"),
			count_records(doctype, f"{seen_today} and {not_hidden}"),
		}
		if len(counts) > 1:
			return False
	return True


def readable(user: str, doctype: str, permissions: dict[str, list]) -> str:
	"""Return the condition of what Frappe lists for a person with these User Permissions."""
	with in_the_eyes_of(user), supposing_exactly(user, permissions), supposing_roles_may_read(user, doctype):
		query = frappe.get_list(doctype, fields=["name"], order_by=None, limit=0, user=user, run=False)
	names = query if isinstance(query, str) else query.get_sql()
	return f"`tab{doctype}`.`name` in (select `name` from ({names}) as `seen`)"


def role_of_exactly(people: list[str]) -> str | None:
	"""Return a role that these people have, and nobody else who works in the Desk."""
	holders: dict[str, set[str]] = {}
	for row in frappe.get_all(
		"Has Role",
		filters={"parenttype": "User", "parent": ("in", visibility.desk_users())},
		fields=["role", "parent"],
	):
		holders.setdefault(row.role, set()).add(row.parent)
	business = sorted(holders.keys() - role_review.TECHNICAL_ROLES)
	return next((role for role in business if holders[role] == set(people)), None)
