"""The coverage plan: which parts of the data have ringers, which can't be told apart yet, and where a few more would do.

A part is what somebody might carry off: the customers of a territory, a group, an account owner, the members of a list.
A spot is where a ringer can be: it lies in one or more parts. The signature of a part is the set of the ringers in it.
When a part is carried off, the ringers of its signature ring, and no others: so every part needs a signature of its own,
and none may be empty. The fewest spots that do it are what mathematicians call a minimum test cover: finding it for sure
takes forever, so the best spot is taken again and again (the one that separates the most pairs), then what turned out
superfluous is left out, and where there are few spots, fewer are tried in every combination.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from itertools import combinations
from math import comb
from typing import NamedTuple

import frappe
from frappe import _
from frappe.utils import get_fullname

from crm_transparency.ringers import identities, surroundings
from crm_transparency.ringers.surroundings import CUSTOMER, owner_field

TERRITORY, GROUP, OWNER, LIST = "Territory", "Customer Group", "Account Owner", "List"
LIST_MEMBER = "Email Group Member"
Spot = frozenset

#: the part that nothing belongs to: telling a part apart from it means that its signature isn't empty
NOTHING = None
#: combinations of spots that are tried for a smaller answer
MOST_COMBINATIONS = 20_000


class Part(NamedTuple):
	kind: str
	name: str


class Corner(NamedTuple):
	"""The customers that are in the same territory and group, with the same account owner."""

	territory: str | None
	customer_group: str | None
	account_owner: str | None

	def parts(self) -> Spot:
		named = ((TERRITORY, self.territory), (GROUP, self.customer_group), (OWNER, self.account_owner))
		return frozenset(Part(kind, name) for kind, name in named if name)


class Coverage:
	"""What there is today: parts with their customers, and the spots where ringers are."""

	def __init__(self):
		self.corners = corners()
		self.lists = [Part(LIST, name) for name in surroundings.lists()]
		self.spots = [
			spot for spot in map(spot_of, map(identities.contact_of, identities.in_the_crm())) if spot
		]

	def parts(self) -> list[Part]:
		return [*sorted({part for corner in self.corners for part in corner.parts()}), *self.lists]

	def customers(self, part: Part) -> int:
		return sum(count for corner, count in self.corners.items() if part in corner.parts())


def corners() -> dict[Corner, int]:
	"""Return how many customers are in each corner."""
	customer = frappe.qb.DocType(CUSTOMER)
	fields = (customer.territory, customer.customer_group, customer[owner_field(CUSTOMER)])
	rows = (
		frappe.qb.from_(customer)
		.select(*fields, frappe.query_builder.functions.Count("*"))
		.where(customer.disabled == 0)
		.groupby(*fields)
		.run()
	)
	return {Corner(*(value or None for value in row[:3])): row[3] for row in rows}


def spot_of(identity: identities.Identity) -> Spot:
	"""Return the parts that a ringer is in today: its customer may have changed hands since it was planted."""
	host = identity.placement.get("host") or next(
		(name for doctype, name in identity.records if doctype == CUSTOMER), None
	)
	values = (
		frappe.db.get_value(CUSTOMER, host, ["territory", "customer_group", owner_field(CUSTOMER)])
		if host
		else None
	)
	lists = (
		frappe.get_all(LIST_MEMBER, filters={"email": identity.email, "unsubscribed": 0}, pluck="email_group")
		if identity.email and frappe.db.exists("DocType", LIST_MEMBER, cache=True)
		else []
	)
	return frozenset({*(Corner(*values).parts() if values else ()), *(Part(LIST, name) for name in lists)})


def overview() -> dict:
	"""Return each part with how many ringers it has and what it can't be told apart from, and a proposal with its description."""
	coverage = Coverage()
	parts = coverage.parts()
	together_with = together(parts, coverage.spots)
	proposal = propose(coverage)
	return {
		"parts": [
			{
				"kind": _(part.kind),
				"name": title_of(part),
				"customers": coverage.customers(part) if part.kind != LIST else None,
				"ringers": sum(part in spot for spot in coverage.spots),
				"together_with": others_in_words(together_with[part]),
			}
			for part in parts
		],
		"told_apart": sum(not others for others in together_with.values()),
		"proposal": proposal,
		"words": proposal_in_words(parts, together_with, proposal),
	}


