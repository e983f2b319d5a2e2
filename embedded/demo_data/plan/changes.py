"""Accounts that changed hands, and small corrections to customers."""

from __future__ import annotations

from dataclasses import dataclass

from embedded.demo_data.plan import staff
from embedded.demo_data.plan.accounts import Account, Accounts, Customer
from embedded.demo_data.plan.source import Source

RECENTLY = 85
"""Working days: about four months. Since then Marcus Ellery has been taking accounts over."""


@dataclass
class Change:
	"""On the day `back`, `changed_by` sets `field` of `account` to `value`: for an owner, a name."""

	account: Account
	back: int
	minute: int
	changed_by: str
	field: str
	value: str


class Changes:
	"""Plans the changes, and keeps each account's `owners` in step."""

	def __init__(self, source: Source, accounts: Accounts):
		self.source = source
		self.accounts = accounts
		self.changes: list[Change] = []
		self.changed: set[int] = set()
		self.reassign_the_leavers_accounts()
		self.reassign_some(25)
		self.hand_over_some(9)
		self.take_over_the_odd_one(4)
		self.marcus_takes_over(from_reps={staff.NORA: 6, staff.PRIYA: 4, staff.TOM: 3, staff.SIAN: 2})
		self.correct_details(110)

	def reassign_the_leavers_accounts(self) -> None:
		"""Daniel Frost hands three accounts over himself; the manager reassigns the others."""
		left = staff.BY_NAME[staff.DANIEL].left
		everything = [*self.accounts.customers, *self.accounts.leads, *self.accounts.prospects]
		his = [account for account in everything if account.owners[-1][1] == staff.DANIEL]
		for number, account in enumerate(his):
			changed_by = staff.DANIEL if number < 3 else staff.MANAGER
			back = min(account.back - 1, left + self.source.between(1, 8))
			successor = self.source.pick([staff.CALLUM, staff.TOM, staff.SIAN])
			self.change_owner(account, back, changed_by, successor)

	def reassign_some(self, count: int) -> None:
		for customer in self.untouched(count, older_than=60):
			back = self.source.between(RECENTLY, customer.back - 20) if customer.back > RECENTLY + 40 else 30
			self.change_owner(customer, back, staff.MANAGER, self.another_rep(customer))

	def hand_over_some(self, count: int) -> None:
		for customer in self.untouched(count, older_than=120):
			back = self.source.between(10, customer.back - 60)
			self.change_owner(customer, back, customer.owner_on(back), self.another_rep(customer))

	def take_over_the_odd_one(self, count: int) -> None:
		"""Colleagues who took one account over each, long ago: not a pattern."""
		takers = [staff.NORA, staff.PRIYA, staff.CALLUM, staff.SIAN]
		for customer, taker in zip(self.untouched(count, older_than=300, not_of=takers), takers, strict=True):
			self.change_owner(customer, self.source.between(150, 280), taker, taker)

	def marcus_takes_over(self, from_reps: dict[str, int]) -> None:
		for rep, count in from_reps.items():
			theirs = [
				customer
				for customer in self.accounts.customers
				if customer.advertises
				and customer.owners[-1][1] == rep
				and customer.back > 200
				and id(customer) not in self.changed
			]
			for customer in self.source.some(theirs, count):
				self.change_owner(customer, self.source.between(4, RECENTLY), staff.MARCUS, staff.MARCUS)

	def correct_details(self, count: int) -> None:
		"""Everyday corrections, often by a colleague who isn't the account manager."""
		editors = [*staff.REPS_STILL_HERE, staff.READER_SERVICE]
		old_enough = [
			customer for customer in self.accounts.customers if customer.back > 20 and not customer.is_person
		]
		for customer in self.source.some(old_enough, count):
			field, value = self.source.pick(
				[
					("market_segment", "Regional"),
					("market_segment", "Key accounts"),
					("customer_details", "Prefers to be called in the morning."),
				]
			)
			if value == customer.segment:
				field, value = "customer_details", "Invoices go to the head office."
			back, minute = self.source.between(1, customer.back - 3), self.source.between(20, 560)
			self.changes.append(Change(customer, back, minute, self.source.pick(editors), field, value))

	def change_owner(self, account: Account, back: int, changed_by: str, owner: str) -> None:
		self.changed.add(id(account))
		minute = self.source.between(20, 560)
		self.changes.append(Change(account, back, minute, changed_by, account.owner_field, owner))
		account.owners.append((back, owner))

	def untouched(self, count: int, older_than: int, not_of: list[str] | None = None) -> list[Customer]:
		return self.source.some(
			[
				customer
				for customer in self.accounts.customers
				if customer.back > older_than
				and id(customer) not in self.changed
				and customer.owners[-1][1] not in (not_of or [])
			],
			count,
		)

	def another_rep(self, account: Account) -> str:
		owner = account.owners[-1][1]
		return self.source.pick([name for name in staff.REPS_STILL_HERE if name != owner])
