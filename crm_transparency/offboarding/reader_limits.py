"""What a reader of a handover may not see: documents and values of companies that User Permissions close to them."""

from collections.abc import Iterable

import frappe
from frappe.permissions import get_user_permissions
from pypika import Criterion
from pypika.queries import Table

from crm_transparency.crm_transparency import registry
from crm_transparency.crm_transparency.database import is_one_of

#: documents that values are added up from
VALUED = ("Opportunity", "Quotation", "Sales Order")


def companies_for(doctype: str, user: str | None) -> list[str] | None:
	"""Return the companies whose documents of a type a user may see; None if User Permissions don't limit them."""
	permitted = get_user_permissions(user or frappe.session.user).get("Company") or []
	return [row["doc"] for row in permitted if row.get("applicable_for") in (None, "", doctype)] or None


def is_limited(user: str | None = None) -> bool:
	"""Return whether a user, by default the session's, may not see some of the values."""
	return any(companies_for(doctype, user) for doctype in VALUED)


def visible(table: Table, doctype: str, user: str | None) -> Criterion | None:
	"""Return the condition for documents of companies that a user may see; None if they may see those of all."""
	companies = companies_for(doctype, user) if registry.has_column(doctype, "company") else None
	if not companies:
		return None
	if frappe.get_system_settings("apply_strict_user_permissions"):
		return is_one_of(table.company, companies)
	return is_one_of(table.company, companies) | table.company.isnull() | (table.company == "")


def hidden(doctype: str, names: Iterable[str], user: str | None = None) -> set[str]:
	"""Return those of the documents that belong to a company which the user, by default the session's, may not see."""
	table = frappe.qb.DocType(doctype)
	condition = visible(table, doctype, user)
	if condition is None or not (names := set(names)):
		return set()
	query = frappe.qb.from_(table).select(table.name).where(is_one_of(table.name, names) & condition)
	return names - set(map(str, query.run(pluck=True)))


def hide(rows: list[frappe._dict], reader: str | None = None) -> None:
	"""Show only the ID of belongings, of companies that the reader, by default the session's user, may not see."""
	for doctype in {row.reference_doctype for row in rows}:
		of_type = {row.reference_name: row for row in rows if row.reference_doctype == doctype}
		for name in hidden(doctype, of_type, reader):
			of_type[name].update({"title": name, "detail": None, "value": 0})