def others_in_words(others: list[Part | None]) -> list[str]:
	"""Return what rings in the same way; of parts without any ringer only that they have none."""
	return (
		[_("no ringer yet")]
		if NOTHING in others
		else [f"{_(other.kind)} {title_of(other)}" for other in others]
	)


def title_of(part: Part) -> str:
	return get_fullname(part.name) if part.kind == OWNER else part.name


def propose(coverage: Coverage) -> list[dict]:
	"""Return where few more ringers would tell all parts apart that can be: one place a ringer."""
	customers_parts = [part for part in coverage.parts() if part.kind != LIST]
	by_spot: dict[Spot, Corner] = {}
	for corner in coverage.corners:
		by_spot.setdefault(corner.parts(), corner)
	chosen = separating_spots(customers_parts, by_spot, coverage.spots)
	proposed = [by_spot[spot] for spot in chosen]
	largest = max(coverage.corners, key=coverage.corners.get, default=Corner(None, None, None))
	lists = lists_of_new_ringers(coverage, chosen, largest.parts())
	proposed += [largest] * (len(lists) - len(proposed))
	return [
		{**corner._asdict(), "lists": sorted(names)} for corner, names in zip(proposed, lists, strict=True)
	]


def lists_of_new_ringers(coverage: Coverage, chosen: list[Spot], spare: Spot) -> list[set[str]]:
	"""Return which lists each new ringer goes on, so that every list gets a signature of its own; `spare` is where more go.

	A ringer can be on any lists, so lists are numbered in binary, as it were, with the ringers as digits.
	"""
	spots = [*coverage.spots, *chosen]
	first_new = len(coverage.spots)
	waiting = [part for part in coverage.lists if together(coverage.parts(), coverage.spots)[part]]
	while len(list(zip(waiting, free_codes(coverage, spots, first_new), strict=False))) < len(waiting):
		spots.append(spare)
	lists: list[set[str]] = [set() for _spot in spots[first_new:]]
	for part, code in zip(waiting, free_codes(coverage, spots, first_new), strict=False):
		for number in code:
			lists[number].add(part.name)
	return lists


def free_codes(coverage: Coverage, spots: list[Spot], first_new: int):
	"""Yield sets of new ringers that aren't yet the signature of a part."""
	signatures = (
		frozenset(number - first_new for number, spot in enumerate(spots) if part in spot)
		for part in coverage.parts()
	)
	return codes(signatures, len(spots) - first_new)


def proposal_in_words(parts: list[Part], together: dict, proposal: list[dict]) -> str:
	told_apart = sum(not others for others in together.values())
	if told_apart == len(parts):
		return _(
			"All {0} parts can be told apart: if one leaks, the ringers that are contacted tell which."
		).format(len(parts))
	if not proposal:
		return _(
			"{0} of {1} parts can be told apart. More ringers wouldn't help, because the other parts have the same customers."
		).format(told_apart, len(parts))
	return _(
		"{0} of {1} parts can be told apart. With {2} more ringers in the right places, each part with customers of "
		"its own has a unique set of ringers: if it leaks, the ringers that are contacted tell which part it was."
	).format(told_apart, len(parts), len(proposal))


def host_in(corner: dict) -> str | None:
	"""Return a customer of a corner, without a ringer if there is one."""
	used = {identities.contact_of(ringer).placement.get("host") for ringer in identities.in_the_crm()}
	filters = {
		field: corner.get(key) or ("is", "not set")
		for field, key in (
			("territory", "territory"),
			("customer_group", "customer_group"),
			(owner_field(CUSTOMER), "account_owner"),
		)
	}
	names = frappe.get_all(
		CUSTOMER, filters={**filters, "disabled": 0}, pluck="name", limit=1000, order_by=None
	)
	fresh = [name for name in names if name not in used]
	return next(iter(surroundings.sample(fresh or names, 1)), None)


