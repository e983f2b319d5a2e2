"""Five measures of a leaver's last months, beside the months before and the team: the picture and the sentences."""

from collections import Counter
from dataclasses import dataclass

import frappe
from frappe import _
from frappe.query_builder.functions import Count, Sum
from frappe.utils import fmt_money

from crm_transparency.crm_transparency.period import Period
from crm_transparency.export_audit.alert_rules import Window, private_mails_by_user
from crm_transparency.export_audit.exports import LEDGER as EXPORTS
from crm_transparency.export_audit.exports import SCHEDULED_REPORT
from crm_transparency.offboarding.review import acts
from crm_transparency.ownership.ownership_visibility import LEDGER as CHANGES
from crm_transparency.ownership.patterns import NOT_BY_HAND


@dataclass(frozen=True)
class Measure:
	"""How much of something, by the leaver now and before, and by one of the team on average (None without a team)."""

	key: str
	label: str
	now: int
	before: int
	team: float | None
	#: takeovers among the changes, for the sentence
	of_these: int = 0


def of(user: str, team: list[str], period: Period) -> list[Measure]:
	return [
		measure("exports", _("Rows exported"), exported_rows, user, team, period),
		measure("reads", _("Different records read"), records_read, user, team, period),
		measure("mails", _("Mails to private addresses"), private_mails, user, team, period),
		measure(
			"changes",
			_("Account owner changes by hand"),
			owner_changes,
			user,
			team,
			period,
			of_these=owner_changes([user], period, "Taken Over")[user],
		),
		measure("hours", _("Acts at unusual hours"), acts_at_unusual_hours, user, team, period),
	]


def measure(
	key: str, label: str, count, user: str, team: list[str], period: Period, of_these: int = 0
) -> Measure:
	now = count([user, *team], period)
	return Measure(
		key,
		label,
		now[user],
		count([user], period.before())[user],
		round(sum(now[colleague] for colleague in team) / len(team), 1) if team else None,
		of_these,
	)


def exported_rows(users: list[str], period: Period) -> Counter:
	log = frappe.qb.DocType(EXPORTS)
	query = frappe.qb.from_(log).select(log.user, Sum(log.row_count)).groupby(log.user)
	query = query.where(log.user.isin(users) & period.contains(log.exported_on))
	return counted(query.where(log.channel != SCHEDULED_REPORT).run())


def records_read(users: list[str], period: Period) -> Counter:
	volume = frappe.qb.DocType("Read Volume")
	query = frappe.qb.from_(volume).select(volume.user, Sum(volume.distinct_records)).groupby(volume.user)
	days = (volume.day >= period.first_day) & (volume.day <= period.last_day)
	return counted(query.where(volume.user.isin(users) & days).run())


def private_mails(users: list[str], period: Period) -> Counter:
	mails = private_mails_by_user(Window(period.first_day, period.last_day))
	return Counter({user: mails[user] for user in users})


def owner_changes(users: list[str], period: Period, kind: str | None = None) -> Counter:
	table = frappe.qb.DocType(CHANGES)
	query = frappe.qb.from_(table).select(table.changed_by, Count("*")).groupby(table.changed_by)
	query = query.where(table.changed_by.isin(users) & period.contains(table.changed_on))
	query = query.where(table.source.notin(NOT_BY_HAND))
	return counted(query.where(table.kind == kind if kind else table.kind != "Baseline").run())


def acts_at_unusual_hours(users: list[str], period: Period) -> Counter:
	return Counter({user: len(done) for user, done in acts.at_unusual_hours(users, period).items()})


def counted(rows: list[tuple]) -> Counter:
	return Counter({user: int(count or 0) for user, count in rows})


def in_sentences(name: str, measures: list[Measure], days: int, team: list[str]) -> list[str]:
	"""Say the five measures in a sentence each: facts, beside what is normal."""
	beginnings = {
		"exports": _("Rows that {0} exported in the last {1} days: {2}"),
		"reads": _("Different records that {0} read in the last {1} days: {2}"),
		"mails": _("Files with contact data that {0} mailed to private addresses in the last {1} days: {2}"),
		"changes": _(
			"Account owner changes that {0} made by hand in the last {1} days: {2}, takeovers among them: {3}"
		),
		"hours": _(
			"What {0} did before 6:00, after 21:00 or at a weekend in the last {1} days (exports, changes, logins): {2}"
		),
	}
	return [
		beginnings[it.key].format(name, days, number(it.now), number(it.of_these)) + beside(it, days, team)
		for it in measures
	]


def beside(it: Measure, days: int, team: list[str]) -> str:
	before = _("; in the {0} days before: {1}").format(days, number(it.before))
	if it.team is None:
		return before + "."
	return before + _("; {0} colleagues of the team, on average: {1}.").format(len(team), number(it.team))


def number(count: float) -> str:
	return fmt_money(count, precision=0 if float(count).is_integer() else 1)
