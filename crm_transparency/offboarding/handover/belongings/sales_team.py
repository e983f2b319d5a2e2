"""The leaver's part in customers' sales teams: from there it gets into every new order, and ERPNext refuses disabled people."""

from collections.abc import Iterator

import frappe
from frappe import _
from frappe.utils import flt

from crm_transparency.offboarding.handover.belongings.kind import (
	Before,
	Found,
	Kind,
	Leaver,
	employee_of,
	gone_meanwhile,
	is_there,
)

TEAM, CUSTOMER, PERSON = "Sales Team", "Customer", "Sales Person"
SHARE = "allocated_percentage"


def parts_in_teams(leaver: Leaver) -> Iterator[Found]:
	"""Rows of customers' sales teams; those in orders and invoices say what was, and stay."""
	persons = sales_persons_of(leaver.employee)
	if not persons or not is_there(TEAM, "sales_person", SHARE):
		return
	row, customer = frappe.qb.DocType(TEAM), frappe.qb.DocType(CUSTOMER)
	found = (
		frappe.qb.from_(row)
		.inner_join(customer)
		.on(customer.name == row.parent)
		.select(row.name, row.parent, row[SHARE], customer.customer_name)
		.where((row.parenttype == CUSTOMER) & row.sales_person.isin(persons))
		.run(as_dict=True)
	)
	for each in found:
		detail = _("{0}% of what is sold").format(frappe.format_value(flt(each[SHARE]), "Float"))
		yield Found(
			TEAM, each.name, each.customer_name or each.parent, detail, account=(CUSTOMER, each.parent)
		)


def sales_persons_of(employee: str | None) -> list[str]:
	if not employee or not is_there(PERSON, "employee", "enabled"):
		return []
	return frappe.get_all(PERSON, filters={"employee": employee}, pluck="name")


def move_part(name: str, leaver: Leaver, to: str) -> Before:
	"""Give the part to the successor's sales person, and if there is none, or the part is taken, to the rest of the team."""
	row = frappe.db.get_value(TEAM, name, "*", as_dict=True, for_update=True)
	if not row or row.sales_person not in sales_persons_of(leaver.employee):
		gone_meanwhile()
	team = frappe.get_all(
		TEAM,
		filters={"parent": row.parent, "parenttype": CUSTOMER, "name": ("!=", name)},
		fields=["name", "sales_person", SHARE],
		order_by="idx",
	)
	person = enabled_sales_person(to)
	heir = next((each for each in team if each.sales_person == person), None)
	frappe.clear_document_cache(CUSTOMER, row.parent)
	if person and not heir:
		frappe.db.set_value(TEAM, name, "sales_person", person, update_modified=False)
		return {"sales_person": row.sales_person, "after": person}
	heir = heir or next(iter(team), None)
	if heir:
		frappe.db.set_value(TEAM, heir.name, SHARE, flt(heir[SHARE]) + flt(row[SHARE]), update_modified=False)
	frappe.db.delete(TEAM, {"name": name})
	return {"row": dict(row), "heir": heir.name if heir else None}


def enabled_sales_person(user: str) -> str | None:
	employee = employee_of(user)
	return employee and frappe.db.get_value(PERSON, {"employee": employee, "enabled": 1})


def give_part_back(name: str, leaver: Leaver, to: str, before: Before) -> None:
	if "row" not in before:
		if frappe.db.get_value(TEAM, name, "sales_person", for_update=True) != before["after"]:
			gone_meanwhile()
		frappe.db.set_value(TEAM, name, "sales_person", before["sales_person"], update_modified=False)
		frappe.clear_document_cache(CUSTOMER, frappe.db.get_value(TEAM, name, "parent"))
		return
	row = before["row"]
	frappe.clear_document_cache(CUSTOMER, row["parent"])
	if heir := before["heir"]:
		share = flt(frappe.db.get_value(TEAM, heir, SHARE, for_update=True))
		if share < flt(row[SHARE]):
			gone_meanwhile()
		frappe.db.set_value(TEAM, heir, SHARE, share - flt(row[SHARE]), update_modified=False)
	elif frappe.db.exists(TEAM, {"parent": row["parent"], "parenttype": CUSTOMER}):
		gone_meanwhile()
	frappe.get_doc({"doctype": TEAM, **row}).db_insert()


KINDS = (Kind("Sales Team", lambda: _("Parts in sales teams"), parts_in_teams, move_part, give_part_back),)
