"""What opening DocTypes will change: for each role, and for each person."""

from typing import TypedDict

import frappe
from frappe.utils import get_fullname

from crm_transparency.crm_transparency import effective_permissions
from crm_transparency.crm_transparency.staff import COLLEAGUE
from crm_transparency.openness import open_doctypes, visibility

PEOPLE_AT_A_TIME = 100


class Cell(TypedDict):
	#: rights by their names in Frappe; "(own)" marks those for own documents only
	today: list[str]
	then: list[str]


class Matrix(TypedDict):
	doctypes: list[str]
	roles: list[effective_permissions.RoleHolders]
	#: by role, then by DocType
	cells: dict[str, dict[str, Cell]]


class PersonSees(TypedDict):
	user: str
	full_name: str
	#: by DocType: how many documents the person can't see
	hidden_today: dict[str, int]
	hidden_then: dict[str, int]


class PeopleSee(TypedDict):
	people: list[PersonSees]
	totals: dict[str, int]
	#: how many people there are, and how many of them have been counted for with these
	of: int
	done: int


def matrix(doctypes: list[str]) -> Matrix:
	"""Return what each role may do with each DocType today, and once they are open."""
	rights = [right for right in frappe.permissions.rights if frappe.get_meta("DocPerm").has_field(right)]
	cells: dict[str, dict[str, Cell]] = {}
	for rule in effective_permissions.role_permissions(doctypes, rights):
		allowed = [f"{right} (own)" if rule.if_owner else right for right in rights if rule[right]]
		cell = cells.setdefault(rule.role, {}).setdefault(rule.parent, Cell(today=[], then=[]))
		cell["today"] += [right for right in allowed if right not in cell["today"]]
	for of_role in cells.values():
		for cell in of_role.values():
			cell["then"] = list(cell["today"])
	for doctype in doctypes:
		cell = cells.setdefault(COLLEAGUE, {}).setdefault(doctype, Cell(today=[], then=[]))
		given = open_doctypes.rights_of_colleagues(doctype)
		cell["then"] = [right for right in rights if right in given or right in cell["today"]]
	return Matrix(doctypes=doctypes, roles=effective_permissions.role_holders(set(cells)), cells=cells)


def people(doctypes: list[str], start: int = 0) -> PeopleSee:
	"""Return what some people can't see of each DocType, today and once these are open, as Frappe counts it.

	Large companies are asked for in several calls, so that a page can show progress. What Frappe lists only in part
	isn't counted.
	"""
	doctypes = [doctype for doctype in doctypes if doctype not in open_doctypes.LISTED_IN_PART]
	counting = visibility.Counting(like_lists=True)
	users = visibility.desk_users()
	page = users[start : start + PEOPLE_AT_A_TIME]
	return PeopleSee(
		people=[
			PersonSees(
				user=user,
				full_name=get_fullname(user),
				hidden_today={doctype: counting.seen(user, doctype).hidden for doctype in doctypes},
				hidden_then={
					doctype: counting.seen(
						user, doctype, if_roles_may_read=COLLEAGUE in frappe.get_roles(user)
					).hidden
					for doctype in doctypes
				},
			)
			for user in page
		],
		totals={doctype: counting.total(doctype) for doctype in doctypes},
		of=len(users),
		done=start + len(page),
	)
