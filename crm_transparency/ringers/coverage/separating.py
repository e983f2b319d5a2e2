"""Telling parts apart: which places need a ringer, so that those that ring say which part of the data was used.

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

Part = Hashable
Spot = frozenset

#: the part that nothing belongs to: telling a part apart from it means that its signature isn't empty
NOTHING = None
#: combinations of spots that are tried for a smaller answer
MOST_COMBINATIONS = 20_000


def separating_spots(
	parts: Iterable[Part], spots: Iterable[Spot], already: Iterable[Spot] = ()
) -> list[Spot]:
	"""Return few spots that, with those that have a ringer already, tell the parts apart as far as all spots could."""
	parts, taken = [NOTHING, *parts], list(already)
	spots = sorted({*spots}, key=lambda spot: (-len(spot), sorted(map(str, spot))))
	chosen = without_superfluous(parts, taken, greedily_chosen(parts, spots, taken))
	return fewer(parts, spots, taken, chosen)


def greedily_chosen(parts: Sequence[Part], spots: Sequence[Spot], taken: Sequence[Spot]) -> list[Spot]:
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


def classes_of(parts: Iterable[Part], taken: Iterable[Spot]) -> dict[Part, Hashable]:
	"""Return a mark for each part, the same for those that can't be told apart."""
	classes: dict[Part, Hashable] = dict.fromkeys(parts, 0)
	for spot in taken:
		classes = refined(classes, spot)
	return classes


def refined(classes: dict[Part, Hashable], spot: Spot) -> dict[Part, Hashable]:
	numbers: dict[Hashable, int] = {}
	return {part: numbers.setdefault((mark, part in spot), len(numbers)) for part, mark in classes.items()}


def separated_pairs(spot: Spot, classes: dict[Part, Hashable], sizes: Counter) -> int:
	inside = Counter(classes[part] for part in spot if part in classes)
	return sum(count * (sizes[mark] - count) for mark, count in inside.items())


def separates(parts: Sequence[Part], spots: Iterable[Spot]) -> int:
	"""Return how many different signatures the parts have."""
	return len(set(classes_of(parts, spots).values()))


def without_superfluous(parts: Sequence[Part], taken: list[Spot], chosen: list[Spot]) -> list[Spot]:
	wanted = separates(parts, [*taken, *chosen])
	for spot in list(chosen):
		others = [other for other in chosen if other is not spot]
		if separates(parts, [*taken, *others]) == wanted:
			chosen = others
	return chosen


def fewer(parts: Sequence[Part], spots: Sequence[Spot], taken: list[Spot], chosen: list[Spot]) -> list[Spot]:
	"""Return the smallest set of spots that tells as much apart, as far as trying them all is quick."""
	wanted = separates(parts, [*taken, *chosen])
	for size in range(len(chosen)):
		if comb(len(spots), size) > MOST_COMBINATIONS:
			return chosen
		for combination in combinations(spots, size):
			if separates(parts, [*taken, *combination]) == wanted:
				return list(combination)
	return chosen


def together(parts: Iterable[Part], taken: Iterable[Spot]) -> dict[Part, list[Part]]:
	"""Return, for each part, those that ring in the same way; NOTHING among them if no ringer is there."""
	classes = classes_of([NOTHING, *parts], taken)
	members: dict[Hashable, list[Part]] = {}
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
