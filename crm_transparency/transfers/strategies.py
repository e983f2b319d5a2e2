"""Who gets which account."""

from collections.abc import Callable, Iterator

import frappe
from frappe import _
from frappe.model.document import Document

from crm_transparency.transfers.accounts import Account
from crm_transparency.transfers.words import (
	AS_LISTED,
	BY_TERRITORY,
	ONE_SUCCESSOR,
	ROUND_ROBIN,
)

TERRITORY = "Territory"
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
	parents = territory_parents()

	def choose(account: Account) -> tuple[str | None, str | None]:
		for territory in [*with_all_above(account.territory, parents), EVERYWHERE_ELSE]:
			if territory in rotations:
				return next(rotations[territory]), None
		return None, nobody_for(account.territory)

	return choose


def territory_parents() -> dict[str, str | None]:
	return dict(frappe.get_all(TERRITORY, fields=["name", "parent_territory"], as_list=True))


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
