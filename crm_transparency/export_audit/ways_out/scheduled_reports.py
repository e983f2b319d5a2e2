"""Reports that are mailed at set times (Auto Email Report).

Frappe makes a report's content in one job and, from v16 on, queues the mails in others. So the export is recorded when
the content is made to be sent; what can't be recorded isn't sent.
"""

from collections.abc import Callable

import frappe
from frappe.email.doctype.auto_email_report.auto_email_report import AutoEmailReport
from werkzeug.wrappers import Response

from crm_transparency.export_audit import exports
from crm_transparency.export_audit.exports import SCHEDULED_REPORT, Export
from crm_transparency.export_audit.ways_out import content, reports

IS_BEING_SENT = "crm_transparency_is_being_sent"


def watch_sending(send: Callable) -> Callable:
	def watched(report: AutoEmailReport):
		report.flags[IS_BEING_SENT] = True
		try:
			return send(report)
		finally:
			report.flags.pop(IS_BEING_SENT, None)

	return watched


def watch_content(get_report_content: Callable) -> Callable:
	def watched(report: AutoEmailReport):
		data = get_report_content(report)
		if data and report.flags.get(IS_BEING_SENT):
			record(report, content.as_bytes(data))
		return data

	return watched


def record(report: AutoEmailReport, data: bytes) -> None:
	name = report.get_file_name()
	export = describe(report, content.File(name, content.format_of(name), data))
	export.user = report.user
	export.recipients = "\n".join(report.email_to.split())
	exports.record(export)


def downloaded(response: Response) -> Export | None:
	"""The same report, downloaded by hand."""
	if frappe.response.get("type") != "download":
		return None  # there was no data, and a message says so
	report = frappe.get_doc("Auto Email Report", frappe.form_dict.name)
	return describe(report, content.of_response(response))


def describe(report: AutoEmailReport, file: content.File) -> Export:
	return reports.describe(report.report, report.filters, file, SCHEDULED_REPORT)
