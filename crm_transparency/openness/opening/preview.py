"""What opening will change, before anything does: role by role, and person by person."""

import hashlib
from collections.abc import Callable
from functools import partial
from typing import TypedDict

import frappe

from crm_transparency.crm_transparency import role_rules
from crm_transparency.crm_transparency.colleagues import COLLEAGUE
from crm_transparency.openness import visibility
from crm_transparency.openness.opening import choices

PEOPLE_AT_A_TIME = 40
#: whoever asks for the next people within this time gets counts that were made already
SECONDS_A_COUNT_IS_KEPT = 120
CACHE_KEY = "crm_transparency:openness_counts"


class Cell(TypedDict):
	#: rights by their names in Frappe; "own" marks those for own documents only
	today: list[str]
	then: list[str]


class Matrix(TypedDict):
	doctypes: list[str]
	roles: list[role_rules.RoleHolders]
	#: by role, then by DocType
	cells: dict[str, dict[str, Cell]]


class PersonSees(TypedDict):
	user: str
	full_name: str
	#: by DocType: how many documents the person can't see
	hidden_today: dict[str, int]
	hidden_then: dict[str, int]


class PeoplesView(TypedDict):
	people: list[PersonSees]
	totals: dict[str, int]
	#: how many people there are, and how many of them have been looked at with these
	of: int
	done: int


def matrix(doctypes: list[str]) -> Matrix:
	"""Return what each role may do with each DocType today, and what it may do when they are open."""
	rights = [right for right in frappe.permissions.rights if frappe.get_meta("DocPerm").has_field(right)]
	cells: dict[str, dict[str, Cell]] = {}
	for rule in role_rules.in_force(doctypes, rights):
		allowed = [f"{right} (own)" if rule.if_owner else right for right in rights if rule[right]]
		cell = cells.setdefault(rule.role, {}).setdefault(rule.parent, Cell(today=[], then=[]))
		cell["today"] += [right for right in allowed if right not in cell["today"]]
	for of_role in cells.values():
		for cell in of_role.values():
			cell["then"] = list(cell["today"])
	for doctype in doctypes:
		cell = cells.setdefault(COLLEAGUE, {}).setdefault(doctype, Cell(today=[], then=[]))
		wanted = choices.rights_for_colleagues(doctype)
		cell["then"] = [right for right in rights if right in wanted or right in cell["today"]]
	return Matrix(doctypes=doctypes, roles=role_rules.holders(set(cells)), cells=cells)


def people(doctypes: list[str], start: int = 0) -> PeoplesView:
	"""Return what some people can't see of each DocType, today and when these are open, as the permission engine says.

	Large companies are asked for in several calls, so that a page can say how far it is. What is narrow by nature isn't
	counted: most of it is nobody else's business, open or not.
	"""
	doctypes = [doctype for doctype in doctypes if doctype not in choices.NARROW_BY_NATURE]
	counting = KeptCounts(anew=start == 0)
	users = visibility.desk_users()
	looked_at = users[start : start + PEOPLE_AT_A_TIME]
	names = dict(
		frappe.get_all(
			"User", filters={"name": ("in", looked_at)}, fields=["name", "full_name"], as_list=True
		)
		if looked_at
		else ()
	)
	return PeoplesView(
		people=[
			PersonSees(
				user=user,
				full_name=names.get(user) or user,
				hidden_today={doctype: counting.seen(user, doctype).hidden for doctype in doctypes},
				hidden_then={
					doctype: counting.seen(user, doctype, if_roles_may_read=is_colleague(user)).hidden
					for doctype in doctypes
				},
			)
			for user in looked_at
		],
		totals={doctype: counting.total(doctype) for doctype in doctypes},
		of=len(users),
		done=start + len(looked_at),
	)


def is_colleague(user: str) -> bool:
	return COLLEAGUE in frappe.get_roles(user)


class KeptCounts(visibility.Counting):
	"""Counts that the next call finds again: a page asks for people in several calls, and their lists are alike.

	`anew`: count again what an earlier look at the page may have left. Totals are kept with the rest: compared with a
	count of a minute ago, a customer who was added since would look hidden from everybody.
	"""

	def __init__(self, anew: bool) -> None:
		super().__init__(like_lists=True)
		self.anew = anew

	def count(self, key: str, run: Callable[[], list]) -> int:
		return self.kept(key, lambda: super(KeptCounts, self).count(key, run))

	def total(self, doctype: str) -> int:
		if doctype not in self._totals:
			count = partial(frappe.db.count, doctype)
			self._totals[doctype] = self.kept(f"all of {doctype}", count)
		return self._totals[doctype]

	def kept(self, key: str, count: Callable[[], int]) -> int:
		name = f"{CACHE_KEY}:{hashlib.sha256(key.encode()).hexdigest()}"
		kept = None if self.anew else frappe.cache.get_value(name, expires=True)
		if kept is None:
			kept = count()
			frappe.cache.set_value(name, kept, expires_in_sec=SECONDS_A_COUNT_IS_KEPT)
		return kept
