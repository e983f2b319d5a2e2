"""What a reader of a handover may not see: documents and values of companies that User Permissions close to them."""

from collections.abc import Iterable

import frappe
from frappe.permissions import get_user_permissions
from frappe.utils import cstr
from pypika import Criterion
from pypika.queries import Table

from crm_transparency.crm_transparency import registry
from crm_transparency.crm_transparency.database import is_one_of

#: documents that values are added up from
VALUED = ("Opportunity", "Quotation", "Sales Order")
#: where to-dos, emails and meetings name the documents that they are about, and by which fields
REFERENCES = {
	"ToDo": ("ToDo", "name", "reference_type", "reference_name"),
	"Communication": ("Communication", "name", "reference_doctype", "reference_name"),
	"Event": ("Event Participants", "parent", "reference_doctype", "reference_docname"),
}


def companies_for(doctype: str, user: str | None) -> list[str] | None:
	"""Return the companies whose documents of a type a user may see; None if User Permissions don't limit them.

	ERPNext permits everybody with an Employee record their own company, which limits nobody where there is no other.
	"""
	permitted = get_user_permissions(user or frappe.session.user).get("Company") or []
	companies = {row["doc"] for row in permitted if row.get("applicable_for") in (None, "", doctype)}
	if not companies or companies.issuperset(frappe.get_all("Company", pluck="name")):
		return None
	return sorted(companies)


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


def by_subject(rows: Iterable[frappe._dict]) -> dict[tuple[str, str], list[frappe._dict]]:
	"""Return belongings by the documents that they are or, as to-dos, emails and meetings, refer to."""
	rows, found = list(rows), {}
	for row in rows:
		found.setdefault((row.reference_doctype, row.reference_name), []).append(row)
	for of_type, (source, name, *about) in REFERENCES.items():
		names = {reference for doctype, reference in found if doctype == of_type}
		for of, *document in frappe.get_all(source, {name: ("in", names)}, [name, *about], as_list=True):
			if all(document) and frappe.db.exists("DocType", document[0], cache=True):
				found.setdefault(tuple(document), []).extend(found[of_type, cstr(of)])
	return found


def hide(rows: list[frappe._dict], reader: str | None = None) -> None:
	"""Show only the ID of belongings, of companies that the reader, by default the session's user, may not see."""
	if not get_user_permissions(reader or frappe.session.user).get("Company"):
		return
	found = by_subject(rows)
	for doctype in {doctype for doctype, _name in found}:
		for name in hidden(doctype, (name for of, name in found if of == doctype), reader):
			for row in found[doctype, name]:
				row.update({"title": row.reference_name, "detail": None, "value": 0})
