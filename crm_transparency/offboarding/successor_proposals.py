"""Who could get an account, and who should, with the reason.

Whoever knows the customer gets it. If nobody does: whoever in its territory has the fewest accounts; and without any,
whoever has the fewest accounts at all.
"""

from collections.abc import Iterable
from heapq import heapify, heapreplace
from typing import NamedTuple

import frappe
from frappe import _
from frappe.query_builder.functions import Count
from frappe.utils import get_fullname
from pypika.terms import Field

from crm_transparency.crm_transparency import registry, report_parts
from crm_transparency.crm_transparency.database import is_one_of
from crm_transparency.offboarding.offboarding_records import OFFBOARDING, UNDER_WAY
from crm_transparency.relationships import strength
from crm_transparency.relationships.coverage import Acquaintance
from crm_transparency.transfers import transfer_successors
from crm_transparency.transfers.chosen_accounts import Account, columns_of

SELLING_ROLES = ("Sales User", "Sales Manager")
#: people with the numbers of accounts they had when last checked, the lowest first
Queue = list[tuple[int, str]]


class Proposal(NamedTuple):
	user: str | None
	reason: str


class Candidates:
	"""Those who can get accounts, with their number of accounts, including those that the plan gives them."""

	def __init__(self, leaver: str):
		self.loads: dict[str, int] = {}
		neighbours: dict[str, set[str]] = {}
		people = staying_colleagues(leaver)
		sellers = people & with_a_role(SELLING_ROLES)
		for owner, territory, accounts in owners():
			if owner in people:
				self.loads[owner] = self.loads.get(owner, 0) + accounts
				if territory:
					neighbours.setdefault(territory, set()).add(owner)
		for person in sellers:
			self.loads.setdefault(person, 0)
		self.everybody = self.queue(self.loads)
		self.by_territory = {territory: self.queue(users) for territory, users in neighbours.items()}

	def queue(self, users: Iterable[str]) -> Queue:
		queue = [(self.loads[user], user) for user in users]
		heapify(queue)
		return queue

	def gets_one(self, user: str | None) -> None:
		if user in self.loads:
			self.loads[user] += 1

	def propose(self, account: Account, acquaintances: list[Acquaintance]) -> Proposal:
		"""Return who should get an account, and why."""
		for person in acquaintances:
			if person.user in self.loads and person.strength >= strength.KNOWS:
				reason = _("Already knows the customer: {0}").format(person.in_words())
				return Proposal(person.user, reason)
		if neighbours := self.by_territory.get(account.territory or ""):
			user = self.least_loaded(neighbours)
			reason = _("Same territory ({0}) and the fewest accounts there: {1}")
			return Proposal(user, reason.format(account.territory, self.loads[user]))
		if not self.loads:
			return Proposal(None, _("Nobody is available. Please choose a successor."))
		user = self.least_loaded(self.everybody)
		return Proposal(user, _("Fewest accounts: {0}").format(self.loads[user]))

	def least_loaded(self, queue: Queue) -> str:
		"""Return who has the fewest accounts in a queue, without going through it: numbers only grow."""
		while True:
			load, user = queue[0]
			if load == self.loads[user]:
				return user
			heapreplace(queue, (self.loads[user], user))


def staying_colleagues(leaver: str) -> set[str]:
	"""Return everybody with Desk access who isn't leaving, too."""
	people = frappe.get_all("User", filters={"enabled": 1, "user_type": "System User"}, pluck="name")
	leaving = frappe.get_all(OFFBOARDING, filters={"status": ("in", UNDER_WAY)}, pluck="user")
	return set(people) - set(leaving) - {leaver, *frappe.STANDARD_USERS}


def unable(users: Iterable[str]) -> dict[str, str]:
	"""Return, for those who can't take anything over, the sentence that says why: disabled or leaving, for instance."""
	users = {user for user in users if user}
	filters = {"status": ("in", UNDER_WAY), "user": ("in", users)}
	leaving = frappe.get_all(OFFBOARDING, filters=filters, pluck="user") if users else []
	reasons = {user: _("{0} is leaving.").format(get_fullname(user)) for user in leaving}
	return reasons | transfer_successors.unfit(users)


def with_a_role(roles: tuple[str, ...]) -> set[str]:
	return set(
		frappe.get_all("Has Role", filters={"role": ("in", roles), "parenttype": "User"}, pluck="parent")
	)


def owners() -> list[tuple[str, str | None, int]]:
	"""Return the number of accounts by owner and territory; accounts left out of figures aren't counted."""
	found = []
	for doctype in registry.tracked_doctypes():
		columns = columns_of(doctype)
		table = frappe.qb.DocType(doctype)
		group: list[Field] = [table[columns.owner]]
		if columns.territory:
			group.append(table[columns.territory])
		query = frappe.qb.from_(table).select(*group, Count("*")).groupby(*group)
		query = query.where(table[columns.owner].isnotnull() & (table[columns.owner] != ""))
		if left_out := report_parts.left_out(doctype):
			query = query.where(is_one_of(table.name, left_out).negate())
		found += [(row[0], row[1] if columns.territory else None, row[-1]) for row in query.run()]
	return found
