"""The functions of Frappe that the app replaces: one table, one installer. At most 12, each with the reason.

What a hook, an override or a class extension can do is done with it. On v15, where only one app can override a class,
CLASS_METHODS holds what `extend_doctype_class` does on v16; these don't count among the 12.
"""

from functools import cache

import click

from crm_transparency.crm_transparency import patching
from crm_transparency.crm_transparency.patching import (
	EXPORTS,
	HIDDEN_FIELDS,
	HIDDEN_RECORDS,
	RESTRICTED_REPORTS,
	RINGERS_IN_BLIND_COPIES,
	Patch,
)

PATCHES = (
	Patch(
		target="frappe.app.process_response",
		replacement="crm_transparency.export_audit.response_recorder.recording_responses",
		needed_for=EXPORTS,
		reason="`after_request` hooks aren't called once one of them raises, and the response goes out all the same.",
		tried_on="15.72, 16.10, 16 in November 2026",
	),
	Patch(
		target="frappe.model.db_query.DatabaseQuery.execute",
		replacement="crm_transparency.export_audit.query_recorder.recording_lists",
		needed_for=EXPORTS,
		reason="No hook sees the rows that a list query returns, and asking again could find others.",
		tried_on="15.72, 16.10, 16 in November 2026",
	),
	Patch(
		target="frappe.model.qb_query.DatabaseQuery.execute",
		replacement="crm_transparency.export_audit.query_recorder.recording_lists",
		needed_for=EXPORTS,
		reason="The same for v16, whose lists are made by another class.",
		tried_on="16.10, 16 in November 2026",
		only_on=16,
	),
	Patch(
		target="frappe.database.database.Database.sql",
		replacement="crm_transparency.export_audit.query_recorder.recording_statements",
		needed_for=EXPORTS,
		reason="ERPNext's searches and others' methods read past lists, by SQL, and no hook sees what that finds.",
		tried_on="15.72, 16.10, 16 in November 2026",
	),
	Patch(
		target="frappe.desk.query_report.build_xlsx_data",
		replacement="crm_transparency.export_audit.query_recorder.recording_report_files",
		needed_for=EXPORTS,
		reason="No hook sees the rows of a report that becomes a file. Newer v16 calls it without `visible_idx` (PR 36323).",
		tried_on="15.72, 16.10, 16 in November 2026",
	),
	Patch(
		target="frappe.core.doctype.data_export.exporter.DataExporter.add_data_row",
		replacement="crm_transparency.export_audit.traceable.adding_data_rows",
		needed_for=EXPORTS,
		reason="The Data Export tool reads a contact's tables past lists, row by row; a ringer has to have some, too.",
		tried_on="15.72, 16.10, 16 in November 2026",
	),
	Patch(
		target="frappe.share.get_shared",
		replacement="crm_transparency.restrictions.records.shared_and_visible",
		needed_for=HIDDEN_RECORDS,
		reason="A share opens what permission hooks close: lists add shared documents after all conditions.",
		tried_on="15.72, 16.10, 16 in November 2026",
	),
	Patch(
		target="frappe.get_meta",
		replacement="crm_transparency.restrictions.hidden_fields.with_levels",
		needed_for=HIDDEN_FIELDS,
		reason="Permission levels are the same for everybody, and no hook changes them for one person.",
		tried_on="15.72, 16.10, 16 in November 2026",
	),
	Patch(
		target="frappe.model.db_query.DatabaseQuery.prepare_args",
		replacement="crm_transparency.restrictions.hidden_fields.with_checked_fields",
		needed_for=HIDDEN_FIELDS,
		reason="v15 filters, sorts and calculates by fields that the user may not read; v16's own query builder doesn't.",
		tried_on="15.72, 16.10, 16 in November 2026",
	),
	Patch(
		target="frappe.desk.query_report.generate_report_result",
		replacement="crm_transparency.restrictions.closed_reports.with_checked_columns",
		needed_for=RESTRICTED_REPORTS,
		reason="Query and script reports read the database without asking; no hook sees what they found.",
		tried_on="15.72, 16.10, 16 in November 2026",
	),
	Patch(
		target="frappe.email.receive.InboundMail.process",
		replacement="crm_transparency.ringers.inbound_records.remembering_mail",
		needed_for=RINGERS_IN_BLIND_COPIES,
		reason="A Communication keeps To and Cc of a mail, not the headers in which mail servers name blind copies.",
		tried_on="15.72, 16.10, 16 in November 2026",
	),
)
CLASS_METHODS = (
	Patch(
		target="frappe.core.doctype.file.file.File.is_downloadable",
		replacement="crm_transparency.restrictions.files_and_mails.without_hidden",
		needed_for=HIDDEN_RECORDS,
		reason="A file is given to whoever uploaded it, and permission hooks aren't asked.",
		tried_on="15.72",
		only_on=15,
	),
	Patch(
		target="frappe.core.doctype.file.file.File.before_insert",
		replacement="crm_transparency.restrictions.files_and_mails.with_checked_address",
		needed_for=HIDDEN_RECORDS,
		reason="A new file fetches the contents of its address before any hook is called.",
		tried_on="15.72",
		only_on=15,
	),
	Patch(
		target="frappe.core.doctype.report.report.Report.get_data",
		replacement="crm_transparency.restrictions.closed_reports.with_its_user",
		needed_for=HIDDEN_FIELDS,
		reason="Reports mailed in somebody's name ask for fields as whoever runs the job.",
		tried_on="15.72",
		only_on=15,
	),
	Patch(
		target="frappe.core.doctype.report.report.Report.get_data",
		replacement="crm_transparency.export_audit.query_recorder.recording_report_data",
		needed_for=EXPORTS,
		reason="No hook sees the rows of a report that is mailed.",
		tried_on="15.72",
		only_on=15,
	),
	Patch(
		target="frappe.email.doctype.auto_email_report.auto_email_report.AutoEmailReport.send",
		replacement="crm_transparency.export_audit.report_exports.recording_sent_reports",
		needed_for=EXPORTS,
		reason="A report's content is recorded when it is made to be sent, not when it is downloaded.",
		tried_on="15.72",
		only_on=15,
	),
	Patch(
		target="frappe.email.doctype.auto_email_report.auto_email_report.AutoEmailReport.get_report_content",
		replacement="crm_transparency.export_audit.report_exports.recording_report_content",
		needed_for=EXPORTS,
		reason="The same.",
		tried_on="15.72",
		only_on=15,
	),
)


def before_request() -> None:
	install()


def before_job(**_job: object) -> None:
	install()


@cache
def install() -> None:
	"""Replace the functions, once in a process, for all sites that it serves."""
	for patch in patching.patches():
		patching.replace(patch)


def report_missing() -> None:
	"""Say in a terminal, at install and migrate, which functions this version of Frappe lacks."""
	for sentence in patching.sentences():
		click.secho(f"CRM Transparency: {sentence}", fg="yellow")
