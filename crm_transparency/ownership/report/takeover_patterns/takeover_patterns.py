"""Who takes over colleagues' accounts: a row for each person, and under it one for each colleague.

Managers see everybody's takeovers, everybody else their own.
"""

import frappe
from frappe import _
from frappe.utils import cint, flt, formatdate

from crm_transparency.crm_transparency import staff
from crm_transparency.crm_transparency.period import Period
from crm_transparency.crm_transparency.report_parts import column
from crm_transparency.ledger import names
from crm_transparency.ownership import coaching, patterns
from crm_transparency.ownership.patterns import TakeoverPattern

PERSONS_OF_A_PAGE = 20
PERSONS_OF_THE_CHART = 10
ORANGE, GRAY = "#F8814F", "#CBD5E0"


def execute(filters: dict | None = None) -> tuple:
	"""Return columns, rows, the note that there may be more people, and the chart."""
	filters = frappe._dict(filters or {})
	period = Period.of_filters(filters, default_days=patterns.threshold().days)
	at_most = None if cint(filters.everyone) else PERSONS_OF_A_PAGE
	person = person_asked_for(filters)
	found = patterns.takeover_patterns(period.first_day, period.last_day, user=person, at_most=at_most)
	note = note_of(len(found), at_most)
	if cint(filters.only_patterns):
		found = [pattern for pattern in found if pattern.is_pattern]
	called = names.full_names(
		user
		for pattern in found
		for user in (pattern.person, *(taken.colleague for taken in pattern.colleagues))
	)
	notes = coaching.newest_notes(pattern.person for pattern in found)
	rows = [row for pattern in found for row in rows_of(pattern, period, called, notes.get(pattern.person))]
	with_coaching = bool(notes) or staff.is_manager()
	return columns(with_coaching), rows, note, chart(found, period, called)


def person_asked_for(filters: frappe._dict) -> str | None:
	"""Return whose takeovers to show, None for everybody's. Raises PermissionError for somebody else's."""
	if staff.is_manager():
		return filters.person or None
	if filters.person not in (None, "", frappe.session.user):
		roles = staff.roles_in_words()
		frappe.throw(
			_(
				"You can see your own takeovers. Takeovers by others are visible to people with one of these roles: {0}."
			).format(roles),
			exc=frappe.PermissionError,
			title=_("Another person's takeovers"),
		)
	return frappe.session.user


def note_of(persons: int, at_most: int | None) -> str | None:
	if persons and persons == at_most:
		return _(
			"The {0} people with the most takeovers are shown. Check Everyone to see all of them."
		).format(persons)
	if not persons and not staff.is_manager():
		return _("You didn't take over any accounts from colleagues in this period.")
	return None


def columns(with_coaching: bool) -> list[dict]:
	limit = patterns.threshold()
	is_pattern = _("{0} or more in {1} days").format(limit.takeovers, limit.days)
	coaching_column = column("coaching", _("Coaching"), 270)
	return [
		column("person_name", _("Person, and from whom"), 210),
		column("takeovers", _("Takeovers"), 100, "Int"),
		column("given_back", _("Given back"), 100, "Int"),
		column("pattern", is_pattern, 170),
		*([coaching_column] if with_coaching else []),
		column("trend", _("Period before → this one"), 190),
		column("all_changes", _("All changes made"), 140, "Int"),
		column("share", _("Share of takeovers"), 140, "Percent"),
		column("in_words", _("Summary"), 460),
	]


def rows_of(
	pattern: TakeoverPattern, period: Period, called: dict[str, str], note: frappe._dict | None
) -> list[dict]:
	"""Return the person's row, with what the links and the coaching note need, and the rows of the colleagues.

	`note` is the coaching note about the person that the reader may read.
	"""
	where = {
		"person": pattern.person,
		"from_date": str(period.first_day),
		"to_date": str(period.last_day),
	}
	name = called[pattern.person]
	person_row = {
		**where,
		"indent": 0,
		"person_name": name,
		"takeovers": pattern.takeovers,
		"given_back": pattern.given_back,
		"pattern": _("Pattern") if pattern.is_pattern else "",
		"trend": f"{pattern.takeovers_before} → {pattern.takeovers}",
		"course": pattern.course,
		"all_changes": pattern.all_changes,
		"share": flt(pattern.share, 1),
		"in_words": pattern.in_words(),
		"coaching": _("Coaching note: {0}").format(_(note.status)) if note else None,
		"coaching_note": note.name if note else None,
		"facts": facts(pattern, period, called) if coaching.may_coach(pattern.person) else None,
	}
	from_colleague = _("from {0}")
	return [person_row] + [
		{
			**where,
			"indent": 1,
			"colleague": taken.colleague,
			"person_name": from_colleague.format(called[taken.colleague]),
			"takeovers": taken.takeovers,
			"given_back": taken.given_back,
		}
		for taken in pattern.colleagues
	]


def facts(pattern: TakeoverPattern, period: Period, called: dict[str, str]) -> str:
	"""Return what a coaching note about this pattern starts with."""
	heading = _("{person}, {first_day} to {last_day}").format(
		person=called[pattern.person],
		first_day=formatdate(period.first_day),
		last_day=formatdate(period.last_day),
	)
	taken_over, with_given_back = _("- from {0}: {1}"), _("- from {0}: {1}, given back: {2}")
	colleagues = (
		(with_given_back if taken.given_back else taken_over).format(
			called[taken.colleague], taken.takeovers, taken.given_back
		)
		for taken in pattern.colleagues
	)
	return "\n".join((heading, pattern.in_words(), *colleagues))


def chart(found: list[TakeoverPattern], period: Period, called: dict[str, str]) -> dict | None:
	"""Return people side by side, this period beside the one before; for one person, when the takeovers were."""
	if not found:
		return None
	if len(found) == 1:
		labels = [formatdate(start, "d MMM") for start in period.starts_of_parts(patterns.PARTS)]
		datasets = [{"name": _("Takeovers"), "values": list(found[0].course)}]
		title = _("Takeovers by {0}").format(called[found[0].person])
		data = {"labels": labels, "datasets": datasets}
		return {"title": title, "type": "bar", "counts": 1, "colors": [ORANGE], "data": data}
	most = sorted(found, key=lambda pattern: -pattern.takeovers)[:PERSONS_OF_THE_CHART]
	datasets = [
		{"name": _("Period before"), "values": [pattern.takeovers_before for pattern in most]},
		{"name": _("This period"), "values": [pattern.takeovers for pattern in most]},
	]
	labels = [called[pattern.person] for pattern in most]
	data = {"labels": labels, "datasets": datasets}
	return {"title": _("Takeovers"), "type": "bar", "counts": 1, "colors": [GRAY, ORANGE], "data": data}
