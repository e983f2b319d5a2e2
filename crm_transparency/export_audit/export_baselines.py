"""What is normal for a person: their own days in the 90 days before, found for everybody with one statement.

Only days on which the person exported (or read) anything count, so that somebody who exports once a week isn't
measured by the days between. Half of these days stay within `typical`, nine out of ten within `usual`.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

import frappe
from frappe import _
from frappe.query_builder.functions import Count, Date, IfNull, Max, Min, Sum
from frappe.utils import get_datetime, get_fullname, getdate
from pypika import Case, analytics
from pypika.queries import QueryBuilder

from crm_transparency.export_audit import alert_findings
from crm_transparency.export_audit.alert_findings import number
from crm_transparency.ledger import names

DAYS = 90
MOST_NAMES_IN_A_STATEMENT = 500


class Baseline(NamedTuple):
	"""`days` with anything on them, how many `times` in all, and rows (or records) a day: half, nine of ten, all."""

	days: int = 0
	times: int = 0
	typical: int = 0
	usual: int = 0
	most: int = 0


def of_exports(before: date, users: Iterable[str] | None = None) -> dict[str, Baseline]:
	"""Return what people exported in the 90 days before a day, by user; nothing for those who exported nothing.

	Scheduled reports aren't acts, and what others did in somebody's name isn't theirs.
	"""
	log = alert_findings.ledger()
	day, person = Date(log.exported_on), names.person_today(log.user, log.exported_on)
	start, end = get_datetime(before) - timedelta(days=DAYS), get_datetime(before)
	query = (
		frappe.qb.from_(log)
		.select(person.as_("user"), day.as_("day"), Sum(log.row_count).as_("amount"), Count("*").as_("times"))
		.where((log.exported_on >= start) & (log.exported_on < end))
		.where(alert_findings.made_by_a_person(log) & (IfNull(log.impersonated_by, "") == ""))
		.groupby(person, day)
	)
	return summed_up(query, log.user, users)


def of_reads(before: date, users: Iterable[str] | None = None) -> dict[str, Baseline]:
	"""Return how many different records people read a day in the 90 days before a day, by user."""
	volume = frappe.qb.DocType("Read Volume")
	person = names.person_today(volume.user, volume.day)
	query = (
		frappe.qb.from_(volume)
		.select(
			person.as_("user"),
			volume.day,
			Sum(volume.distinct_records).as_("amount"),
			Sum(volume.reads).as_("times"),
		)
		.where((volume.day >= before - timedelta(days=DAYS)) & (volume.day < before))
		.groupby(person, volume.day)
	)
	return summed_up(query, volume.user, users)


def summed_up(daily: QueryBuilder, user: object, users: Iterable[str] | None) -> dict[str, Baseline]:
	"""Rank each person's days by their amounts, and read the baseline off the ranks."""
	users = list(users or ())
	if 0 < len(users) <= MOST_NAMES_IN_A_STATEMENT:
		daily = daily.where(user.isin(sorted(names.former_names("User", users))))
	daily = daily.as_("daily")
	place = analytics.RowNumber().over(daily.user).orderby(daily.amount).as_("place")
	days = analytics.Count("*").over(daily.user).as_("days")
	ranked = frappe.qb.from_(daily).select(daily.user, daily.amount, daily.times, place, days).as_("ranked")
	rows = (
		frappe.qb.from_(ranked)
		.select(
			ranked.user,
			Max(ranked.days),
			Sum(ranked.times),
			Max(Case().when(ranked.place * 2 <= ranked.days + 1, ranked.amount)),
			Max(Case().when(ranked.place * 10 <= ranked.days * 9 + 9, ranked.amount)),
			Max(ranked.amount),
		)
		.groupby(ranked.user)
		.run()
	)
	return {name: Baseline(*(int(figure or 0) for figure in figures)) for name, *figures in rows}


def days_known(user: str, day: date) -> int:
	"""Return for how many days before `day`, 90 at the most, it is known what a person exports."""
	log = alert_findings.ledger()
	beginning = frappe.qb.from_(log).select(Min(log.exported_on)).run()[0][0]
	created = frappe.db.get_value("User", user, "creation")
	known_since = max(getdate(moment) for moment in (beginning, created) if moment)
	return max(0, min(DAYS, (day - known_since).days))


def exports_sentence(user: str, day: date, baseline: Baseline) -> str:
	name, known = get_fullname(user), days_known(user, day)
	if not known and not baseline.days:
		return _("What {0} exported before isn't known: nothing was recorded yet.").format(name)
	if not baseline.days:
		return _("In the {0} days before, {1} exported nothing.").format(known, name)
	if baseline.days == 1:
		return _("In the {0} days before, {1} exported on one day only; rows on that day: {2}.").format(
			known, name, number(baseline.most)
		)
	return _(
		"In the {0} days before, {1} exported on {2} days: up to {3} rows on half of them, up to {4} on nine out of ten, "
		"and {5} at the most."
	).format(known, name, *map(number, (baseline.days, baseline.typical, baseline.usual, baseline.most)))


def reads_sentence(user: str, baseline: Baseline) -> str:
	name = get_fullname(user)
	if not baseline.days:
		return _("Nothing is known about what {0} read in the {1} days before.").format(name, DAYS)
	if baseline.days == 1:
		return _(
			"In the {0} days before, {1} read on one day only; different records on that day: {2}."
		).format(DAYS, name, number(baseline.most))
	return _(
		"In the {0} days before, {1} read on {2} days: up to {3} different records on half of them, up to {4} on nine out "
		"of ten, and {5} at the most."
	).format(DAYS, name, *map(number, (baseline.days, baseline.typical, baseline.usual, baseline.most)))
