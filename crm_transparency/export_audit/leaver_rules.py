"""Exports of people who are leaving: in the 30 days before they resigned, and from then on.

Who resigns tomorrow is known only the day after, so those 30 days are looked at when the date is known: in one
finding, not in thirty. From then on, or from the day on that an Offboarding was opened, each day is one.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

import frappe
from frappe import _
from frappe.utils import add_days, get_fullname, getdate

from crm_transparency.crm_transparency import employees
from crm_transparency.export_audit import alert_findings
from crm_transparency.export_audit.alert_findings import (
	LEAVING,
	Finding,
	Group,
	Window,
	day_text,
	number,
	people,
)
from crm_transparency.export_audit.exports import SCHEDULED_REPORT

DAYS_BEFORE = 30
#: who resigned longer ago has left, and may have come back
MOST_DAYS_AFTER = 365


class Leaver(NamedTuple):
	user: str
	resigned_on: date | None
	#: since when it is known
	known_since: date


def exports_of_leavers(window: Window) -> Iterator[Finding]:
	for leaver in leavers(window):
		yield from since_it_is_known(leaver, window)
		if leaver.resigned_on:
			yield from before_resigning(leaver)


def leavers(window: Window) -> list[Leaver]:
	resigned = resignations(window)
	opened: dict[str, date] = {}
	for offboarding in employees.offboardings(status=("in", employees.UNDER_WAY)):
		if user := offboarding.get("user"):
			opened[user] = min(getdate(offboarding.creation), opened.get(user, date.max))
			if offboarding.get("resignation_date"):
				resigned[user] = getdate(offboarding.resignation_date)
	return [
		Leaver(user, resigned.get(user), min(opened.get(user, date.max), resigned.get(user, date.max)))
		for user in sorted({*resigned, *opened})
		if window.user in (None, user)
	]


def resignations(window: Window) -> dict[str, date]:
	"""Return when users resigned who aren't employed (again) otherwise."""
	first, last = add_days(window.last, -MOST_DAYS_AFTER), add_days(window.last, DAYS_BEFORE)
	rows = employees.employees(resignation_letter_date=("between", [first, last]))
	resigned = {row.user_id: getdate(row.resignation_letter_date) for row in rows if row.get("user_id")}
	staying = (
		employees.employees(
			user_id=("in", list(resigned)), status="Active", resignation_letter_date=("is", "not set")
		)
		if resigned
		else []
	)
	return {user: day for user, day in resigned.items() if user not in {row.user_id for row in staying}}


def since_it_is_known(leaver: Leaver, window: Window) -> Iterator[Finding]:
	first = max(window.first, leaver.known_since)
	if first > window.last:
		return
	exports = exports_of(leaver, first, window.last)
	for export in exports:
		export.schedule = export.report_name if export.channel == SCHEDULED_REPORT else None
	for group in alert_findings.grouped(exports, "schedule"):
		schedule = group.largest.schedule
		yield Finding(
			LEAVING,
			group.user,
			group.impersonated_by,
			group.day,
			figure=group.rows,
			explanation=what_happened(group),
			reason=why(leaver),
			normal=what_is_normal(leaver),
			export_log=group.largest.name,
			kind=("since", schedule or ""),
			is_daily=not schedule,
		)


def exports_of(leaver: Leaver, first: date, last: date) -> list[frappe._dict]:
	"""Return what was exported by the leaver, or in the leaver's name, from the first day to the last."""
	log = alert_findings.ledger()
	is_theirs = (log.user == leaver.user) | (log.impersonated_by == leaver.user)
	return alert_findings.in_window(Window(first, last), is_theirs)


def what_happened(group: Group) -> str:
	who, day = people(group.user, group.impersonated_by), day_text(group.day)
	if len(group.entries) == 1:
		return _("{0} made one export on {1}; rows: {2}.").format(who, day, number(group.rows))
	return _("{0} made {1} exports on {2}; rows in all: {3}.").format(
		who, number(len(group.entries)), day, number(group.rows)
	)


def why(leaver: Leaver) -> str:
	name = get_fullname(leaver.user)
	if leaver.resigned_on:
		return _(
			"{0} is leaving (resigned on {1}), and every export of somebody who is leaving is reviewed."
		).format(name, day_text(leaver.resigned_on))
	return _(
		"There is an open offboarding for {0}, and every export of somebody who is leaving is reviewed."
	).format(name)


def before_resigning(leaver: Leaver) -> Iterator[Finding]:
	first, last = add_days(leaver.resigned_on, -DAYS_BEFORE), add_days(leaver.known_since, -1)
	if first > last:
		return
	exports = [
		entry
		for entry in exports_of(leaver, first, last)
		if leaver.user == (entry.impersonated_by or entry.user) and entry.channel != SCHEDULED_REPORT
	]
	if not exports:
		return
	group = Group(leaver.user, None, getdate(exports[-1].exported_on), exports)
	yield Finding(
		LEAVING,
		leaver.user,
		None,
		group.day,
		figure=group.rows,
		explanation=what_happened_before(leaver, group),
		reason=_("Exports in the {0} days before a resignation are reviewed once it is known.").format(
			DAYS_BEFORE
		),
		normal=what_is_normal(leaver),
		export_log=group.largest.name,
		kind=("before", str(leaver.resigned_on)),
		is_daily=False,
	)


def what_happened_before(leaver: Leaver, group: Group) -> str:
	name, resigned_on = get_fullname(leaver.user), day_text(leaver.resigned_on)
	if len(group.entries) == 1:
		return _("{0} made one export in the {1} days before resigning on {2}; rows: {3}.").format(
			name, DAYS_BEFORE, resigned_on, number(group.rows)
		)
	return _("{0} made {1} exports in the {2} days before resigning on {3}; rows in all: {4}.").format(
		name, number(len(group.entries)), DAYS_BEFORE, resigned_on, number(group.rows)
	)


def what_is_normal(leaver: Leaver) -> str:
	"""Compare with the 60 days before the 30 that are looked at."""
	end = add_days(leaver.resigned_on or leaver.known_since, -DAYS_BEFORE)
	entries = exports_of(leaver, add_days(end, -2 * DAYS_BEFORE), end - timedelta(days=1))
	return _("In the {0} days up to {1}, exports of {2}: {3}; rows in all: {4}.").format(
		2 * DAYS_BEFORE,
		day_text(end - timedelta(days=1)),
		get_fullname(leaver.user),
		number(len(entries)),
		number(sum(entry.row_count for entry in entries)),
	)
