"""Roles to choose from in forms. Frappe itself lets only System Managers look roles up, and drafting is for others, too."""

from typing import Any

import frappe
from frappe.utils import cint

from crm_transparency.restrictions.role_review import TECHNICAL_ROLES

NOBODYS = {"Administrator", "Guest"}


@frappe.whitelist(methods=["GET", "POST"])
def to_restrict(
	doctype: str,
	txt: str,
	searchfield: str,
	start: int | str,
	page_len: int | str,
	filters: Any,
	**_more: Any,
) -> list[list[str]]:
	"""Search query of a link field: return the roles that a restriction can be for, one a row."""
	frappe.only_for("Desk User")
	return like(txt, NOBODYS, cint(start), cint(page_len))


@frappe.whitelist(methods=["GET", "POST"])
def to_review(
	doctype: str,
	txt: str,
	searchfield: str,
	start: int | str,
	page_len: int | str,
	filters: Any,
	**_more: Any,
) -> list[list[str]]:
	"""Search query of a link field: return the roles that say something about somebody's business, one a row."""
	frappe.only_for("Desk User")
	return like(txt, NOBODYS | TECHNICAL_ROLES, cint(start), cint(page_len))


def like(text: str, besides: set[str], start: int, rows: int) -> list[list[str]]:
	role = frappe.qb.DocType("Role")
	query = frappe.qb.from_(role).select(role.name).where((role.disabled == 0) & (role.desk_access == 1))
	query = query.where(role.name.like(f"%{text}%") & role.name.notin(sorted(besides)))
	return [list(row) for row in query.orderby(role.name).limit(rows).offset(start).run()]
