"""When people did something: exports, account owner changes by hand, logins. And which hours are unusual."""

from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

import frappe
from frappe.utils import get_datetime

from crm_transparency.crm_transparency.period import Period
from crm_transparency.export_audit.exports import LEDGER as EXPORTS
from crm_transparency.export_audit.exports import SCHEDULED_REPORT
from crm_transparency.ownership.ownership_visibility import LEDGER as CHANGES
from crm_transparency.ownership.patterns import NOT_BY_HAND

#: in the site's time; Saturdays and Sundays are unusual all day
FIRST_USUAL_HOUR = 6
FIRST_LATE_HOUR = 21
SATURDAY = 5
#: more moments than these are not read
MOST_MOMENTS = 100_000
EXPORT, CHANGE, LOGIN = "export", "change", "login"


class Act(NamedTuple):
	moment: datetime
	kind: str
	#: of an export
	rows: int


def is_unusual(moment: datetime) -> bool:
	is_at_night = not FIRST_USUAL_HOUR <= moment.hour < FIRST_LATE_HOUR
	return is_at_night or moment.weekday() >= SATURDAY


def at_unusual_hours(users: list[str], period: Period) -> dict[str, list[Act]]:
	"""Return what each user did at unusual hours in a period, oldest first."""
	found: dict[str, list[Act]] = defaultdict(list)
	for user, moment, kind, rows in (
		*exports(users, period),
		*changes(users, period),
		*logins(users, period),
	):
		act = Act(get_datetime(moment), kind, int(rows or 0))
		if is_unusual(act.moment):
			found[user].append(act)
	return {user: sorted(acts) for user, acts in found.items()}


def exports(users: list[str], period: Period) -> list[tuple]:
	log = frappe.qb.DocType(EXPORTS)
	query = frappe.qb.from_(log).select(log.user, log.exported_on, log.row_count)
	query = query.where(log.user.isin(users) & period.contains(log.exported_on))
	rows = query.where(log.channel != SCHEDULED_REPORT).limit(MOST_MOMENTS).run()
	return [(user, moment, EXPORT, count) for user, moment, count in rows]


def changes(users: list[str], period: Period) -> list[tuple]:
	table = frappe.qb.DocType(CHANGES)
	query = frappe.qb.from_(table).select(table.changed_by, table.changed_on)
	query = query.where(table.changed_by.isin(users) & period.contains(table.changed_on))
	rows = query.where(table.source.notin(NOT_BY_HAND) & (table.kind != "Baseline")).limit(MOST_MOMENTS).run()
	return [(user, moment, CHANGE, 0) for user, moment in rows]


def logins(users: list[str], period: Period) -> list[tuple]:
	log = frappe.qb.DocType("Activity Log")
	query = frappe.qb.from_(log).select(log.user, log.creation)
	query = query.where(log.user.isin(users) & period.contains(log.creation))
	rows = query.where((log.operation == "Login") & (log.status == "Success")).limit(MOST_MOMENTS).run()
	return [(user, moment, LOGIN, 0) for user, moment in rows]
