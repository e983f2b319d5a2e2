"""Rules about how much leaves or is read, and by whose key: large and unusual exports, many reads, a key's first export."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby

import frappe
from frappe import _
from frappe.query_builder.functions import Count, Date, Min, Sum
from frappe.utils import cint, get_fullname, getdate

from crm_transparency.crm_transparency import registry
from crm_transparency.export_audit import alert_findings, export_baselines
from crm_transparency.export_audit.alert_findings import (
	API_KEY,
	LARGE,
	MANY_READ,
	UNUSUAL,
	Finding,
	Group,
	Window,
	day_text,
	number,
	people,
	some,
	what_left,
)
from crm_transparency.export_audit.export_baselines import Baseline
from crm_transparency.export_audit.export_visibility import READ_VOLUME
from crm_transparency.export_audit.exports import BACKUP_DOWNLOAD, SCHEDULED_REPORT

# Large exports: so many rows, by the settings, at once. And backups, which hold everything. Reading a list page by page makes
# many exports of one act, so those of a person, a day and a kind are one finding. A scheduled report is one, however often it
# is sent.

DEFAULT_ROWS = 1000
SAME_KIND = ("channel", "reference_doctype", "report_name")


def large_exports(window: Window) -> Iterator[Finding]:
	log = alert_findings.ledger()
	is_large = (log.row_count >= rows_that_make_a_large_one()) & alert_findings.holds_tracked_data(log)
	entries = alert_findings.in_window(window, is_large | (log.channel == BACKUP_DOWNLOAD))
	for group in alert_findings.grouped(entries, *SAME_KIND):
		yield large_export(group)


def rows_that_make_a_large_one() -> int:
	return cint(frappe.get_cached_doc(registry.SETTINGS).get("large_export_rows")) or DEFAULT_ROWS


def large_export(group: Group) -> Finding:
	export = group.largest
	is_backup = export.channel == BACKUP_DOWNLOAD
	history = export_baselines.of_exports(group.day, [group.user]).get(group.user, Baseline())
	return Finding(
		LARGE,
		group.user,
		group.impersonated_by,
		group.day,
		figure=len(group.entries) if is_backup else group.rows,
		explanation=what_left_at_once(group),
		reason=why_large(is_backup),
		normal=export_baselines.exports_sentence(group.user, group.day, history),
		export_log=export.name,
		kind=tuple(export.get(field) or "" for field in SAME_KIND),
		is_daily=export.channel != SCHEDULED_REPORT,
	)


def what_left_at_once(group: Group) -> str:
	export, times = group.largest, len(group.entries)
	who, day = people(group.user, group.impersonated_by), day_text(group.day)
	if export.channel == BACKUP_DOWNLOAD:
		return _("{0} downloaded a backup of the site on {1}; files: {2}.").format(who, day, number(times))
	what, channel = what_left(export.reference_doctype, export.report_name), _(export.channel)
	if export.channel == SCHEDULED_REPORT:
		return _("A scheduled email of {0} contained {1} rows of {2} on {3}.").format(
			who, number(export.row_count), what, day
		)
	if times == 1:
		return _("{0} exported {1} rows of {2} on {3} (channel: {4}).").format(
			who, number(group.rows), what, day, channel
		)
	return _("{0} exported {1} rows of {2} in {3} exports on {4} (channel: {5}).").format(
		who, number(group.rows), what, number(times), day, channel
	)


def why_large(is_backup: bool) -> str:
	if is_backup:
		return _("A backup contains all data, so every download is reviewed.")
	return _("Exports of {0} rows or more are reviewed, whoever makes them.").format(
		number(rows_that_make_a_large_one())
	)


# Exports that are unusual for this person: a day on which far more left than on the person's own days before. The day counts,
# not the single export: a list taken in slices is as large as one taken whole.

#: fewer rows in a day never are unusual
FEWEST_ROWS = 100
#: so many times what the person exports on nine out of ten days
TIMES_USUAL = 3
#: nobody's normal is known before
FEWEST_DAYS_KNOWN = 30


def unusual_exports(window: Window) -> Iterator[Finding]:
	for day, rows in groupby(days_of_many_rows(window), key=lambda row: getdate(row.day)):
		candidates = list(rows)
		normal = export_baselines.of_exports(day, {row.user for row in candidates})
		for row in candidates:
			baseline = normal.get(row.user, Baseline())
			if row.rows > TIMES_USUAL * baseline.usual and is_known(row.user, day):
				yield Finding(
					UNUSUAL,
					row.user,
					row.impersonated_by,
					day,
					figure=int(row.rows),
					explanation=what_left_in_a_day(day, row),
					reason=why_unusual(row.user, day, baseline),
					normal=export_baselines.exports_sentence(row.user, day, baseline),
					export_log=largest_export(day, row),
				)


def is_known(user: str, day: date) -> bool:
	return export_baselines.days_known(user, day) >= FEWEST_DAYS_KNOWN


def days_of_many_rows(window: Window) -> list[frappe._dict]:
	log = alert_findings.ledger()
	day, rows = Date(log.exported_on), Sum(log.row_count)
	return (
		frappe.qb.from_(log)
		.select(log.user, log.impersonated_by, day.as_("day"), rows.as_("rows"), Count("*").as_("times"))
		.where(window.contains(log))
		.where(alert_findings.made_by_a_person(log) & alert_findings.holds_tracked_data(log))
		.groupby(day, log.user, log.impersonated_by)
		.having(rows >= FEWEST_ROWS)
		.orderby(day)
		.run(as_dict=True)
	)


def what_left_in_a_day(day: date, row: frappe._dict) -> str:
	who = people(row.user, row.impersonated_by)
	if row.times == 1:
		return _("{0} exported {1} rows in one export on {2}.").format(who, number(row.rows), day_text(day))
	return _("{0} exported {1} rows in {2} exports on {3}.").format(
		who, number(row.rows), number(row.times), day_text(day)
	)


def why_unusual(user: str, day: date, baseline: Baseline) -> str:
	if not baseline.days:
		return _("{0} rows or more are unusual for somebody who exported nothing for {1} days.").format(
			number(FEWEST_ROWS), export_baselines.days_known(user, day)
		)
	return _(
		"That is more than {0} times as much as {1} exports on nine out of ten days with exports, which is up to {2} rows."
	).format(TIMES_USUAL, get_fullname(user), number(baseline.usual))


def largest_export(day: date, row: frappe._dict) -> str:
	log = alert_findings.ledger()
	entries = alert_findings.in_window(
		Window(day, day, row.user),
		alert_findings.made_by_a_person(log) & alert_findings.holds_tracked_data(log),
	)
	return next(
		group.largest.name
		for group in alert_findings.grouped(entries)
		if group.impersonated_by == row.impersonated_by
	)


# Many different records read in a day, one by one or in short lists: too few at a time to be exports

DEFAULT_RECORDS = 500


def many_reads(window: Window) -> Iterator[Finding]:
	for user, day, records in days_of_many_records(window):
		yield many_read(user, getdate(day), int(records))


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


def many_read(user: str, day: date, records: int) -> Finding:
	baseline = export_baselines.of_reads(day, [user]).get(user, Baseline())
	return Finding(
		MANY_READ,
		user,
		None,
		day,
		figure=records,
		explanation=_("{0} read about {1} different records on {2} ({3}).").format(
			get_fullname(user), number(records), day_text(day), by_doctype(user, day)
		),
		reason=_("Days with {0} or more different records are reviewed, whoever reads them.").format(
			number(records_that_call_attention())
		),
		normal=export_baselines.reads_sentence(user, baseline),
	)


def by_doctype(user: str, day: date) -> str:
	rows = frappe.get_all(
		READ_VOLUME,
		filters={"user": user, "day": day, "distinct_records": (">", 0)},
		fields=["reference_doctype", "distinct_records"],
		order_by="distinct_records desc",
	)
	return some([f"{_(row.reference_doctype)}: {number(row.distinct_records)}" for row in rows])


# The first export that a user's API key, or an OAuth token of theirs, ever made

OAUTH_TOKEN = "OAuth Token"
WITHOUT_A_SESSION = ("API Key", OAUTH_TOKEN)


def first_exports_by_api_keys(window: Window) -> Iterator[Finding]:
	for user, signed_in_with in users_of_keys(window):
		export = first_export(user, signed_in_with)
		if getdate(export.exported_on) >= window.first:
			yield first_export_by_key(export)


def users_of_keys(window: Window) -> list[tuple[str, str]]:
	log = alert_findings.ledger()
	return (
		frappe.qb.from_(log)
		.select(log.user, log.signed_in_with)
		.where(window.contains(log) & log.signed_in_with.isin(WITHOUT_A_SESSION))
		.distinct()
		.run()
	)


def first_export(user: str, signed_in_with: str) -> frappe._dict:
	log = alert_findings.ledger()
	ways = (log.user == user) & (log.signed_in_with == signed_in_with)
	first = frappe.qb.from_(log).select(Min(log.name)).where(ways).run()[0][0]
	return frappe.db.get_value(alert_findings.LEDGER, first, alert_findings.FIELDS, as_dict=True)


def first_export_by_key(export: frappe._dict) -> Finding:
	day = getdate(export.exported_on)
	baseline = export_baselines.of_exports(day, [export.user]).get(export.user, Baseline())
	return Finding(
		API_KEY,
		export.user,
		export.impersonated_by,
		day,
		figure=export.row_count,
		explanation=what_left_by_key(export),
		reason=why_by_key(export),
		normal=export_baselines.exports_sentence(export.user, day, baseline),
		export_log=export.name,
		kind=(export.signed_in_with,),
		is_daily=False,
	)


def what_left_by_key(export: frappe._dict) -> str:
	sentence = (
		_("A program with an OAuth token of {0} exported {1} on {2}; rows: {3}.")
		if export.signed_in_with == OAUTH_TOKEN
		else _("A program with the API key of {0} exported {1} on {2}; rows: {3}.")
	)
	return sentence.format(
		people(export.user, export.impersonated_by),
		what_left(export.reference_doctype, export.report_name),
		day_text(getdate(export.exported_on)),
		number(export.row_count),
	)


def why_by_key(export: frappe._dict) -> str:
	name = get_fullname(export.user)
	if export.signed_in_with == OAUTH_TOKEN:
		return _("It's the first export ever with an OAuth token of {0}.").format(name)
	return _("It's the first export ever with the API key of {0}.").format(name)
