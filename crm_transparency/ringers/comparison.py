"""Comparing a case with what is known: which exports are consistent with its sightings, and who made them.

`compare` returns facts that a case keeps; `result` puts them into sentences in each reader's language. They say "consistent
with", never a verdict: other explanations are always left.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date

import frappe
from frappe import _
from frappe.utils import format_date, get_datetime, now

from crm_transparency.crm_transparency import formatting
from crm_transparency.crm_transparency.encryption import decrypted
from crm_transparency.ledger.names import full_names
from crm_transparency.ringers import leavers, scoring, senders
from crm_transparency.ringers.documents import SIGHTING
from crm_transparency.ringers.export_holdings import Found, silent_ringers
from crm_transparency.ringers.fingerprints import international
from crm_transparency.ringers.scoring import Explanation, Maker, Piece, Ranking, Sighted, Tie
from crm_transparency.ringers.senders import Person, Sender

SHOWN = 20
#: senders of one case are much alike: a campaign has one or two
MOST_SENDERS = 20

Ties = dict[str, tuple[Tie, ...]]


def compare(sightings: Sequence[str], who_left: list[Person] | None = None) -> dict:
	"""Return what explains the sightings with these names, best first.

	Asks for no permission. The result can be kept as JSON, and is what a case keeps.
	"""
	who_left = leavers.who_left() if who_left is None else who_left
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
		shown = decrypted(row.sender)
		is_phone = bool(shown) and "@" not in shown
		found.add(
			Sender(
				address=None if is_phone else shown,
				phone=international(shown) if is_phone else None,
				name=decrypted(row.sender_name),
				text=decrypted(row.content),
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
				"as_good": count_as_good(explanation, counts),
			}
			for explanation in shown
		],
		"people": [
			as_person(person, ties[person.key], exports_by(person, shown))
			for person in who_left
			if person.key in ties
		],
	}


def count_as_good(explanation: Explanation, counts: Sequence[int]) -> int:
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


# Sentences

#: the facts of an explanation that its title needs
OF_TITLE = ("export", "channel", "report", "doctype", "was_read", "users", "made_on", "rows")


def support(weight: float) -> str:
	"""Return the name of a weight on the scale that forensic institutes use for likelihood ratios (ENFSI guideline, 2015)."""
	scale = (
		(4, _("very strong support")),
		(3, _("strong support")),
		(2, _("moderately strong support")),
		(1, _("moderate support")),
		(0.3, _("weak support")),
	)
	return next((in_words for least, in_words in scale if weight >= least), _("no particular support"))


def result(facts: dict) -> dict:
	"""Return what `compare` found, with its sentences in the reader's language."""
	if not facts:
		return facts
	return {
		"compared_on": facts["compared_on"],
		"ringers": facts["ringers"],
		"complete": facts["complete"],
		"summary": summary(facts),
		"explanations": [explanation(row, facts) for row in facts["explanations"]],
		"people": [person(row) for row in facts["people"]],
	}


def facts_of_summary(facts: dict) -> dict:
	"""Return the part of what `compare` found that `summary` needs."""
	return {
		"ringers": facts["ringers"],
		"complete": facts["complete"],
		"names": facts["names"],
		"explanations": [
			{field: row[field] for field in (*OF_TITLE, "explains", "weight", "share")}
			for row in facts["explanations"][:1]
		],
	}


def summary(facts: dict) -> str:
	"""Return the result in a sentence or two."""
	if not facts["explanations"]:
		return _(
			"No recorded export contained these ringers before they were contacted. Something that isn't recorded here, "
			"such as a handmade copy or data from another source, is consistent with it, too."
		)
	return " ".join((*strength(facts["explanations"][0]), best_in_words(facts)))


def strength(best: dict) -> list[str]:
	"""Return how far the best explanation goes; nothing where an older event didn't keep it."""
	if "weight" not in best:
		return []
	in_words = support(best["weight"])
	return [_("{0}, share {1}.").format(in_words[:1].upper() + in_words[1:], share(best["share"]))]


def share(part: float) -> str:
	"""Return a part of 1 as a percentage that is never all, nor nothing: other explanations are always left."""
	if part > 0.999:
		return _("over {0} %").format(formatting.number(99.9))
	if part < 0.001:
		return _("under {0} %").format(formatting.number(0.1))
	return f"{formatting.number(100 * part)} %"


def best_in_words(facts: dict) -> str:
	best = facts["explanations"][0]
	what = title(best, facts["names"])
	if best["explains"] < facts["ringers"]:
		return _(
			"No single export contained all {0} ringers. Most of them, {1}, were in this one: {2}."
		).format(facts["ringers"], best["explains"], what)
	if facts["complete"] == 1:
		return _("The sightings are consistent with one recorded export: {0}.").format(what)
	return _(
		"The sightings are consistent with {0} recorded exports. The one that explains them best: {1}."
	).format(facts["complete"], what)


