"""The figures and findings of a review: a leaver's last months compared with the months before and with the team."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

import frappe
from frappe import _
from frappe.query_builder.functions import Count, Sum
from frappe.utils import formatdate, get_fullname

from crm_transparency.crm_transparency import activity, formatting
from crm_transparency.crm_transparency.activity import Activity, Selection
from crm_transparency.crm_transparency.period import Period
from crm_transparency.export_audit.alert_rules import Window, private_mails_by_user, unusual_acts
from crm_transparency.export_audit.exports import LEDGER as EXPORTS
from crm_transparency.export_audit.exports import SCHEDULED_REPORT
from crm_transparency.ledger import names
from crm_transparency.ownership.ownership_visibility import LEDGER as CHANGES
from crm_transparency.ownership.patterns import NOT_BY_HAND, takeover_patterns

#: in the site's time; Saturdays and Sundays are unusual all day
FIRST_USUAL_HOUR = 6
FIRST_LATE_HOUR = 21
SATURDAY = 5
#: the most activities of a kind that are read
MOST_MOMENTS = 100_000
#: days with unusual hours that are listed, those with most activity first
MOST_DAYS = 10
#: a single login in the evening is no finding
FEWEST_ACTS = 5
#: kinds of activity
EXPORT, LOGIN, CHANGE = "Export", "Login", "Owner change"


def is_unusual(moment: datetime) -> bool:
	is_at_night = not FIRST_USUAL_HOUR <= moment.hour < FIRST_LATE_HOUR
	return is_at_night or moment.weekday() >= SATURDAY


def at_unusual_hours(users: list[str], period: Period) -> dict[str, list[Activity]]:
	"""Return exports, logins and manual owner changes of each user at unusual hours in a period, oldest first."""
	found: dict[str, list[Activity]] = defaultdict(list)
	for done in activity.read((EXPORT, LOGIN, CHANGE), Selection(tuple(users), period, limit=MOST_MOMENTS)):
		if done.user in users and is_unusual(done.on) and is_by_hand(done):
			found[done.user].append(done)
	return {user: done[::-1] for user, done in found.items()}


def is_by_hand(done: Activity) -> bool:
	if done.what == EXPORT:
		return done.details.channel != SCHEDULED_REPORT
	return done.what == LOGIN or (done.details.kind != "Baseline" and done.details.source not in NOT_BY_HAND)


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


def measures_of(user: str, team: list[str], period: Period) -> list[Measure]:
	return [
		measure("exports", _("Rows exported"), exported_rows, user, team, period),
		measure("reads", _("Different records read"), records_read, user, team, period),
		measure("mails", _("Emails to private addresses"), private_mails, user, team, period),
		measure(
			"changes",
			_("Manual account owner changes"),
			owner_changes,
			user,
			team,
			period,
			of_these=sum(
				pattern.takeovers for pattern in takeover_patterns(period.first_day, period.last_day, user)
			),
		),
		measure("hours", _("Activity at unusual hours"), activity_at_unusual_hours, user, team, period),
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
	user = names.person_today(log.user, log.exported_on)
	query = frappe.qb.from_(log).select(user, Sum(log.row_count)).groupby(user)
	query = query.where(user.isin(users) & period.contains(log.exported_on))
	return counted(query.where(log.channel != SCHEDULED_REPORT).run())


def records_read(users: list[str], period: Period) -> Counter:
	volume = frappe.qb.DocType("Read Volume")
	user = names.person_today(volume.user, volume.day)
	query = frappe.qb.from_(volume).select(user, Sum(volume.distinct_records)).groupby(user)
	days = (volume.day >= period.first_day) & (volume.day <= period.last_day)
	return counted(query.where(user.isin(users) & days).run())


def private_mails(users: list[str], period: Period) -> Counter:
	mails = private_mails_by_user(Window(period.first_day, period.last_day))
	return Counter({user: mails[user] for user in users})


def owner_changes(users: list[str], period: Period) -> Counter:
	table = frappe.qb.DocType(CHANGES)
	user = names.person_today(table.changed_by, table.changed_on)
	query = frappe.qb.from_(table).select(user, Count("*")).groupby(user)
	query = query.where(user.isin(users) & period.contains(table.changed_on))
	return counted(query.where(table.source.notin(NOT_BY_HAND) & (table.kind != "Baseline")).run())


def activity_at_unusual_hours(users: list[str], period: Period) -> Counter:
	return Counter({user: len(done) for user, done in at_unusual_hours(users, period).items()})


def counted(rows: list[tuple]) -> Counter:
	return Counter({user: int(count or 0) for user, count in rows})


def in_sentences(name: str, measures: list[Measure], days: int, team: list[str]) -> list[str]:
	"""Return a sentence for each measure: a fact, and what is normal."""
	beginnings = {
		"exports": _("Rows that {0} exported in the last {1} days: {2}"),
		"reads": _("Different records that {0} read in the last {1} days: {2}"),
		"mails": _("Files with contact data that {0} emailed to private addresses in the last {1} days: {2}"),
		"changes": _(
			"Account owner changes that {0} made manually in the last {1} days: {2}, including takeovers: {3}"
		),
		"hours": _(
			"Exports, changes and logins of {0} before 6:00, after 21:00 or on a weekend in the last {1} days: {2}"
		),
	}
	return [
		beginnings[it.key].format(name, days, formatting.number(it.now), formatting.number(it.of_these))
		+ compared(it, days, team)
		for it in measures
	]


def compared(it: Measure, days: int, team: list[str]) -> str:
	before = _("; in the {0} days before: {1}").format(days, formatting.number(it.before))
	if it.team is None:
		return before + "."
	return before + _("; average of {0} colleagues in the team: {1}.").format(
		len(team), formatting.number(it.team)
	)


class Finding(NamedTuple):
	#: identifies the finding when the review is recalculated
	key: str
	day: date
	text: str


def findings_of(user: str, period: Period) -> list[Finding]:
	"""Return the findings, newest first."""
	found = [*exports_and_reads(user, period), *takeovers(user, period), *unusual_hours(user, period)]
	return sorted(found, key=lambda finding: (finding.day, finding.key), reverse=True)


def finding_name(offboarding: str, finding: Finding) -> str:
	return hashlib.sha256(f"{offboarding}\n{finding.key}".encode()).hexdigest()[:32]


def exports_and_reads(user: str, period: Period) -> Iterator[Finding]:
	window = Window(period.first_day, period.last_day, user)
	for found in unusual_acts(window):
		key = "|".join((found.rule, str(found.day), found.impersonated_by or "", *found.kind))
		yield Finding(key, found.day, " ".join((found.explanation, found.reason, found.normal)))


def takeovers(user: str, period: Period) -> Iterator[Finding]:
	for pattern in takeover_patterns(period.first_day, period.last_day, user):
		for colleague in pattern.colleagues:
			text = _("{0} took over {1} of {2}, of which {3}; takeovers in the {4} days before: {5}.")
			given_back = _("1 was given back"), _("{0} were given back")
			yield Finding(
				f"Takeovers|{colleague.colleague}",
				period.last_day,
				text.format(
					get_fullname(user),
					formatting.count(colleague.takeovers, _("1 account"), _("{0} accounts")),
					get_fullname(colleague.colleague),
					formatting.count(colleague.given_back, *given_back),
					period.days,
					formatting.number(pattern.takeovers_before),
				),
			)


def unusual_hours(user: str, period: Period) -> Iterator[Finding]:
	by_day: dict[date, list[Activity]] = defaultdict(list)
	for act in at_unusual_hours([user], period).get(user, []):
		by_day[act.on.date()].append(act)
	days = [
		day
		for day, done in by_day.items()
		if len(done) >= FEWEST_ACTS or any(act.what == EXPORT for act in done)
	]
	for day in sorted(days, key=lambda day: -len(by_day[day]))[:MOST_DAYS]:
		yield Finding(f"Unusual hours|{day}", day, on_a_day(user, day, by_day[day]))


def on_a_day(user: str, day: date, done: list[Activity]) -> str:
	exports = [act for act in done if act.what == EXPORT]
	return _("{0}, {1} to {2}: exports by {3}: {4} (rows: {5}), account owner changes: {6}.").format(
		formatdate(day, "EEEE, d MMMM yyyy"),
		done[0].on.strftime("%H:%M"),
		done[-1].on.strftime("%H:%M"),
		get_fullname(user),
		formatting.number(len(exports)),
		formatting.number(sum(act.details.row_count or 0 for act in exports)),
		formatting.number(sum(act.what == CHANGE for act in done)),
	)
