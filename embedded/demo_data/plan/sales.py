"""Quotations and orders."""

from __future__ import annotations

from dataclasses import dataclass, field

from embedded.demo_data.plan import catalogue, staff
from embedded.demo_data.plan.accounts import Accounts, Customer, Lead, Opportunity, Prospect, adverts
from embedded.demo_data.plan.changes import Change
from embedded.demo_data.plan.source import Source

DIRECT_ORDERS = 210
STILL_RUNNING = 25
"""Working days after which an order has been delivered and a quotation has expired."""


@dataclass
class Quotation:
	party: Customer | Lead | Prospect
	opportunity: Opportunity
	back: int
	minute: int
	status: str
	document_name: str = field(default="", compare=False)

	@property
	def lines(self) -> list[tuple[str, int, int]]:
		return self.opportunity.lines

	@property
	def seller(self) -> str:
		return self.party.owner_on(self.back)


@dataclass
class Order:
	customer: Customer
	back: int
	minute: int
	lines: list[tuple[str, int, int]]
	quotation: Quotation | None = None
	document_name: str = field(default="", compare=False)

	@property
	def seller(self) -> str:
		return self.customer.owner_on(self.back)

	@property
	def status(self) -> str:
		return "Completed" if self.back > STILL_RUNNING else "To Deliver and Bill"


class Sales:
	"""Plans what was quoted and ordered."""

	def __init__(self, source: Source, accounts: Accounts, changes: list[Change]):
		self.source = source
		self.accounts = accounts
		self.quotations = [
			quotation for opportunity in accounts.opportunities for quotation in self.quotes_for(opportunity)
		]
		self.orders = [
			self.order_for(quotation) for quotation in self.quotations if quotation.status == "Ordered"
		]
		self.orders += [self.direct_order() for _ in range(DIRECT_ORDERS)]
		self.orders += [self.order_after(change) for change in changes if is_recent_takeover(change)]

	def quotes_for(self, opportunity: Opportunity) -> list[Quotation]:
		back = max(1, opportunity.back - self.source.between(2, 8))
		status = {
			"Quotation": "Open" if back <= STILL_RUNNING else "Expired",
			"Converted": "Ordered",
			"Lost": "Lost" if self.source.chance(50) else None,
		}.get(opportunity.status)
		if not status:
			return []
		return [Quotation(opportunity.party, opportunity, back, self.source.between(20, 560), status)]

	def order_for(self, quotation: Quotation) -> Order:
		back = max(1, quotation.back - self.source.between(3, 15))
		return Order(quotation.party, back, self.source.between(20, 560), quotation.lines, quotation)

	def direct_order(self) -> Order:
		customer = self.source.pick([customer for customer in self.accounts.customers if customer.back > 8])
		lines = adverts(self.source) if customer.advertises else self.subscription(customer)
		return Order(customer, self.source.between(1, customer.back - 4), self.source.between(20, 560), lines)

	def subscription(self, customer: Customer) -> list[tuple[str, int, int]]:
		form = "Yearly subscription" if customer.is_person else "Trade subscription, five copies"
		code, _, _, price = self.source.pick([item for item in catalogue.items() if item[0].endswith(form)])
		return [(code, 1, price)]

	def order_after(self, change: Change) -> Order:
		"""The order that followed within days of an account being taken over."""
		back = max(1, change.back - self.source.between(2, 6))
		return Order(change.account, back, self.source.between(20, 560), adverts(self.source))


def is_recent_takeover(change: Change) -> bool:
	return change.value == change.changed_by == staff.MARCUS
