"""Comparing a case with what is known: gathers the sightings, who left and which exports held the ringers, and ranks."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date

import frappe
from frappe.utils import get_datetime, now

from crm_transparency.crm_transparency.sealed_texts import unseal
from crm_transparency.ledger.people import full_names
from crm_transparency.ringers.attribution import people, scoring, senders
from crm_transparency.ringers.attribution.holders import Found, silent_ringers
from crm_transparency.ringers.attribution.scoring import Explanation, Maker, Piece, Ranking, Sighted, Tie
from crm_transparency.ringers.attribution.senders import Person, Sender
from crm_transparency.ringers.documents import SIGHTING
from crm_transparency.ringers.fingerprints import international

SHOWN = 20
#: senders of one case are much alike: a campaign has one or two
MOST_SENDERS = 20

Ties = dict[str, tuple[Tie, ...]]


def compare(sightings: Sequence[str], who_left: list[Person] | None = None) -> dict:
	"""Return what explains the sightings with these names, best first.

	Asks for no permission. The result can be kept as JSON, and is what a case keeps.
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
	"""Return what a case keeps: facts, which `words` puts into sentences in each reader's language."""
	shown = ranking.explanations[:SHOWN]
	silent = silent_ringers(
		[explanation.held.name for explanation in shown if explanation.held.is_export], found.ringers
	)
	counts = sorted(len(explanation.explains) for explanation in ranking.explanations)
	return {
		"compared_on": now()[:19],
		"ringers": ranking.ringers,
		"complete": len(ranking.complete),
		"names": full_names(user for explanation in shown for user in explanation.held.users),
		"explanations": [
			{
				**as_row(explanation, found.rows.get(explanation.held.name)),
				"silent": silent.get(explanation.held.name, 0),
				"as_good": others(explanation, counts),
			}
			for explanation in shown
		],
		"people": [
			as_person(person, ties[person.key], exports_by(person, shown))
			for person in who_left
			if person.key in ties
		],
	}


def others(explanation: Explanation, counts: Sequence[int]) -> int:
	"""Return how many others explain as many ringers, or more; `counts` are those of all, in order."""
	return len(counts) - bisect_left(counts, len(explanation.explains)) - 1


def exports_by(person: Person, shown: Sequence[Explanation]) -> int:
	return sum(person.user in explanation.held.users for explanation in shown if person.user)


def as_row(explanation: Explanation, entry: frappe._dict | None) -> dict:
	held = explanation.held
	return {
		"export": entry and entry.name,
		"channel": entry and entry.channel,
		"report": entry and entry.report_name,
		"doctype": entry and entry.reference_doctype,
		"was_read": held.was_read,
		"users": list(held.users),
		"made_on": str(held.made_on)[:19],
		"rows": held.rows,
		"explains": len(explanation.explains),
		"weight": round(explanation.weight, 2),
		"share": round(explanation.share, 4),
		"pieces": [as_facts(piece) for piece in explanation.pieces],
	}


def as_person(person: Person, ties: Sequence[Tie], exports: int) -> dict:
	"""Return what the sender and a person who left have in common."""
	return {
		"name": person.name,
		"user": person.user,
		"offboarding": person.offboarding,
		"is_watched": person.is_watched,
		"exports": exports,
		"pieces": [as_facts(scoring.tied(person.user or person.key, tie)) for tie in ties],
	}


def as_facts(piece: Piece) -> dict:
	figures = [str(figure) if isinstance(figure, date) else figure for figure in piece.figures]
	return {"kind": piece.kind, "weight": round(piece.weight, 2), "figures": figures}
