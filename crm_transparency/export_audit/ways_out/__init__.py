"""Every way by which tracked data leaves, one module a kind. Each says what is about to go, as an `Export`."""

from collections.abc import Callable

import frappe
from werkzeug.wrappers import Request, Response

from crm_transparency.export_audit.exports import Export
from crm_transparency.export_audit.ways_out import (
	backups,
	data_exports,
	files,
	lists,
	prints,
	reports,
	scheduled_reports,
	vcards,
)

Way = Callable[[Response], Export | None]

BY_COMMAND: dict[str, Way] = {
	"frappe.desk.reportview.export_query": lists.exported,
	"frappe.desk.query_report.export_query": reports.exported,
	"frappe.core.doctype.data_export.exporter.export_data": data_exports.exported,
	"frappe.core.doctype.data_import.data_import.download_template": data_exports.downloaded_template,
	"frappe.contacts.doctype.contact.contact.download_vcard": vcards.downloaded,
	"frappe.contacts.doctype.contact.contact.download_vcards": vcards.downloaded,
	"frappe.utils.print_format.download_pdf": prints.printed,
	"frappe.utils.print_format.download_multi_pdf": prints.printed_together,
	"frappe.utils.weasyprint.download_pdf": prints.printed,
	"frappe.utils.print_format.print_by_server": prints.printed_by_server,
	"frappe.utils.print_format.report_to_pdf": prints.printed_report,
	"frappe.core.doctype.prepared_report.prepared_report.download_attachment": reports.prepared,
	"frappe.email.doctype.auto_email_report.auto_email_report.download": scheduled_reports.downloaded,
	"frappe.utils.file_manager.download_file": files.downloaded,
	"frappe.core.doctype.file.file.download_file": files.downloaded,
	"frappe.handler.download_file": files.downloaded,
	"download_file": files.downloaded,
}
BY_PATH: dict[str, Way] = {
	"/private/files/": files.downloaded,
	"/backups/": backups.downloaded,
	"/printview": prints.printed,
}
FILE_TYPES = {"csv", "txt", "download", "pdf", "binary"}


def way_of(request: Request, command: str | None, response: Response) -> Way | None:
	"""Return the way out that a request takes; None for one that brings no file, which may be a read all the same."""
	if way := BY_COMMAND.get(command or ""):
		return way
	for beginning, way in BY_PATH.items():
		if request.path.startswith(beginning):
			return way
	is_file = frappe.response.get("type") in FILE_TYPES or (command and is_made_a_file(response))
	return files.unknown if is_file else None


def is_made_a_file(response: Response) -> bool:
	"""Say whether a method made a response of its own that a browser keeps as a file, or that is sent piece by piece."""
	return response.direct_passthrough or "attachment" in response.headers.get("Content-Disposition", "")