def title(row: dict, names: dict[str, str]) -> str:
	users = " / ".join(names.get(user, user) for user in row["users"])
	records = formatting.number(row["rows"])
	if row["was_read"]:
		return _("{0} read nearly all records on {1} (about {2})").format(
			users, format_date(row["made_on"]), records
		)
	if not row["export"]:
		return _("{0} opened the contacts one by one, starting on {1}").format(
			users, format_date(row["made_on"])
		)
	what = row["report"] or _(row["doctype"] or "")
	return _("{0} by {1} on {2}: {3} (records: {4})").format(
		_(row["channel"]),
		users,
		formatting.moment(row["made_on"]),
		what or _("everything"),
		records,
	)


def explanation(row: dict, facts: dict) -> dict:
	"""Return what speaks for and against one of the explanations."""
	names, ringers, pieces = facts["names"], facts["ringers"], row["pieces"]
	return {
		**{
			field: row[field]
			for field in ("export", "users", "made_on", "rows", "explains", "weight", "share")
		},
		"ringers": ringers,
		"title": title(row, names),
		"support": support(row["weight"]),
		"share_in_words": share(row["share"]),
		"reasons": [piece(some, names) for some in pieces if some["weight"] > 0],
		"against": [
			*(piece(some, names) for some in pieces if some["weight"] < 0),
			*unexplained(row["explains"], ringers),
			*silence(row["silent"]),
			*no_link(pieces),
		],
		"others": other_explanations(row["as_good"], row["explains"] == ringers),
	}


def person(row: dict) -> dict:
	"""Return what the sender and a person who left have in common."""
	names = {some["figures"][0]: row["name"] for some in row["pieces"]}
	shown = {field: row[field] for field in ("name", "user", "offboarding", "is_watched", "exports")}
	return {**shown, "reasons": [piece(some, names) for some in row["pieces"]]}


def piece(facts: dict, names: dict[str, str]) -> dict:
	kind, figures = facts["kind"], facts["figures"]
	about_people = sentences_about_people().get(kind)
	if about_people:
		user, *rest = figures
		rest = map(format_date, rest) if kind == "leaver" else map(readable, rest)
		text = about_people.format(names.get(user, user), *rest)
	else:
		text = sentences()[kind].format(*map(readable, figures))
	return {"text": text, "weight": facts["weight"]}


def readable(value: object) -> str:
	return formatting.number(value) if isinstance(value, int) else str(value)


def sentences() -> dict[str, str]:
	return {
		"size": _(
			"It contained {0} records: the more there are, the less it says that the ringers were among them"
		),
		"age": _("It was made {0} days before the first sighting: the older data is, the less it is used"),
		"addresses": _("It contained email addresses or phone numbers"),
		"no addresses": _("It contained no email addresses or phone numbers"),
		"opened": _("Contacts that are opened one by one have to be copied by hand"),
		"read": _(
			"Records read in lists and forms have to be copied by hand, and it isn't recorded which ones were read"
		),
		"made for it": _("Ringers made for this export only: {0}"),
		"shortly before": _("It was made {0} days before the last working day"),
	}


def sentences_about_people() -> dict[str, str]:
	return {
		"leaver": _("{0} left on {1}, or is about to"),
		"watched": _("{0} is being offboarded and still watched"),
		"address": _("The sender's address {1} is in the personnel records of {0}"),
		"phone": _("The number {1} is in the personnel records of {0}"),
		"company domain": _("The sender's domain {1} is that of the company that {0} left for ({2})"),
		"company name": _(
			"The sender {1} resembles the company that {0} left for ({2}; similarity: {3} of 100)"
		),
		"name": _("The sender {1} resembles the name of {0} (similarity: {3} of 100)"),
		"name in text": _("The text names {0}"),
	}


def unexplained(explains: int, ringers: int) -> list[dict]:
	if explains == ringers:
		return []
	text = _("It explains {0} of {1} ringers: the others weren't in it, or were contacted before it was made")
	return [{"text": text.format(explains, ringers), "weight": None}]


def silence(ringers: int) -> list[dict]:
	if not ringers:
		return []
	text = _("Other ringers in it that weren't contacted, as far as we know: {0}")
	return [{"text": text.format(ringers), "weight": None}]


def no_link(pieces: Sequence[dict]) -> list[dict]:
	"""Return what speaks against an export whose maker nothing links to the sender."""
	if any(some["kind"] in sentences_about_people() for some in pieces):
		return []
	return [{"text": _("Nothing links whoever made it to the sender"), "weight": None}]


def other_explanations(count: int, is_complete: bool) -> str:
	if not is_complete:
		return _("Others that explain as many ringers or more: {0}").format(count)
	if not count:
		return _("No other recorded export explains all sightings")
	return _("Other recorded exports that explain all sightings: {0}").format(count)
