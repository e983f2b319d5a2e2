"""What the ranking says, in sentences. It's "consistent with", never a verdict: other explanations are always left."""

from collections.abc import Sequence

import frappe
from frappe import _
from frappe.utils import format_date, format_datetime

from crm_transparency.ringers.attribution.holders import Found
from crm_transparency.ringers.attribution.scoring import Explanation, Held, Piece, Ranking, Tie
from crm_transparency.ringers.attribution.senders import Person


def support(weight: float) -> str:
	"""Say a weight in words: the scale that forensic institutes use for likelihood ratios (ENFSI guideline, 2015)."""
	scale = (
		(4, _("very strong support")),
		(3, _("strong support")),
		(2, _("moderately strong support")),
		(1, _("moderate support")),
		(0.3, _("weak support")),
	)
	return next((in_words for least, in_words in scale if weight >= least), _("no particular support"))


def summary(ranking: Ranking, found: Found, names: dict[str, str]) -> str:
	"""Say the result in a sentence or two."""
	if not ranking.explanations:
		return _(
			"No recorded export held these ringers before they were contacted. What isn't recorded here, such as a copy "
			"made by hand or data from another source, is consistent with it too."
		)
	best = ranking.explanations[0]
	what = title(best.held, found.rows.get(best.held.name), names)
	if len(best.explains) < ranking.ringers:
		return _("No single export held all {0} ringers. Most of them, {1}, were in this one: {2}.").format(
			ranking.ringers, len(best.explains), what
		)
	if len(ranking.complete) == 1:
		return _("The sightings are consistent with one recorded export: {0}.").format(what)
	return _(
		"The sightings are consistent with {0} recorded exports. The one that explains them best: {1}."
	).format(len(ranking.complete), what)


def title(held: Held, entry: frappe._dict | None, names: dict[str, str]) -> str:
	users = " / ".join(names.get(user, user) for user in held.users)
	if held.was_read:
		return _("{0} read nearly all that was there, on {1} (records: about {2})").format(
			users, format_date(held.made_on), f"{held.rows:,}"
		)
	if entry is None:
		return _("{0} opened the contacts one by one, from {1} on").format(users, format_date(held.made_on))
	what = entry.report_name or _(entry.reference_doctype or "")
	return _("{0} by {1} on {2}: {3} (records: {4})").format(
		_(entry.channel),
		users,
		format_datetime(held.made_on, "short"),
		what or _("everything"),
		f"{held.rows:,}",
	)


def piece(evidence: Piece, names: dict[str, str]) -> str:
	figures = evidence.figures
	about_people = words_about_people().get(evidence.kind)
	if about_people:
		user, *rest = figures
		return about_people.format(names.get(user, user), *map(readable, rest))
	return words()[evidence.kind].format(*map(readable, figures))


def readable(value: object) -> str:
	if isinstance(value, int):
		return f"{value:,}"
	return value if isinstance(value, str) else format_date(value)


def words() -> dict[str, str]:
	return {
		"size": _("It held {0} records: the more, the less it takes to be among them"),
		"age": _("It was made {0} days before the first sighting: the older, the less the data is used"),
		"addresses": _("It held e-mail addresses or phone numbers"),
		"no addresses": _("It held no e-mail addresses and phone numbers"),
		"opened": _("Contacts that are opened one by one have to be copied by hand"),
		"read": _(
			"What is read in lists and forms has to be copied by hand, and which records it was isn't recorded"
		),
		"made for it": _("Ringers that were made for this export and were in no other: {0}"),
		"shortly before": _("It was made {0} days before the last day at work"),
	}


def words_about_people() -> dict[str, str]:
	return {
		"leaver": _("{0} left on {1}, or is about to"),
		"watched": _("{0} is being offboarded, and the time for which to compare first isn't over"),
		"address": _("The sender's address {1} is in the personnel records of {0}"),
		"phone": _("The number {1} is in the personnel records of {0}"),
		"company domain": _("The sender's domain {1} is that of the company that {0} left for ({2})"),
		"company name": _("The sender {1} resembles the company that {0} left for ({2}; alike: {3} of 100)"),
		"name": _("The sender {1} resembles the name of {0} (alike: {3} of 100)"),
		"name in text": _("The text names {0}"),
	}


def unexplained(explanation: Explanation, ranking: Ranking) -> list[dict]:
	missing = ranking.ringers - len(explanation.explains)
	if not missing:
		return []
	text = _("It explains {0} of {1} ringers: the others weren't in it, or rang before it was made")
	return [{"text": text.format(len(explanation.explains), ranking.ringers), "weight": None}]


def silence(ringers: int) -> list[dict]:
	if not ringers:
		return []
	text = _("Other ringers that it held and that weren't contacted, as far as is known: {0}")
	return [{"text": text.format(ringers), "weight": None}]


def no_link(explanation: Explanation) -> list[dict]:
	"""Say that the maker is still with the company, where nothing links them to the sender."""
	if any(piece.kind in words_about_people() for piece in explanation.pieces):
		return []
	return [{"text": _("Nothing links who made it to the sender"), "weight": None}]


def others(count: int, is_complete: bool) -> str:
	if not is_complete:
		return _("Others that explain as many of the ringers, or more: {0}").format(count)
	if not count:
		return _("No other recorded export explains all of it")
	return _("Other recorded exports that explain all of it as well: {0}").format(count)


def person(known: Person, ties: Sequence[Tie], exports: int) -> dict:
	"""Return what the sender and a person who left have in common."""
	user = known.user or known.key
	names = {user: known.name}
	return {
		"name": known.name,
		"user": known.user,
		"offboarding": known.offboarding,
		"is_watched": known.is_watched,
		"exports": exports,
		"reasons": [
			{
				"text": piece(Piece(tie.kind, tie.weight, (user, *tie.compared, round(tie.likeness))), names),
				"weight": tie.weight,
			}
			for tie in ties
		],
	}
