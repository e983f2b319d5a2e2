"""Open opportunities and quotations of an account, and its orders of the last twelve months, in one currency."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import frappe
from frappe import _
from frappe.query_builder.functions import Coalesce, Count, NullIf, Sum
from frappe.utils import add_months, cstr, fmt_money, today
from pypika import Criterion
from pypika.queries import QueryBuilder, Table
from pypika.terms import Field, Term

from crm_transparency.crm_transparency import registry
from crm_transparency.crm_transparency.database import is_one_of
from crm_transparency.offboarding import leaver_details, reader_limits
from crm_transparency.offboarding.belonging_kind import is_there

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
	#: currencies of amounts that are left out, because there is no exchange rate
	left_out: set[str] = field(default_factory=set)

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
		if self.left_out:
			parts.append(
				_("without amounts in {0}: no exchange rate").format(", ".join(sorted(self.left_out)))
			)
		return ", ".join(parts)


def currency_of(leaver: str) -> str:
	"""Return the currency of a leaver's handover: their company's, or else the site's."""
	company = leaver_details.employee_record(None, leaver).get("company")
	return (company and currency_of_company(company)) or frappe.db.get_default("currency")


def currency_of_company(company: str) -> str | None:
	return frappe.get_cached_value("Company", company, "default_currency")


def exchange_rate(currency: str, to: str) -> float | None:
	"""Return the latest rate of ERPNext's Currency Exchange, in either direction; None if there is none."""
	if currency == to:
		return 1
	if not frappe.db.exists("DocType", "Currency Exchange", cache=True):
		return None
	for origin, target in ((currency, to), (to, currency)):
		filters = {"from_currency": origin, "to_currency": target, "date": ("<=", today())}
		rate = frappe.db.get_value("Currency Exchange", filters, "exchange_rate", order_by="date desc")
		if rate:
			return rate if origin == currency else 1 / rate
	return None


def business_of(
	doctype: str, names: list[str], currency: str, reader: str | None = None
) -> dict[str, Business]:
	"""Return the business with each account of a DocType, in a currency; accounts without any are left out.

	For a `reader` only documents of companies that they may see count.
	"""
	sums = Sums(currency, reader)
	if doctype == "Opportunity":
		opportunity, quotation = frappe.qb.DocType("Opportunity"), frappe.qb.DocType("Quotation")
		sums.add_opportunities(opportunity, opportunity.name, is_one_of(opportunity.name, names))
		if registry.has_column("Quotation", "opportunity"):
			sums.add_quotations(quotation, quotation.opportunity, is_one_of(quotation.opportunity, names))
		return sums.found
	if is_there("Opportunity", "party_name"):
		table = frappe.qb.DocType("Opportunity")
		is_theirs = (table.opportunity_from == doctype) & is_one_of(table.party_name, names)
		sums.add_opportunities(table, table.party_name, is_theirs)
	if is_there("Quotation", "party_name"):
		table = frappe.qb.DocType("Quotation")
		is_theirs = (table.quotation_to == doctype) & is_one_of(table.party_name, names)
		sums.add_quotations(table, table.party_name, is_theirs)
	if doctype == "Customer" and is_there("Sales Order", "customer"):
		sums.add_orders(names)
	return sums.found


class Sums:
	"""Adds documents up by account, in one currency."""

	def __init__(self, currency: str, reader: str | None):
		self.currency, self.reader = currency, reader
		self.found: dict[str, Business] = {}
		self.rates: dict[str, float | None] = {}

	def add_opportunities(self, table: Table, account: Field, is_theirs: Criterion) -> None:
		"""Add open opportunities. ERPNext fills in their base amount in the browser only, and the amount of items, too."""
		query = frappe.qb.from_(table).where(is_theirs & table.status.isin(OPEN_OPPORTUNITY))
		in_base = Coalesce(
			NullIf(table.base_opportunity_amount, 0),
			NullIf(table.opportunity_amount * table.conversion_rate, 0),
			NullIf(table.base_total, 0),
		)
		# without a rate, the amount in the document's own currency is all there is
		own = Coalesce(NullIf(table.opportunity_amount, 0), table.total)
		rows = [
			*self.summed(table, "Opportunity", query.where(in_base.isnotnull()), account, in_base),
			*self.summed(table, "Opportunity", query.where(in_base.isnull()), account, own, table.currency),
		]
		for business, count, total in rows:
			business.opportunities += count
			business.open_value += total

	def add_quotations(self, table: Table, account: Field, is_theirs: Criterion) -> None:
		query = frappe.qb.from_(table).where(is_theirs & (table.docstatus != 2))
		query = query.where(table.status.isin(OPEN_QUOTATION))
		for business, count, total in self.summed(table, "Quotation", query, account, table.base_grand_total):
			business.quotations += count
			business.open_value += total

	def add_orders(self, names: list[str]) -> None:
		table = frappe.qb.DocType("Sales Order")
		query = frappe.qb.from_(table).where(
			is_one_of(table.customer, names) & (table.docstatus == SUBMITTED)
		)
		query = query.where(table.transaction_date >= add_months(today(), -MONTHS_OF_REVENUE))
		rows = self.summed(table, "Sales Order", query, table.customer, table.base_grand_total)
		for business, _count, total in rows:
			business.revenue += total

	def summed(
		self,
		table: Table,
		doctype: str,
		query: QueryBuilder,
		account: Field,
		value: Term,
		currency: Field | None = None,
	) -> Iterator[tuple[Business, int, float]]:
		"""Yield each account's business with number and sum of documents. `value` is in the company's, or the `currency`."""
		condition = reader_limits.visible(table, doctype, self.reader) if self.reader else None
		query = query if condition is None else query.where(condition)
		key = currency or table.company
		rows = query.select(account, key, Count("*"), Sum(Coalesce(value, 0))).groupby(account, key).run()
		for name, of, count, total in rows:
			own = (of if currency else of and currency_of_company(of)) or self.currency
			if own not in self.rates:
				self.rates[own] = exchange_rate(own, self.currency)
			business = self.found.setdefault(cstr(name), Business())
			if total and self.rates[own] is None:
				business.left_out.add(own)
			yield business, count, float(total or 0) * (self.rates[own] or 0)
