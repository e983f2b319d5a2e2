"""What in a leaver's last months somebody should have a look at: each with what happened, and what is normal."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from frappe import _
from frappe.utils import formatdate, get_fullname

from crm_transparency.crm_transparency.period import Period
from crm_transparency.export_audit.alert_rules import Window, unusual_acts
from crm_transparency.offboarding.review import acts
from crm_transparency.offboarding.review.measures import number
from crm_transparency.ownership.patterns import takeover_patterns

#: of days with unusual hours, those with the most on them
MOST_DAYS = 10
#: a login in the evening is nothing to look at
FEWEST_ACTS = 5


class Finding(NamedTuple):
	#: what makes it the same finding when the review is made again
	key: str
	day: date
	text: str


def of(user: str, period: Period) -> list[Finding]:
	"""Return what there is to look at, newest first."""
	found = [*exports_and_reads(user, period), *takeovers(user, period), *unusual_hours(user, period)]
	return sorted(found, key=lambda finding: (finding.day, finding.key), reverse=True)


def name_of(offboarding: str, finding: Finding) -> str:
	return hashlib.sha256(f"{offboarding}\n{finding.key}".encode()).hexdigest()[:32]


def exports_and_reads(user: str, period: Period) -> Iterator[Finding]:
	window = Window(period.first_day, period.last_day, user)
	for found in unusual_acts(window):
		key = "|".join((found.rule, str(found.day), found.impersonated_by or "", *found.kind))
		yield Finding(key, found.day, " ".join((found.explanation, found.reason, found.normal)))


def takeovers(user: str, period: Period) -> Iterator[Finding]:
	for pattern in takeover_patterns(period.first_day, period.last_day, user):
		for colleague in pattern.colleagues:
			text = _(
				"{0} took over {1} accounts of {2}, of which {3} were given back; takeovers in the {4} days before: {5}."
			)
			yield Finding(
				f"Takeovers|{colleague.colleague}",
				period.last_day,
				text.format(
					get_fullname(user),
					number(colleague.takeovers),
					get_fullname(colleague.colleague),
					number(colleague.given_back),
					period.days,
					number(pattern.takeovers_before),
				),
			)


def unusual_hours(user: str, period: Period) -> Iterator[Finding]:
	by_day: dict[date, list[acts.Act]] = defaultdict(list)
	for act in acts.at_unusual_hours([user], period).get(user, []):
		by_day[act.moment.date()].append(act)
	days = [
		day
		for day, done in by_day.items()
		if len(done) >= FEWEST_ACTS or any(act.kind == acts.EXPORT for act in done)
	]
	for day in sorted(days, key=lambda day: -len(by_day[day]))[:MOST_DAYS]:
		yield Finding(f"Unusual hours|{day}", day, on_a_day(user, day, by_day[day]))


def on_a_day(user: str, day: date, done: list[acts.Act]) -> str:
	exports = [act for act in done if act.kind == acts.EXPORT]
	return _("{0}, {1} to {2}: exports by {3}: {4} (rows: {5}), account owner changes: {6}.").format(
		formatdate(day, "EEEE, d MMMM yyyy"),
		done[0].moment.strftime("%H:%M"),
		done[-1].moment.strftime("%H:%M"),
		get_fullname(user),
		number(len(exports)),
		number(sum(act.rows for act in exports)),
		number(sum(act.kind == acts.CHANGE for act in done)),
	)
