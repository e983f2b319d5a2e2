"""The model: how well does each export explain what was seen?

An export explains a sighting if it held the ringer and was made before. Several ringers together narrow it to the
exports that held all of them; one that lacks one of them never explains that one, whatever else speaks for it.

Among exports that explain equally many ringers, weights decide. A weight is the logarithm, to base 10, of a likelihood
ratio: how much more often one would find this piece of evidence if the contacts went by this export than if they went
another way. 1 stands for ten times, 2 for a hundred times; weights of independent pieces add up. Where a figure can't be
measured, it is an estimate, chosen low; `docs/investigate-a-leak.md` says for each where it comes from.

The model keeps these promises, which tests check on random data:

- another sighting of a ringer that an export held never lowers its place;
- another link between the sender and who made an export never lowers its place;
- the order of sightings and exports makes no difference.

So no weight depends on which ringers rang: size and age of an export count, its silent ringers don't (they are shown
as what speaks against it, since a mailing may still be under way).
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

#: an invented contact that was put into one file only
MADE_FOR_IT = 6.0
#: an export of ten times as many records is half as telling: one leak among more
PER_TENFOLD_SIZE = -0.3
#: address lists age: about a third of the addresses is used no more after a year (usual figures: 22 to 30 % a year)
PER_YEAR_OF_AGE = -0.4
HELD_ADDRESSES = 0.5
HELD_NO_ADDRESSES = -1.0
#: copying by hand is rarer than sending a file
OPENED_ONE_BY_ONE = -1.5
#: … and nothing says that the ringers were among what was read
READ_NEARLY_ALL = -2.0
#: leavers take contacts along far more often than those who stay: half to two thirds say so in surveys
MADE_BY_A_LEAVER = 1.0
SHORTLY_BEFORE_LEAVING = 0.7
SHORTLY_DAYS = 90
IS_WATCHED = 0.5
#: something that no ledger records, such as a photo of the screen, explains every sighting equally well
UNRECORDED = 0.0

DAYS_OF_A_YEAR = 365.25


class Sighted(NamedTuple):
	"""A ringer and the moment when it was contacted for the first time."""

	ringer: str
	seen_on: datetime


class Tie(NamedTuple):
	"""Something that the sender and a person have in common; `compared` are the two texts, `likeness` 0 to 100."""

	kind: str
	weight: float
	compared: tuple[str, str]
	likeness: float = 100.0


class Maker(NamedTuple):
	"""What is known about who made an export, if they left or are about to."""

	left_on: datetime | None = None
	is_watched: bool = False
	ties: tuple[Tie, ...] = ()


class Held(NamedTuple):
	"""An export, or reading without one: contacts opened one by one, or nearly all of them in a day.

	`users` made it: the user, and who sat there. Whether addresses were among what was read isn't always known.
	"""

	name: str
	users: tuple[str, ...]
	made_on: datetime
	rows: int
	has_addresses: bool | None
	was_opened: bool = False
	was_read: bool = False
	made_for: frozenset[str] = frozenset()

	@property
	def is_export(self) -> bool:
		return not self.was_opened and not self.was_read


class Piece(NamedTuple):
	"""A piece of evidence: `figures` are what the sentence about it needs."""

	kind: str
	weight: float
	figures: tuple = ()


@dataclass
class Explanation:
	held: Held
	explains: frozenset[str]
	pieces: list[Piece] = field(default_factory=list)
	#: of all that explain as many ringers, and of what isn't recorded, the part that falls to this one
	share: float = 0.0

	@property
	def weight(self) -> float:
		return sum(piece.weight for piece in self.pieces)


@dataclass
class Ranking:
	explanations: list[Explanation]
	ringers: int

	@property
	def complete(self) -> list[Explanation]:
		"""Return those that explain every ringer."""
		return [explanation for explanation in self.explanations if len(explanation.explains) == self.ringers]


def rank(
	sightings: Sequence[Sighted],
	exports: Mapping[str, Held],
	holdings: Mapping[str, Collection[str]],
	makers: Mapping[str, Maker],
) -> Ranking:
	"""Rank the exports that explain at least one sighting, best first.

	`holdings` gives, by export, the ringers that it held; `makers`, by user, those who left or are linked to the sender.
	"""
	first = first_sightings(sightings)
	explained = explained_by(first, exports, holdings)
	beginning = min(first.values(), default=None)
	explanations = [
		Explanation(exports[name], ringers, weigh(exports[name], beginning, makers))
		for name, ringers in explained.items()
	]
	explanations.sort(key=place)
	give_shares(explanations)
	return Ranking(explanations, len(first))


def first_sightings(sightings: Sequence[Sighted]) -> dict[str, datetime]:
	first: dict[str, datetime] = {}
	for ringer, seen_on in sightings:
		first[ringer] = min(seen_on, first.get(ringer, seen_on))
	return first


def explained_by(
	first: Mapping[str, datetime], exports: Mapping[str, Held], holdings: Mapping[str, Collection[str]]
) -> dict[str, frozenset[str]]:
	"""Return the ringers that each export held before they were contacted."""
	beginning, sighted = min(first.values(), default=None), frozenset(first)
	explained: dict[str, frozenset[str]] = {}
	for name in holdings.keys() & exports.keys():
		made_on, ringers = exports[name].made_on, sighted.intersection(holdings[name])
		if ringers and made_on > beginning:
			ringers = frozenset(ringer for ringer in ringers if made_on <= first[ringer])
		if ringers:
			explained[name] = ringers
	return explained


def place(explanation: Explanation) -> tuple:
	"""Return what explanations are sorted by: most ringers, highest weight, newest."""
	held = explanation.held
	return (-len(explanation.explains), -round(explanation.weight, 6), -held.made_on.timestamp(), held.name)


def weigh(held: Held, first_seen: datetime, makers: Mapping[str, Maker]) -> list[Piece]:
	pieces = [size(held), age(held, first_seen), *addresses(held)]
	if held.was_opened:
		pieces.append(Piece("opened", OPENED_ONE_BY_ONE))
	if held.was_read:
		pieces.append(Piece("read", READ_NEARLY_ALL))
	if held.made_for:
		pieces.append(Piece("made for it", MADE_FOR_IT, (len(held.made_for),)))
	return pieces + best_of_makers(held, makers)


def size(held: Held) -> Piece:
	return Piece("size", PER_TENFOLD_SIZE * math.log10(max(held.rows, 1)), (held.rows,))


def age(held: Held, first_seen: datetime) -> Piece:
	days = (first_seen - held.made_on).total_seconds() / 86400
	return Piece("age", PER_YEAR_OF_AGE * days / DAYS_OF_A_YEAR, (round(days),))


def addresses(held: Held) -> list[Piece]:
	if held.has_addresses is None:
		return []
	if held.has_addresses:
		return [Piece("addresses", HELD_ADDRESSES)]
	return [Piece("no addresses", HELD_NO_ADDRESSES)]


def best_of_makers(held: Held, makers: Mapping[str, Maker]) -> list[Piece]:
	"""Return what speaks for the one of an export's makers for whom most speaks."""
	candidates = [about_maker(held, user, makers[user]) for user in held.users if user in makers]
	return max(candidates, key=lambda pieces: sum(piece.weight for piece in pieces), default=[])


