"""Large exports: so many rows, by the settings, at once. And backups, which hold everything.

Reading a list page by page makes many exports of one act, so those of a person, a day and a kind are one finding. A
scheduled report is one, however often it is sent.
"""

from collections.abc import Iterator

import frappe
from frappe import _
from frappe.utils import cint

from crm_transparency.crm_transparency import registry
from crm_transparency.export_audit.alerts import baselines, recorded
from crm_transparency.export_audit.alerts.findings import LARGE, Finding, Window
from crm_transparency.export_audit.alerts.recorded import Group
from crm_transparency.export_audit.alerts.words import day_in_words, number, people, what_left
from crm_transparency.export_audit.exports import BACKUP_DOWNLOAD, SCHEDULED_REPORT

DEFAULT_ROWS = 1000
SAME_KIND = ("channel", "reference_doctype", "report_name")


def findings(window: Window) -> Iterator[Finding]:
	log = recorded.ledger()
	is_large = (log.row_count >= rows_that_make_a_large_one()) & recorded.holds_tracked_data(log)
	entries = recorded.in_window(window, is_large | (log.channel == BACKUP_DOWNLOAD))
	for group in recorded.grouped(entries, *SAME_KIND):
		yield finding(group)


def rows_that_make_a_large_one() -> int:
	return cint(frappe.get_cached_doc(registry.SETTINGS).get("large_export_rows")) or DEFAULT_ROWS


def finding(group: Group) -> Finding:
	export = group.largest
	is_backup = export.channel == BACKUP_DOWNLOAD
	history = baselines.of_exports(group.day, [group.user]).get(group.user, baselines.Baseline())
	return Finding(
		LARGE,
		group.user,
		group.impersonated_by,
		group.day,
		figure=len(group.entries) if is_backup else group.rows,
		explanation=what_happened(group),
		reason=why(is_backup),
		normal=baselines.exports_in_words(group.user, group.day, history),
		export_log=export.name,
		kind=tuple(export.get(field) or "" for field in SAME_KIND),
		is_daily=export.channel != SCHEDULED_REPORT,
	)


def what_happened(group: Group) -> str:
	export, times = group.largest, len(group.entries)
	who, day = people(group.user, group.impersonated_by), day_in_words(group.day)
	if export.channel == BACKUP_DOWNLOAD:
		return _("{0} downloaded a backup of the site on {1}; files: {2}.").format(who, day, number(times))
	what, channel = what_left(export.reference_doctype, export.report_name), _(export.channel)
	if export.channel == SCHEDULED_REPORT:
		return _("A scheduled mail of {0} took {1} rows of {2} along on {3}.").format(
			who, number(export.row_count), what, day
		)
	if times == 1:
		return _("{0} exported {1} rows of {2} on {3} (way out: {4}).").format(
			who, number(group.rows), what, day, channel
		)
	return _("{0} exported {1} rows of {2} in {3} exports on {4} (way out: {5}).").format(
		who, number(group.rows), what, number(times), day, channel
	)


def why(is_backup: bool) -> str:
	if is_backup:
		return _("A backup holds all the data there is, so every download of one is looked at.")
	return _("Exports of {0} rows or more are looked at, whoever makes them.").format(
		number(rows_that_make_a_large_one())
	)
