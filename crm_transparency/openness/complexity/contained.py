"""Restrictions that hide nothing which another one doesn't hide from the same people."""

from typing import NamedTuple

import frappe

from crm_transparency.openness import visibility
from crm_transparency.restrictions import register
from crm_transparency.restrictions.filters import as_sql
from crm_transparency.restrictions.register import (
	HIDE_DOCTYPE,
	HIDE_FIELDS,
	HIDE_RECORDS,
	Restriction,
)


class Contained(NamedTuple):
	restriction: Restriction
	#: what hides the same and perhaps more; None if the restriction hides nothing from anybody
	within: Restriction | None


def contained() -> list[Contained]:
	"""Return the restrictions that could go, each with the one that stays and hides what it hides.

	What hangs on hidden records is hidden with them, so it's enough to compare the records of the DocType itself.
	"""
	staying = register.all_in_force()
	people = {each.name: whom(each) for each in staying}
	found = []
	for each in list(staying):
		others = [other for other in staying if other is not each]
		if not people[each.name] or is_empty(each):
			within = None
		else:
			within = next(
				(o for o in others if people[each.name] <= people[o.name] and hides_all_of(o, each)), None
			)
			if not within:
				continue
		staying = others
		found.append(Contained(each, within))
	return found


def whom(restriction: Restriction) -> set[str]:
	return {
		user
		for user in visibility.desk_users()
		if register.holds_for(restriction, user, set(frappe.get_roles(user)))
	}


def is_empty(restriction: Restriction) -> bool:
	return restriction.restriction_kind == HIDE_RECORDS and not count(restriction, hidden_by(restriction))


def hides_all_of(other: Restriction, each: Restriction) -> bool:
	"""Say whether `other` hides everything of the DocType that `each` hides."""
	if other.document_type != each.document_type:
		return False
	if other.restriction_kind == HIDE_DOCTYPE:
		return True
	if other.restriction_kind != each.restriction_kind:
		return False
	if each.restriction_kind == HIDE_FIELDS:
		return set(each.fields) <= set(other.fields)
	return not count(each, f"({hidden_by(each)}) and ({hidden_by(other)}) is not true")


def hidden_by(restriction: Restriction) -> str:
	return as_sql(restriction.document_type, restriction.record_filter)


def count(restriction: Restriction, condition: str) -> int:
	table = f"`tab{restriction.document_type}`"
	return frappe.db.sql(f"select count(*) from {table} where {condition}")[0][0]
