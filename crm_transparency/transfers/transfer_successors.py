"""Who can be a successor: people who can open the Desk.

Who gets which account.
"""

from collections.abc import Callable, Iterable, Iterator

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_fullname

from crm_transparency.crm_transparency.database import is_one_of
from crm_transparency.transfers.chosen_accounts import Account
from crm_transparency.transfers.transfer_constants import AS_LISTED, BY_TERRITORY, ONE_SUCCESSOR, ROUND_ROBIN


def unfit(users: Iterable[str]) -> dict[str, str]:
	"""Return, for those who can't have accounts, the sentence that says why."""
	reasons = {user: _why_unfit(user, row) for user, row in _look_up(users).items()}
	return {user: reason for user, reason in reasons.items() if reason}


def gone(users: Iterable[str]) -> dict[str, str]:
	"""Return, for those who aren't users any more, the sentence that says so."""
	return {user: _why_gone(user) for user, row in _look_up(users).items() if row is None}


def _look_up(users: Iterable[str]) -> dict[str, frappe._dict | None]:
	users = set(users)
	if not users:
		return {}
	table = frappe.qb.DocType("User")
	rows = (
		frappe.qb.from_(table)
		.select(table.name, table.enabled, table.user_type)
		.where(is_one_of(table.name, users))
		.run(as_dict=True)
	)
	known = {row.name: row for row in rows}
	return {user: known.get(user) for user in users}


def _why_gone(user: str) -> str:
	return _("{0} isn't a user.").format(user)


def _why_unfit(user: str, row: frappe._dict | None) -> str | None:
	if row is None:
		return _why_gone(user)
	if not row.enabled:
		return _("{0} is disabled.").format(get_fullname(user))
	if row.user_type != "System User":
		return _("{0} can't open the Desk.").format(get_fullname(user))
	return None


def lacking_permission(users: Iterable[str], doctypes: Iterable[str]) -> list[str]:
	"""Return a hint for every user who couldn't edit what the transfer may give them."""
	lacking = {
		user: [_(doctype) for doctype in doctypes if not frappe.has_permission(doctype, "write", user=user)]
		for user in users
	}
	return [
		_(
			"{0} has no permission to edit documents of these types: {1}. They are transferred anyway; an "
			"administrator can assign the missing role."
		).format(get_fullname(user), ", ".join(types))
		for user, types in lacking.items()
		if types
	]


EVERYWHERE_ELSE = None

Chooser = Callable[[Account], tuple[str | None, str | None]]


def chooser(transfer: Document) -> Chooser:
	"""Return the function that names an account's successor: a user, or None and a sentence that says why none."""
	return CHOOSERS[transfer.strategy](transfer)


def as_listed(transfer: Document) -> Chooser:
	return lambda account: (account.listed_successor, None)


def in_turn(transfer: Document) -> Chooser:
	"""Choose one successor after the other, as often as their weights say. A single one has every turn."""
	rotation = rotate(weights(transfer.successors))
	return lambda account: (next(rotation), None)


def weights(successors: list[Document]) -> dict[str, int]:
	"""Return each successor's weight; of somebody listed twice, the sum."""
	total: dict[str, int] = {}
	for row in successors:
		total[row.user] = total.get(row.user, 0) + row.weight
	return total


def rotate(weights: dict[str, int]) -> Iterator[str]:
	"""Yield users for ever, each as often as the weights say, and evenly mixed.

	Every user has a credit that grows by the user's weight at each turn; whoever has most takes the turn and pays the
	sum of all weights. So after any number of turns nobody is further than one turn from the exact share, and
	after as many turns as all weights together each share is exact.
	"""
	if len(weights) == 1:
		(user,) = weights
		while True:
			yield user
	credit = dict.fromkeys(weights, 0)
	whole_round = sum(weights.values())
	while True:
		for user, weight in weights.items():
			credit[user] += weight
		user = max(credit, key=credit.__getitem__)
		credit[user] -= whole_round
		yield user


def by_territory(transfer: Document) -> Chooser:
	"""Choose among the successors of the account's territory, or of the nearest territory above that has any.

	Successors without a territory get what is left.
	"""
	rows_by_territory: dict[str | None, list[Document]] = {}
	for row in transfer.successors:
		rows_by_territory.setdefault(row.territory or EVERYWHERE_ELSE, []).append(row)
	rotations = {territory: rotate(weights(rows)) for territory, rows in rows_by_territory.items()}
	parents = dict(frappe.get_all("Territory", fields=["name", "parent_territory"], as_list=True))

	def choose(account: Account) -> tuple[str | None, str | None]:
		for territory in [*with_all_above(account.territory, parents), EVERYWHERE_ELSE]:
			if territory in rotations:
				return next(rotations[territory]), None
		return None, nobody_for(account.territory)

	return choose


def with_all_above(territory: str | None, parents: dict[str, str | None]) -> list[str]:
	"""Return the territory, the one above it, and so on. A loop, which only SQL can make, is left where it closes."""
	chain: list[str] = []
	while territory and territory not in chain:
		chain.append(territory)
		territory = parents.get(territory)
	return chain


def nobody_for(territory: str | None) -> str:
	if territory:
		return _("No successor has the territory {0}, and none is named for all others.").format(territory)
	return _("The account has no territory, and no successor is named for all others.")


CHOOSERS = {
	ONE_SUCCESSOR: in_turn,
	ROUND_ROBIN: in_turn,
	BY_TERRITORY: by_territory,
	AS_LISTED: as_listed,
}
