"""Many different records read in a day, one by one or in short lists: too few at a time to be exports."""

from collections.abc import Iterator
from datetime import date, timedelta

import frappe
from frappe import _
from frappe.query_builder.functions import Sum
from frappe.utils import cint, get_fullname, getdate

from crm_transparency.crm_transparency import registry
from crm_transparency.export_audit.alerts import baselines
from crm_transparency.export_audit.alerts.findings import MANY_READ, Finding, Window
from crm_transparency.export_audit.alerts.words import day_in_words, number, some

READ_VOLUME = "Read Volume"
DEFAULT_RECORDS = 500


def findings(window: Window) -> Iterator[Finding]:
	for user, day, records in days_of_many_records(window):
		yield finding(user, getdate(day), int(records))


def days_of_many_records(window: Window) -> list[tuple[str, date, int]]:
	volume = frappe.qb.DocType(READ_VOLUME)
	records = Sum(volume.distinct_records)
	query = (
		frappe.qb.from_(volume)
		.select(volume.user, volume.day, records)
		.where((volume.day >= window.first) & (volume.day < window.last + timedelta(days=1)))
		.groupby(volume.user, volume.day)
		.having(records >= records_that_call_attention())
	)
	return (query.where(volume.user == window.user) if window.user else query).run()


def records_that_call_attention() -> int:
	return cint(frappe.get_cached_doc(registry.SETTINGS).get("many_records_read")) or DEFAULT_RECORDS


def finding(user: str, day: date, records: int) -> Finding:
	baseline = baselines.of_reads(day, [user]).get(user, baselines.Baseline())
	return Finding(
		MANY_READ,
		user,
		None,
		day,
		figure=records,
		explanation=_("{0} read about {1} different records on {2} ({3}).").format(
			get_fullname(user), number(records), day_in_words(day), by_doctype(user, day)
		),
		reason=_("Days of {0} different records or more are looked at, whoever reads them.").format(
			number(records_that_call_attention())
		),
		normal=baselines.reads_in_words(user, baseline),
	)


def by_doctype(user: str, day: date) -> str:
	rows = frappe.get_all(
		READ_VOLUME,
		filters={"user": user, "day": day, "distinct_records": (">", 0)},
		fields=["reference_doctype", "distinct_records"],
		order_by="distinct_records desc",
	)
	return some([f"{_(row.reference_doctype)}: {number(row.distinct_records)}" for row in rows])