def about_maker(held: Held, user: str, maker: Maker) -> list[Piece]:
	pieces = []
	if maker.left_on:
		pieces.append(Piece("leaver", MADE_BY_A_LEAVER, (user, maker.left_on.date())))
		days = (maker.left_on - held.made_on).days
		if 0 <= days <= SHORTLY_DAYS:
			pieces.append(Piece("shortly before", SHORTLY_BEFORE_LEAVING, (days,)))
	if maker.is_watched:
		pieces.append(Piece("watched", IS_WATCHED, (user,)))
	return pieces + [tied(user, tie) for tie in strongest(maker.ties)]


def strongest(ties: Sequence[Tie]) -> list[Tie]:
	"""Return the strongest tie of each kind: two spellings of a name are one piece of evidence."""
	best: dict[str, Tie] = {}
	for tie in ties:
		if tie.kind not in best or tie.weight > best[tie.kind].weight:
			best[tie.kind] = tie
	return sorted(best.values(), key=lambda tie: (-tie.weight, tie.kind))


def tied(user: str, tie: Tie) -> Piece:
	return Piece(tie.kind, tie.weight, (user, *tie.compared, round(tie.likeness)))


def give_shares(explanations: Sequence[Explanation]) -> None:
	"""Give each of those that explain most its share; the others, which leave ringers unexplained, get none."""
	if not explanations:
		return
	most = len(explanations[0].explains)
	equals = [explanation for explanation in explanations if len(explanation.explains) == most]
	highest = max(UNRECORDED, max(explanation.weight for explanation in equals))
	odds = [10 ** (explanation.weight - highest) for explanation in equals]
	total = sum(odds) + 10 ** (UNRECORDED - highest)
	for explanation, odd in zip(equals, odds, strict=True):
		explanation.share = odd / total
