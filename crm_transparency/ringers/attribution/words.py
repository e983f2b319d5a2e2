"""What the ranking says, in sentences. It's "consistent with", never a verdict: other explanations are always left."""

from collections.abc import Sequence

from frappe import _
from frappe.utils import format_date, format_datetime

#: the facts of an explanation that its title needs
OF_TITLE = ("export", "channel", "report", "doctype", "was_read", "users", "made_on", "rows")


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


def result(facts: dict) -> dict:
	"""Return what `comparing` found, with its sentences in the reader's language.

	Before facts were kept, the sentences themselves were: such a result is returned as it is.
	"""
	if "summary" in facts or not facts:
		return facts
	return {
		"compared_on": facts["compared_on"],
		"ringers": facts["ringers"],
		"complete": facts["complete"],
		"summary": summary(facts),
		"explanations": [explanation(row, facts) for row in facts["explanations"]],
		"people": [person(row) for row in facts["people"]],
	}


def of_summary(facts: dict) -> dict:
	"""Return the part of what `comparing` found that `summary` needs."""
	return {
		"ringers": facts["ringers"],
		"complete": facts["complete"],
		"names": facts["names"],
		"explanations": [
			{field: row[field] for field in (*OF_TITLE, "explains")} for row in facts["explanations"][:1]
		],
	}


def summary(facts: dict) -> str:
	"""Say the result in a sentence or two."""
	if not facts["explanations"]:
		return _(
			"No recorded export held these ringers before they were contacted. What isn't recorded here, such as a copy "
			"made by hand or data from another source, is consistent with it too."
		)
	best = facts["explanations"][0]
	what = title(best, facts["names"])
	if best["explains"] < facts["ringers"]:
		return _("No single export held all {0} ringers. Most of them, {1}, were in this one: {2}.").format(
			facts["ringers"], best["explains"], what
		)
	if facts["complete"] == 1:
		return _("The sightings are consistent with one recorded export: {0}.").format(what)
	return _(
		"The sightings are consistent with {0} recorded exports. The one that explains them best: {1}."
	).format(facts["complete"], what)


def title(row: dict, names: dict[str, str]) -> str:
	users = " / ".join(names.get(user, user) for user in row["users"])
	records = f"{row['rows']:,}"
	if row["was_read"]:
		return _("{0} read nearly all that was there, on {1} (records: about {2})").format(
			users, format_date(row["made_on"]), records
		)
	if not row["export"]:
		return _("{0} opened the contacts one by one, from {1} on").format(users, format_date(row["made_on"]))
	what = row["report"] or _(row["doctype"] or "")
	return _("{0} by {1} on {2}: {3} (records: {4})").format(
		_(row["channel"]),
		users,
		format_datetime(row["made_on"], "short"),
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
		"reasons": [piece(some, names) for some in pieces if some["weight"] > 0],
		"against": [
			*(piece(some, names) for some in pieces if some["weight"] < 0),
			*unexplained(row["explains"], ringers),
			*silence(row["silent"]),
			*no_link(pieces),
		],
		"others": others(row["as_good"], row["explains"] == ringers),
	}


def person(row: dict) -> dict:
	"""Return what the sender and a person who left have in common."""
	names = {some["figures"][0]: row["name"] for some in row["pieces"]}
	shown = {field: row[field] for field in ("name", "user", "offboarding", "is_watched", "exports")}
	return {**shown, "reasons": [piece(some, names) for some in row["pieces"]]}


def piece(facts: dict, names: dict[str, str]) -> dict:
	kind, figures = facts["kind"], facts["figures"]
	about_people = words_about_people().get(kind)
	if about_people:
		user, *rest = figures
		rest = map(format_date, rest) if kind == "leaver" else map(readable, rest)
		text = about_people.format(names.get(user, user), *rest)
	else:
		text = words()[kind].format(*map(readable, figures))
	return {"text": text, "weight": facts["weight"]}


def readable(value: object) -> str:
	return f"{value:,}" if isinstance(value, int) else str(value)


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


def unexplained(explains: int, ringers: int) -> list[dict]:
	if explains == ringers:
		return []
	text = _("It explains {0} of {1} ringers: the others weren't in it, or rang before it was made")
	return [{"text": text.format(explains, ringers), "weight": None}]


def silence(ringers: int) -> list[dict]:
	if not ringers:
		return []
	text = _("Other ringers that it held and that weren't contacted, as far as is known: {0}")
	return [{"text": text.format(ringers), "weight": None}]


def no_link(pieces: Sequence[dict]) -> list[dict]:
	"""Say that the maker is still with the company, where nothing links them to the sender."""
	if any(some["kind"] in words_about_people() for some in pieces):
		return []
	return [{"text": _("Nothing links who made it to the sender"), "weight": None}]


def others(count: int, is_complete: bool) -> str:
	if not is_complete:
		return _("Others that explain as many of the ringers, or more: {0}").format(count)
	if not count:
		return _("No other recorded export explains all of it")
	return _("Other recorded exports that explain all of it as well: {0}").format(count)
