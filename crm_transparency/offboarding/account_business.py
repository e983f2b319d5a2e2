"""Open opportunities and quotations of an account, and its orders of the last twelve months, in the company's currency."""

from dataclasses import dataclass

import frappe
from frappe import _
from frappe.query_builder.functions import Coalesce, Count, Sum
from frappe.utils import add_months, cstr, fmt_money, today
from pypika.queries import QueryBuilder, Table
from pypika.terms import Field

from crm_transparency.crm_transparency import registry
from crm_transparency.crm_transparency.database import is_one_of

MONTHS_OF_REVENUE = 12
#: an opportunity in the status Quotation is counted by its quotation
OPEN_OPPORTUNITY = ("Open", "Replied")
OPEN_QUOTATION = ("Draft", "Open", "Replied", "Partially Ordered")
SUBMITTED = 1


@dataclass
class Business:
	opportunities: int = 0
	quotations: int = 0
	open_value: float = 0
	revenue: float = 0

	@property
	def worth(self) -> float:
		return self.open_value + self.revenue

	def in_words(self, currency: str | None) -> str:
		"""Return what is open: "1 opportunity, 2 quotations, together € 12,000"."""
		parts = []
		if self.opportunities:
			one = self.opportunities == 1
			parts.append(_("1 opportunity") if one else _("{0} opportunities").format(self.opportunities))
		if self.quotations:
			one = self.quotations == 1
			parts.append(_("1 quotation") if one else _("{0} quotations").format(self.quotations))
		if parts and self.open_value:
			parts.append(_("together {0}").format(fmt_money(self.open_value, currency=currency, precision=0)))
		return ", ".join(parts)


def business_of(doctype: str, names: list[str]) -> dict[str, Business]:
	"""Return the business with each account of a DocType; accounts without any are left out."""
	found: dict[str, Business] = {}
	if doctype == "Opportunity":
		opportunity = frappe.qb.DocType("Opportunity")
		add_opportunities(found, opportunity, opportunity.name, is_one_of(opportunity.name, names))
		if registry.has_column("Quotation", "opportunity"):
			quotation = frappe.qb.DocType("Quotation")
			add_quotations(found, quotation, quotation.opportunity, is_one_of(quotation.opportunity, names))
		return found
	if is_there("Opportunity", "party_name"):
		table = frappe.qb.DocType("Opportunity")
		is_theirs = (table.opportunity_from == doctype) & is_one_of(table.party_name, names)
		add_opportunities(found, table, table.party_name, is_theirs)
	if is_there("Quotation", "party_name"):
		table = frappe.qb.DocType("Quotation")
		is_theirs = (table.quotation_to == doctype) & is_one_of(table.party_name, names)
		add_quotations(found, table, table.party_name, is_theirs)
	if doctype == "Customer" and is_there("Sales Order", "customer"):
		add_orders(found, names)
	return found


def is_there(doctype: str, field: str) -> bool:
	return bool(frappe.db.exists("DocType", doctype, cache=True)) and registry.has_column(doctype, field)


def add_opportunities(found: dict[str, Business], table: Table, account: Field, is_theirs) -> None:
	value = "base_opportunity_amount"
	value = value if registry.has_column("Opportunity", value) else "opportunity_amount"
	query = frappe.qb.from_(table).where(is_theirs & table.status.isin(OPEN_OPPORTUNITY))
	for business, count, total in summed(found, query, account, table[value]):
		business.opportunities += count
		business.open_value += total


def add_quotations(found: dict[str, Business], table: Table, account: Field, is_theirs) -> None:
	query = frappe.qb.from_(table).where(is_theirs & (table.docstatus != 2))
	query = query.where(table.status.isin(OPEN_QUOTATION))
	for business, count, total in summed(found, query, account, table.base_grand_total):
		business.quotations += count
		business.open_value += total


def add_orders(found: dict[str, Business], names: list[str]) -> None:
	table = frappe.qb.DocType("Sales Order")
	query = frappe.qb.from_(table).where(is_one_of(table.customer, names) & (table.docstatus == SUBMITTED))
	query = query.where(table.transaction_date >= add_months(today(), -MONTHS_OF_REVENUE))
	for business, _count, total in summed(found, query, table.customer, table.base_grand_total):
		business.revenue += total


def summed(found: dict[str, Business], query: QueryBuilder, account: Field, value: Field):
	rows = query.select(account, Count("*"), Sum(Coalesce(value, 0))).groupby(account).run()
	for name, count, total in rows:
		yield found.setdefault(cstr(name), Business()), count, float(total or 0)
