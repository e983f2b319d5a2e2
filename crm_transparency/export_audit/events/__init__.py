"""System events: what one person did in a period that somebody who looks after the company's data would ask about.

Exports, mails with attachments to the outside, backups, logins from new addresses, changes of permissions, and alerts.
These are facts in the order they happened, without a verdict.
"""

from collections import Counter
from datetime import date, datetime
from typing import NamedTuple

from crm_transparency.crm_transparency.period import Period
from crm_transparency.export_audit import permissions
from crm_transparency.export_audit.events import alerts, exports, logins, permission_changes
from crm_transparency.export_audit.events.event import (
	ALERT,
	BACKUP,
	EXPORT,
	LOGIN,
	MAIL,
	PERMISSION_CHANGE,
	Event,
)

KINDS = (EXPORT, MAIL, BACKUP, LOGIN, PERMISSION_CHANGE, ALERT)
SOURCES = (exports, logins, permission_changes, alerts)
MOST_PARTS = 53


class SystemEvents(NamedTuple):
	"""What happened, newest first; how often, by kind; and how often in each week (of a long period: month, year)."""

	events: list[Event]
	sums: dict[str, int]
	unit: str
	starts: list[datetime]
	counts: dict[str, list[int]]


def of(user: str, from_date: date | str, to_date: date | str) -> SystemEvents:
	"""Return the system events of a user on the days from `from_date` to `to_date`.

	Raises PermissionError unless the reader is a manager or the user. Alerts are those that the reader may see.
	"""
	permissions.check_is_about(user)
	period = Period.of_days(from_date, to_date)
	found = [event for source in SOURCES for event in source.of(user, period)]
	found.sort(key=lambda event: event.happened_on, reverse=True)
	unit, starts = period.calendar_parts(MOST_PARTS)
	return SystemEvents(found, sums_of(found), unit, starts, counts_of(found, starts))


def sums_of(events: list[Event]) -> dict[str, int]:
	counted = Counter(event.kind for event in events)
	return {kind: counted[kind] for kind in KINDS}


def counts_of(events: list[Event], starts: list[datetime]) -> dict[str, list[int]]:
	"""Return, by kind, how many events there were from each start to the next."""
	counts = {kind: [0] * len(starts) for kind in KINDS}
	for event in events:
		part = sum(start <= event.happened_on for start in starts) - 1
		counts[event.kind][max(part, 0)] += 1
	return counts
