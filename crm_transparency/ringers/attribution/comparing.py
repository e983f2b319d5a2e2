"""Comparing a case with what is known: gathers the sightings, who left and which exports held the ringers, and ranks."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime

import frappe
from frappe.utils import get_datetime, now

from crm_transparency.crm_transparency.sealed_texts import unseal
from crm_transparency.ledger.people import full_names
from crm_transparency.ringers.attribution import people, scoring, senders, words
from crm_transparency.ringers.attribution.holders import Found, silent_ringers
from crm_transparency.ringers.attribution.scoring import Explanation, Maker, Ranking, Sighted, Tie
from crm_transparency.ringers.attribution.senders import Person, Sender
from crm_transparency.ringers.documents import SIGHTING
from crm_transparency.ringers.fingerprints import international

SHOWN = 20
#: weights below are rounded to nothing
SMALLEST_SHOWN = 0.005
#: senders of one case are much alike: a campaign has one or two
MOST_SENDERS = 20

Ties = dict[str, tuple[Tie, ...]]


def compare(sightings: Sequence[str], who_left: list[Person] | None = None) -> dict:
	"""Return what explains the sightings with these names, best first, in words and figures.

	Asks for no permission. The result holds text and numbers only, and is what a case keeps.
	"""
	who_left = people.who_left() if who_left is None else who_left
	rows = read_sightings(sightings)
	sighted = [Sighted(row.ringer, get_datetime(row.seen_on)) for row in rows]
	ties = ties_of(senders_in(rows), who_left)
	found = Found(scoring.first_sightings(sighted))
	ranking = rank(sighted, found, makers_of(who_left, ties))
	return as_result(ranking, found, who_left, ties)


def read_sightings(names: Sequence[str]) -> list[frappe._dict]:
	rows = frappe.get_all(
		SIGHTING,
		filters={"name": ("in", list(names))},
		fields=["name", "ringer", "seen_on", "channel", "sender", "sender_name", "content"],
		order_by="seen_on, name",
		limit_page_length=0,
	)
	return rows


def senders_in(rows: Sequence[frappe._dict]) -> set[Sender]:
	found: set[Sender] = set()
	for row in rows:
		shown = unseal(row.sender)
		is_phone = bool(shown) and "@" not in shown
		found.add(
			Sender(
				address=None if is_phone else shown,
				phone=international(shown) if is_phone else None,
				name=unseal(row.sender_name),
				text=unseal(row.content),
			)
		)
		if len(found) == MOST_SENDERS:
			break
	return found


def ties_of(found: set[Sender], who_left: Sequence[Person]) -> Ties:
	"""Return, by person, everything that one of the senders has in common with them."""
	ties: Ties = {}
	for person in who_left:
		tied = {tie for sender in found for tie in senders.ties(sender, person)}
		if tied:
			ties[person.key] = tuple(scoring.strongest(sorted(tied)))
	return ties


def makers_of(who_left: Sequence[Person], ties: Ties) -> dict[str, Maker]:
	return {
		person.user: Maker(person.left_on, person.is_watched, ties.get(person.key, ()))
		for person in who_left
		if person.user
	}


def rank(sighted: Sequence[Sighted], found: Found, makers: dict[str, Maker]) -> Ranking:
	"""Rank those that held all ringers; only where no export did, those that held most of them, too."""
	ranking = scoring.rank(sighted, found.held, found.holdings, makers)
	if any(explanation.held.is_export for explanation in ranking.complete):
		return ranking
	found.add_partial(SHOWN)
	return scoring.rank(sighted, found.held, found.holdings, makers)


def as_result(ranking: Ranking, found: Found, who_left: Sequence[Person], ties: Ties) -> dict:
	shown = ranking.explanations[:SHOWN]
	silent = silent_ringers(
		[explanation.held.name for explanation in shown if explanation.held.is_export], found.ringers
	)
	names = full_names(user for explanation in shown for user in explanation.held.users)
	counts = sorted(len(explanation.explains) for explanation in ranking.explanations)
	return {
		"compared_on": now()[:19],
		"ringers": ranking.ringers,
		"complete": len(ranking.complete),
		"summary": words.summary(ranking, found, names),
		"explanations": [
			as_row(explanation, ranking, found, names, silent, others(explanation, counts))
			for explanation in shown
		],
		"people": [
			words.person(person, ties[person.key], exports_by(person, shown))
			for person in who_left
			if person.key in ties
		],
	}


def others(explanation: Explanation, counts: Sequence[int]) -> int:
	"""Return how many others explain as many ringers, or more; `counts` are those of all, in order."""
	return len(counts) - bisect_left(counts, len(explanation.explains)) - 1


def exports_by(person: Person, shown: Sequence[Explanation]) -> int:
	return sum(person.user in explanation.held.users for explanation in shown if person.user)


def as_row(
	explanation: Explanation,
	ranking: Ranking,
	found: Found,
	names: dict[str, str],
	silent: dict[str, int],
	as_good: int,
) -> dict:
	held = explanation.held
	entry = found.rows.get(held.name)
	is_complete = len(explanation.explains) == ranking.ringers
	return {
		"export": entry.name if entry else None,
		"title": words.title(held, entry, names),
		"users": list(held.users),
		"made_on": as_text(held.made_on),
		"rows": held.rows,
		"explains": len(explanation.explains),
		"ringers": ranking.ringers,
		"weight": round(explanation.weight, 2),
		"share": round(explanation.share, 4),
		"support": words.support(explanation.weight),
		"reasons": [
			{"text": words.piece(piece, names), "weight": round(piece.weight, 2)}
			for piece in explanation.pieces
			if piece.weight >= SMALLEST_SHOWN
		],
		"against": [
			*(
				{"text": words.piece(piece, names), "weight": round(piece.weight, 2)}
				for piece in explanation.pieces
				if piece.weight <= -SMALLEST_SHOWN
			),
			*words.unexplained(explanation, ranking),
			*words.silence(silent.get(held.name, 0)),
			*words.no_link(explanation),
		],
		"others": words.others(as_good, is_complete),
	}


def as_text(moment: datetime) -> str:
	return str(moment)[:19]
