"""What I exported, from where, and how much I read: everybody's own, newest first, a page at a time."""

from datetime import datetime

import frappe
from frappe import _
from frappe.query_builder import Order
from frappe.query_builder.functions import Sum
from frappe.utils import get_datetime
from pypika import Criterion

from crm_transparency.crm_transparency import activity, report_parts
from crm_transparency.crm_transparency.activity import Cursor
from crm_transparency.crm_transparency.period import Period
from crm_transparency.crm_transparency.report_parts import Series, column
from crm_transparency.export_audit import export_queries
from crm_transparency.export_audit.export_visibility import READ_VOLUME
from crm_transparency.export_audit.exports import LEDGER

DEFAULT_DAYS = 90
MOST_BARS = 27
BLUE, GRAY = "#4299E1", "#CBD5E0"


def execute(filters: dict | None = None) -> tuple:
	"""Return columns, rows, the note that there are older ones, the chart, and the sums."""
	filters = frappe._dict(filters or {})
	limit = activity.rows_wanted(filters, LEDGER)
	before = Cursor.parse(filters.before)
	rows = sorted(
		[*exports(filters, limit + 1, before), *readings(filters, limit + 1, before)],
		key=lambda row: row.cursor.sort_key(),
	)
	next_page = rows[limit - 1].cursor if len(rows) > limit else None
	rows = rows[:limit]
	if next_page:
		rows[-1].next_page = str(next_page)
	for row in rows:
		del row["cursor"]
	sums = sums_by_part(filters)
	return columns(), rows, activity.note_of_cut(next_page, limit), chart(filters, sums), summary(sums)


def columns() -> list[dict]:
	return [
		column("happened_on", _("When"), 185, "Datetime"),
		column("utc_offset", _("UTC offset"), 100),
		column("channel_name", _("Channel"), 140),
		column("what", _("What"), 190),
		column("row_count", _("Rows"), 90, "Int"),
		column("record_count", _("Records"), 90, "Int"),
		column("contact_data", _("Contact data"), 130),
		column("ip_address", _("IP address"), 130),
		column("signed_in_with", _("Signed in with"), 120),
		column("recipients", _("Sent to"), 200),
		column("purpose", _("Purpose"), 240),
	]


def exports(filters: frappe._dict, limit: int, before: Cursor | None) -> list[frappe._dict]:
	rows = export_queries.newest(my_exports(filters), limit, before, export_queries.DETAILS)
	export_queries.describe(rows)
	for row in rows:
		row.cursor = export_queries.cursor_of(row)
		row.happened_on = row.exported_on
		row.contact_data = _("Yes") if row.contact_data else _("No")
		row.recipients = ", ".join((row.recipients or "").split())
	return rows


def readings(filters: frappe._dict, limit: int, before: Cursor | None) -> list[frappe._dict]:
	"""Return the days on which records were read without being exported. They stand at the beginning of their day."""
	volume = export_queries.read_volume()
	query = frappe.qb.from_(volume).select(
		volume.name, volume.day, volume.reference_doctype, volume.reads, volume.distinct_records
	)
	query = query.where(my_readings(filters))
	if before:
		query = query.where(export_queries.is_older_than(before))
	query = query.orderby(volume.day, order=Order.desc).orderby(volume.name, order=Order.desc)
	return [
		frappe._dict(
			cursor=Cursor(get_datetime(row.day), READ_VOLUME, row.name),
			happened_on=get_datetime(row.day),
			channel_name=_("Read that day"),
			what=_(row.reference_doctype),
			row_count=row.reads,
			record_count=row.distinct_records,
			reads=1,
		)
		for row in query.limit(limit).run(as_dict=True)
	]


def my_exports(filters: frappe._dict) -> Criterion:
	log = export_queries.export_log()
	condition = export_queries.is_by(frappe.session.user) & period_of(filters).contains(log.exported_on)
	if filters.reference_doctype:
		condition &= log.reference_doctype == filters.reference_doctype
	if filters.channel:
		condition &= log.channel == filters.channel
	return condition


def my_readings(filters: frappe._dict) -> Criterion:
	volume, period = export_queries.read_volume(), period_of(filters)
	condition = export_queries.is_read_by(frappe.session.user)
	condition &= export_queries.is_between(period.start, period.end)
	if filters.reference_doctype:
		condition &= volume.reference_doctype == filters.reference_doctype
	if filters.channel:
		condition &= volume.name.isnull()
	return condition


def period_of(filters: frappe._dict) -> Period:
	return Period.of_filters(filters, DEFAULT_DAYS)


def sums_by_part(filters: frappe._dict) -> list[frappe._dict]:
	"""Return, for each week, month or year of the period, its label and what was exported and read in it."""
	unit, starts = period_of(filters).calendar_parts(MOST_BARS)
	ends = [*starts[1:], period_of(filters).end]
	return [
		frappe._dict(
			label=label,
			exported=rows_exported(filters, start, end),
			read=records_read(filters, start, end),
		)
		for label, start, end in zip(report_parts.bar_labels(unit, starts), starts, ends, strict=True)
	]


def rows_exported(filters: frappe._dict, start: datetime, end: datetime) -> int:
	log = export_queries.export_log()
	query = frappe.qb.from_(log).select(Sum(log.row_count)).where(my_exports(filters))
	return int(query.where((log.exported_on >= start) & (log.exported_on < end)).run()[0][0] or 0)


def records_read(filters: frappe._dict, start: datetime, end: datetime) -> int:
	volume = export_queries.read_volume()
	query = frappe.qb.from_(volume).select(Sum(volume.reads)).where(my_readings(filters))
	return int(query.where(export_queries.is_between(start, end)).run()[0][0] or 0)


def chart(filters: frappe._dict, sums: list[frappe._dict]) -> dict | None:
	if filters.everything:
		return None
	exported = Series(_("Rows exported"), [part.exported for part in sums], BLUE)
	read = Series(_("Records read"), [part.read for part in sums], GRAY)
	return report_parts.bars([part.label for part in sums], [exported, read])


def summary(sums: list[frappe._dict]) -> list[dict]:
	return [
		{"label": _("Rows exported"), "value": sum(part.exported for part in sums), "datatype": "Int"},
		{"label": _("Records read"), "value": sum(part.read for part in sums), "datatype": "Int"},
	]