# Telling parts apart: here a part is anything hashable


def separating_spots(
	parts: Iterable[Hashable], spots: Iterable[Spot], already: Iterable[Spot] = ()
) -> list[Spot]:
	"""Return few spots that, with those that have a ringer already, tell the parts apart as far as all spots could."""
	parts, taken = [NOTHING, *parts], list(already)
	spots = sorted({*spots}, key=lambda spot: (-len(spot), sorted(map(str, spot))))
	chosen = without_superfluous(parts, taken, greedily_chosen(parts, spots, taken))
	return fewer(parts, spots, taken, chosen)


def greedily_chosen(parts: Sequence[Hashable], spots: Sequence[Spot], taken: Sequence[Spot]) -> list[Spot]:
	classes = classes_of(parts, taken)
	chosen: list[Spot] = []
	while spots:
		sizes = Counter(classes.values())
		best = max(spots, key=lambda spot: separated_pairs(spot, classes, sizes))
		if not separated_pairs(best, classes, sizes):
			return chosen
		chosen.append(best)
		classes = refined(classes, best)
	return chosen


def classes_of(parts: Iterable[Hashable], taken: Iterable[Spot]) -> dict[Hashable, Hashable]:
	"""Return a mark for each part, the same for those that can't be told apart."""
	classes: dict[Hashable, Hashable] = dict.fromkeys(parts, 0)
	for spot in taken:
		classes = refined(classes, spot)
	return classes


def refined(classes: dict[Hashable, Hashable], spot: Spot) -> dict[Hashable, Hashable]:
	numbers: dict[Hashable, int] = {}
	return {part: numbers.setdefault((mark, part in spot), len(numbers)) for part, mark in classes.items()}


def separated_pairs(spot: Spot, classes: dict[Hashable, Hashable], sizes: Counter) -> int:
	inside = Counter(classes[part] for part in spot if part in classes)
	return sum(count * (sizes[mark] - count) for mark, count in inside.items())


def separates(parts: Sequence[Hashable], spots: Iterable[Spot]) -> int:
	"""Return how many different signatures the parts have."""
	return len(set(classes_of(parts, spots).values()))


def without_superfluous(parts: Sequence[Hashable], taken: list[Spot], chosen: list[Spot]) -> list[Spot]:
	wanted = separates(parts, [*taken, *chosen])
	for spot in list(chosen):
		others = [other for other in chosen if other is not spot]
		if separates(parts, [*taken, *others]) == wanted:
			chosen = others
	return chosen


def fewer(
	parts: Sequence[Hashable], spots: Sequence[Spot], taken: list[Spot], chosen: list[Spot]
) -> list[Spot]:
	"""Return the smallest set of spots that tells as much apart, as far as trying them all is quick."""
	wanted = separates(parts, [*taken, *chosen])
	for size in range(len(chosen)):
		if comb(len(spots), size) > MOST_COMBINATIONS:
			return chosen
		for combination in combinations(spots, size):
			if separates(parts, [*taken, *combination]) == wanted:
				return list(combination)
	return chosen


def together(parts: Iterable[Hashable], taken: Iterable[Spot]) -> dict[Hashable, list[Hashable]]:
	"""Return, for each part, those that ring in the same way; NOTHING among them if no ringer is there."""
	classes = classes_of([NOTHING, *parts], taken)
	members: dict[Hashable, list[Hashable]] = {}
	for part, mark in classes.items():
		members.setdefault(mark, []).append(part)
	return {
		part: [other for other in members[mark] if other != part]
		for part, mark in classes.items()
		if part is not NOTHING
	}


def codes(signatures: Iterable[frozenset], count: int) -> Iterable[tuple[int, ...]]:
	"""Yield sets of numbers below `count`, the smallest first, that are no signature yet."""
	used = set(signatures)
	for size in range(1, count + 1):
		for code in combinations(range(count), size):
			if frozenset(code) not in used:
				yield code
