"""Search for roles in link fields: Frappe lets only System Managers look roles up, and others draft, too."""

from typing import Any

import frappe

from crm_transparency.crm_transparency import requested
from crm_transparency.restrictions.role_review import TECHNICAL_ROLES

NOBODYS_ROLES = {"Administrator", "Guest"}


@frappe.whitelist(methods=["GET", "POST"])
def search(
	doctype: str,
	txt: str,
	searchfield: str,
	start: int | str,
	page_len: int | str,
	filters: Any,
	**_more: Any,
) -> list[list[str]]:
	"""Query of a link field: return the roles that match, one a row. The filter `is_business` omits technical ones."""
	frappe.only_for("Desk User")
	is_business = isinstance(filters, dict) and filters.get("is_business")
	omitted = NOBODYS_ROLES | (TECHNICAL_ROLES if is_business else set())
	role = frappe.qb.DocType("Role")
	query = frappe.qb.from_(role).select(role.name).where((role.disabled == 0) & (role.desk_access == 1))
	query = query.where(role.name.like(f"%{txt}%") & role.name.notin(sorted(omitted)))
	most, first = requested.whole_number(page_len), requested.whole_number(start)
	return query.orderby(role.name).limit(most).offset(first).run(as_list=True)
