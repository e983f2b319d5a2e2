"""Exports that are unusual for this person: a day on which far more left than on the person's own days before.

The day counts, not the single export: a list taken in slices is as large as one taken whole.
"""

from collections.abc import Iterator
from datetime import date
from itertools import groupby

import frappe
from frappe import _
from frappe.query_builder.functions import Count, Date, Sum
from frappe.utils import get_fullname, getdate

from crm_transparency.export_audit.alerts import baselines, recorded
from crm_transparency.export_audit.alerts.baselines import Baseline
from crm_transparency.export_audit.alerts.findings import UNUSUAL, Finding, Window
from crm_transparency.export_audit.alerts.words import day_in_words, number, people

#: fewer rows in a day never are unusual
FEWEST_ROWS = 100
#: so many times what the person exports on nine out of ten days
TIMES_USUAL = 3
#: nobody's normal is known before
FEWEST_DAYS_KNOWN = 30


def findings(window: Window) -> Iterator[Finding]:
	for day, rows in groupby(days_of_many_rows(window), key=lambda row: getdate(row.day)):
		candidates = list(rows)
		normal = baselines.of_exports(day, {row.user for row in candidates})
		for row in candidates:
			baseline = normal.get(row.user, Baseline())
			if row.rows > TIMES_USUAL * baseline.usual and is_known(row.user, day):
				yield finding(day, row, baseline)


def is_known(user: str, day: date) -> bool:
	return baselines.days_known(user, day) >= FEWEST_DAYS_KNOWN


def days_of_many_rows(window: Window) -> list[frappe._dict]:
	log = recorded.ledger()
	day, rows = Date(log.exported_on), Sum(log.row_count)
	return (
		frappe.qb.from_(log)
		.select(log.user, log.impersonated_by, day.as_("day"), rows.as_("rows"), Count("*").as_("times"))
		.where(window.contains(log))
		.where(recorded.made_by_a_person(log) & recorded.holds_tracked_data(log))
		.groupby(day, log.user, log.impersonated_by)
		.having(rows >= FEWEST_ROWS)
		.orderby(day)
		.run(as_dict=True)
	)


def finding(day: date, row: frappe._dict, baseline: Baseline) -> Finding:
	return Finding(
		UNUSUAL,
		row.user,
		row.impersonated_by,
		day,
		figure=int(row.rows),
		explanation=what_happened(day, row),
		reason=why(row.user, day, baseline),
		normal=baselines.exports_in_words(row.user, day, baseline),
		export_log=largest_export(day, row),
	)


def what_happened(day: date, row: frappe._dict) -> str:
	who = people(row.user, row.impersonated_by)
	if row.times == 1:
		return _("{0} exported {1} rows in one export on {2}.").format(
			who, number(row.rows), day_in_words(day)
		)
	return _("{0} exported {1} rows in {2} exports on {3}.").format(
		who, number(row.rows), number(row.times), day_in_words(day)
	)


def why(user: str, day: date, baseline: Baseline) -> str:
	if not baseline.days:
		return _("{0} rows or more are unusual for somebody who exported nothing for {1} days.").format(
			number(FEWEST_ROWS), baselines.days_known(user, day)
		)
	return _(
		"That is more than {0} times as much as {1} exports on nine out of ten days with exports, which is up to {2} rows."
	).format(TIMES_USUAL, get_fullname(user), number(baseline.usual))


def largest_export(day: date, row: frappe._dict) -> str:
	log = recorded.ledger()
	entries = recorded.in_window(
		Window(day, day, row.user), recorded.made_by_a_person(log) & recorded.holds_tracked_data(log)
	)
	return next(
		group.largest.name
		for group in recorded.grouped(entries)
		if group.impersonated_by == row.impersonated_by
	)
