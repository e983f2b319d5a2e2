"""How many records people read without exporting them: of everybody, by person; of one person, day by day.

Managers see everybody's, everybody else their own.
"""

from datetime import datetime

import frappe
from frappe import _
from frappe.query_builder import Order
from frappe.query_builder.functions import Count, Max, Sum
from pypika import Criterion

from crm_transparency.crm_transparency import report_parts, staff
from crm_transparency.crm_transparency.period import Period
from crm_transparency.crm_transparency.report_parts import column
from crm_transparency.export_audit import export_queries, export_visibility
from crm_transparency.ledger import names

DEFAULT_DAYS = 30
MOST_BARS = 27
MOST_ROWS = 500


def execute(filters: dict | None = None) -> tuple:
	"""Return columns, rows, the note that there are more, and the chart."""
	filters = frappe._dict(filters or {})
	filters.person = person_asked_for(filters)
	rows = by_day(filters) if filters.person else by_person(filters)
	called = names.full_names(row.user for row in rows)
	for row in rows:
		row.person_name = called[row.user]
		row.document_type = _(row.reference_doctype)
	return columns(filters), rows[:MOST_ROWS], note_of(len(rows)), chart(filters)


def person_asked_for(filters: frappe._dict) -> str | None:
	"""Return whose reading to show, None for everybody's. Raises PermissionError for somebody else's."""
	if staff.is_manager():
		return filters.person or None
	export_visibility.check_is_about(filters.person or frappe.session.user)
	return frappe.session.user


def columns(filters: frappe._dict) -> list[dict]:
	document_type = column("document_type", _("Type"), 140)
	reads = column("reads", _("Records read"), 140, "Int")
	if filters.person:
		day, different = column("day", _("Day"), 130, "Date"), _("Different records")
		return [day, document_type, reads, column("distinct_records", different, 170, "Int")]
	return [
		column("person_name", _("Person"), 220),
		document_type,
		reads,
		column("days", _("Days"), 90, "Int"),
		column("distinct_records", _("Most different records in a day"), 260, "Int"),
	]


def by_day(filters: frappe._dict) -> list[frappe._dict]:
	volume = export_queries.read_volume()
	query = (
		frappe.qb.from_(volume)
		.select(
			names.person_today(volume.user, volume.day).as_("user"),
			volume.day,
			volume.reference_doctype,
			volume.reads,
			volume.distinct_records,
		)
		.where(matches(filters))
		.orderby(volume.day, order=Order.desc)
		.orderby(volume.reads, order=Order.desc)
	)
	return query.limit(MOST_ROWS + 1).run(as_dict=True)


def by_person(filters: frappe._dict) -> list[frappe._dict]:
	"""Return those first who read most different records in a day: that is what looks like copying."""
	volume = export_queries.read_volume()
	most, user = Max(volume.distinct_records), names.person_today(volume.user, volume.day)
	query = (
		frappe.qb.from_(volume)
		.select(
			user.as_("user"),
			volume.reference_doctype,
			Sum(volume.reads).as_("reads"),
			Count("*").as_("days"),
			most.as_("distinct_records"),
		)
		.where(matches(filters))
		.groupby(user, volume.reference_doctype)
		.orderby(most, order=Order.desc)
	)
	return query.limit(MOST_ROWS + 1).run(as_dict=True)


def period_of(filters: frappe._dict) -> Period:
	return Period.of_filters(filters, DEFAULT_DAYS)


def matches(filters: frappe._dict) -> Criterion:
	volume = export_queries.read_volume()
	period = period_of(filters)
	condition = export_queries.is_between(period.start, period.end)
	if filters.reference_doctype:
		condition &= volume.reference_doctype == filters.reference_doctype
	if filters.person:
		condition &= export_queries.is_read_by(filters.person)
	return condition


def note_of(rows: int) -> str | None:
	if rows <= MOST_ROWS:
		return None
	return _("The first {0} rows are shown. Narrow the filters to see the others.").format(MOST_ROWS)


def chart(filters: frappe._dict) -> dict | None:
	"""Return a bar for each week, month or year, with the reads by document type."""
	period = period_of(filters)
	unit, starts = period.calendar_parts(MOST_BARS)
	parts = [
		reads_by_doctype(filters, start, end)
		for start, end in zip(starts, [*starts[1:], period.end], strict=True)
	]
	doctypes = sorted({doctype for part in parts for doctype in part})
	if not doctypes:
		return None
	return {
		"title": _("Records read"),
		"type": "bar",
		"counts": 1,
		"barOptions": {"stacked": 1},
		"data": {
			"labels": report_parts.bar_labels(unit, starts),
			"datasets": [
				{"name": _(doctype), "values": [part.get(doctype, 0) for part in parts]}
				for doctype in doctypes
			],
		},
	}


def reads_by_doctype(filters: frappe._dict, start: datetime, end: datetime) -> dict[str, int]:
	volume = export_queries.read_volume()
	query = (
		frappe.qb.from_(volume)
		.select(volume.reference_doctype, Sum(volume.reads))
		.where(matches(filters) & export_queries.is_between(start, end))
		.groupby(volume.reference_doctype)
	)
	return {doctype: int(reads) for doctype, reads in query.run()}
