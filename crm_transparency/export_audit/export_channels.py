"""Export channels: every way by which tracked data leaves. Each says what is about to go, as an `Export`.

Reports are in `report_exports`, mails in `mailed_files`.
"""

from collections.abc import Callable

import frappe
from frappe import _
from frappe.core.doctype.file.utils import find_file_by_url
from frappe.model.document import Document
from frappe.model.meta import DEFAULT_FIELD_LABELS
from frappe.utils import cint
from werkzeug.wrappers import Request, Response

from crm_transparency.crm_transparency import stored_files
from crm_transparency.export_audit import bulk_reads, exports, query_recorder, report_exports, response_files
from crm_transparency.export_audit.audited import existing, holds_contact_data, is_audited
from crm_transparency.export_audit.exports import (
	BACKUP_DOWNLOAD,
	DATA_EXPORT,
	FILE_DOWNLOAD,
	LIST_EXPORT,
	PRINT,
	VCARD,
	Export,
)
from crm_transparency.export_audit.query_recorder import RecordedQuery
from crm_transparency.export_audit.response_files import ResponseFile

#: what the Data Export tool writes above its rows, if asked to describe the columns, too
ROWS_ABOUT_COLUMNS = 7
FILE_TYPES = {"csv", "txt", "download", "pdf", "binary"}


# Lists and report views, as CSV or Excel


def exported_list(response: Response) -> Export | None:
	form = frappe.form_dict
	if cint(form.get("export_in_background")) and not frappe.response.get("type"):
		return None  # the job that was queued makes the file
	return describe_list(form.doctype, form, response_files.of_response(response))


def describe_list(doctype: str, form: dict, file: ResponseFile) -> Export:
	"""Describe the export of a list from the form that asked for it, and from what was read for it meanwhile."""
	query = query_recorder.current().latest(doctype, as_list=True)
	rows = response_files.rows_of(file) if query is None else []
	columns = (
		query.columns if query else query_recorder.columns_of(frappe.parse_json(form["fields"]), doctype)
	)
	return Export(
		LIST_EXPORT,
		doctype=doctype,
		**file.fields(),
		row_count=query.rows if query else len(rows),
		columns=[label_of(doctype, column) for column in columns],
		filters=frappe.as_json(filters_of(form), indent=None),
		contact_data=holds_contact_data(doctype, columns),
		names={doctype: names_in(doctype, query, rows)} if is_audited(doctype) else {},
	)


def filters_of(form: dict) -> object:
	if selected := form.get("selected_items"):
		return [["name", "in", frappe.parse_json(selected)]]
	return frappe.parse_json(form.get("filters") or "[]")


def names_in(doctype: str, query: RecordedQuery | None, rows: list[list]) -> list[str]:
	"""Return the records in a file; looked up by its values if another app made it without asking Frappe for a list."""
	if query:
		return query.record_names()
	return existing(doctype, (value for row in rows for value in row))


# The Data Export tool, and import templates that hold data


def exported_data(response: Response) -> Export | None:
	form = frappe.form_dict
	if not cint(form.with_data):
		return None
	doctype = frappe.parse_json(form.doctype) if str(form.doctype).startswith("[") else form.doctype
	return describe_data(
		doctype[0] if isinstance(doctype, list) else doctype,
		form.get("select_columns"),
		form.get("filters"),
		response,
	)


def downloaded_template(response: Response) -> Export | None:
	form = frappe.form_dict
	if form.export_records == "blank_template":
		return None
	columns, filters = form.get("export_fields"), form.get("export_filters")
	return describe_data(form.doctype, columns, filters, response, rows_above=1)


def describe_data(
	doctype: str, columns: str | None, filters: str | None, response: Response, rows_above: int | None = None
) -> Export:
	"""Describe a file of data; `rows_above` are those above the data, where they needn't be told by what they say."""
	query = query_recorder.current().latest(doctype)
	file = response_files.of_response(response)
	chosen = chosen_columns(doctype, columns)
	rows = response_files.rows_of(file)
	above = rows_above_data(rows) if rows_above is None else rows_above
	return Export(
		DATA_EXPORT,
		doctype=doctype,
		**file.fields(),
		row_count=max(0, len(rows) - above) - query_recorder.current().added_rows,
		columns=[label_of(doctype, column) for column in chosen],
		filters=frappe.as_json(frappe.parse_json(filters) or [], indent=None),
		contact_data=holds_contact_data(doctype, chosen or None),
		names={doctype: query.record_names()} if query and is_audited(doctype) else {},
	)


def chosen_columns(doctype: str, columns: str | None) -> list[str]:
	"""Return the names of the chosen columns, those of child tables behind the name of their DocType or table."""
	chosen = frappe.parse_json(columns) if columns else None
	if not isinstance(chosen, dict):
		return []
	return [
		name if table == doctype else f"{table}.{name}"
		for table, names in chosen.items()
		for name in (names if isinstance(names, list) else ())
	]


def label_of(doctype: str, column: str) -> str:
	"""Return a column as people know it: `Mobile No`, or `Email IDs: Is Primary` for that of a table."""
	table, _dot, name = column.rpartition(".")
	table, meta = table.removeprefix("tab"), frappe.get_meta(doctype)
	holder = next(
		(field for field in meta.get_table_fields() if table in (field.fieldname, field.options)), None
	)
	meta = frappe.get_meta(holder.options) if holder else meta
	field = meta.get_field(name)
	label = _(field.label or name) if field else str(DEFAULT_FIELD_LABELS.get(name, column))
	return f"{_(holder.label or holder.options)}: {label}" if holder else label


def rows_above_data(rows: list[list]) -> int:
	separator = _("Start entering data below this line")
	for number, row in enumerate(rows, start=1):
		if row and row[0] == separator:
			return number
	is_described = bool(rows) and not any(rows[0])
	return ROWS_ABOUT_COLUMNS if is_described else 1


# Contacts as vCards


def downloaded_vcards(response: Response) -> Export:
	form = frappe.form_dict
	contacts = frappe.parse_json(form.contacts) if form.get("contacts") else [form.contact]
	file = response_files.of_response(response)
	return Export(
		VCARD,
		doctype="Contact",
		file_name=file.name,
		file_format="vCard",
		content=file.content,
		row_count=len(contacts),
		contact_data=True,
		records=[("Contact", str(contact)) for contact in contacts],
	)


# Documents and reports, printed or made into a PDF


def printed(response: Response) -> Export | None:
	"""One document, as a page or a PDF."""
	form = frappe.form_dict
	doctype, name = form.get("doctype"), form.get("name")
	if not (doctype and name):
		return None  # a page that says what is missing
	return describe_prints([(doctype, name)], response_files.of_response(response))


def printed_together(response: Response) -> Export:
	"""Many documents in one PDF."""
	return describe_prints(documents_of(frappe.form_dict), response_files.of_response(response))


def printed_by_server(response: Response) -> Export:
	"""One document on a printer of the server's network: it is on paper before anything can be recorded."""
	form = frappe.form_dict
	return describe_prints([(form.doctype, form.name)], ResponseFile(None, "PDF", None))


def documents_of(form: dict) -> list[tuple[str, str]]:
	"""Return the documents that Frappe was asked to put into one PDF: of one DocType, or names by DocType."""
	doctype = form["doctype"]
	by_doctype = (
		frappe.parse_json(doctype) if not isinstance(doctype, str) or doctype.startswith("{") else None
	)
	if isinstance(by_doctype, dict):
		return [(kind, name) for kind, names in by_doctype.items() for name in names]
	return [(doctype, name) for name in frappe.parse_json(form["name"])]


def describe_prints(documents: list[tuple[str, str]], file: ResponseFile) -> Export:
	"""Describe printed documents, and what their print formats list besides. A PDF doesn't tell: all that was read."""
	page = [file.content.decode("utf-8", "replace")] if file.format == "HTML" and file.content else None
	export = Export(
		PRINT,
		doctype=documents[0][0] if documents else None,
		**file.fields(),
		records=[(kind, str(name)) for kind, name in documents if is_audited(kind)],
		**bulk_reads.fields_of(bulk_reads.read_among(page)),
	)
	export.row_count = max(len(documents), sum(map(len, export.names_by_doctype().values())))
	export.contact_data |= any(holds_contact_data(kind) for kind in {kind for kind, _name in documents})
	return export


def printed_report(response: Response) -> Export:
	"""A report's page, which the browser sends to be made into a PDF: its rows were recorded when it was run."""
	file = response_files.of_response(response)
	return Export(
		PRINT,
		file_name=file.name,
		file_format="PDF",
		content=file.content,
		row_count=(frappe.form_dict.get("html") or "").count("<tr"),
		contact_data="@" in (frappe.form_dict.get("html") or ""),
	)


# Backups: everything at once


def downloaded_backup(response: Response) -> Export:
	return Export(BACKUP_DOWNLOAD, **response_files.of_response(response).fields(), contact_data=True)


# Files: private ones that are downloaded, and whatever else arrives in a browser as a file


def downloaded_file(response: Response) -> Export:
	form = frappe.form_dict
	url = form.get("file_url") or frappe.request.path
	return describe_file(find_file_by_url(url, name=form.get("fid")), response_files.of_response(response))


def describe_file(stored: Document | None, file: ResponseFile) -> Export:
	"""Describe a stored file: what an export put into it, or else the document that it is attached to."""
	if stored and stored.attached_to_doctype == report_exports.PREPARED_REPORT:
		return report_exports.of_prepared_report(stored.attached_to_name, file)
	export = Export(FILE_DOWNLOAD, **file.fields())
	if stored:
		export.doctype = stored.attached_to_doctype
		if is_audited(stored.attached_to_doctype):
			export.records = [(stored.attached_to_doctype, stored.attached_to_name)]
	exports.take_over(export)
	return export


def unknown_file(response: Response) -> Export:
	"""A file by a channel that isn't Frappe's own, with all the tracked data that was read for it."""
	read = bulk_reads.read_among(None)
	return Export(
		FILE_DOWNLOAD,
		doctype=read[-1].doctype if read else None,
		**response_files.of_response(response).fields(),
		columns=read[-1].columns or [] if read else [],
		**bulk_reads.fields_of(read),
	)


# Files that background jobs make for people to download later (Frappe v16's exports, many PDFs in one)


def list_of_job(job: dict, file: ResponseFile) -> Export:
	form = job["kwargs"]["form_params"]
	queries = query_recorder.current().queries
	doctype = queries[-1].doctype if queries else form.get("doctype")
	return describe_list(doctype, {**form, "doctype": doctype}, file)


def report_of_job(job: dict, file: ResponseFile) -> Export:
	form = job["kwargs"]["form_params"]
	return report_exports.describe(form["report_name"], form.get("filters"), file)


def prints_of_job(job: dict, file: ResponseFile) -> Export:
	return describe_prints(documents_of(job["kwargs"]), file)


def record_file_of_job(file: Document, method: str | None = None) -> None:
	"""`before_insert` of File: record what a job exports when it stores it: unrecorded, it isn't stored.

	Before, since a job that catches exceptions would keep what is inserted.
	"""
	job = getattr(frappe.local, "job", None)
	describe = BY_JOB.get(job.method) if job else None
	if not describe or file.is_folder:
		return
	name, recorder = file.file_name, query_recorder.current()
	with exports.recorded_or_refused():
		content = stored_files.contents(file)
		export = describe(job, ResponseFile(name, response_files.format_of(name), content))
		export.purpose, export.trace = recorder.purpose, recorder.trace
		exports.record(export)


Channel = Callable[[Response], Export | None]

BY_COMMAND: dict[str, Channel] = {
	"frappe.desk.reportview.export_query": exported_list,
	"frappe.desk.query_report.export_query": report_exports.exported,
	"frappe.core.doctype.data_export.exporter.export_data": exported_data,
	"frappe.core.doctype.data_import.data_import.download_template": downloaded_template,
	"frappe.contacts.doctype.contact.contact.download_vcard": downloaded_vcards,
	"frappe.contacts.doctype.contact.contact.download_vcards": downloaded_vcards,
	"frappe.utils.print_format.download_pdf": printed,
	"frappe.utils.print_format.download_multi_pdf": printed_together,
	"frappe.utils.weasyprint.download_pdf": printed,
	"frappe.utils.print_format.print_by_server": printed_by_server,
	"frappe.utils.print_format.report_to_pdf": printed_report,
	"frappe.core.doctype.prepared_report.prepared_report.download_attachment": report_exports.prepared,
	"frappe.email.doctype.auto_email_report.auto_email_report.download": report_exports.downloaded,
	"frappe.utils.file_manager.download_file": downloaded_file,
	"frappe.core.doctype.file.file.download_file": downloaded_file,
	"frappe.handler.download_file": downloaded_file,
	"download_file": downloaded_file,
}
BY_PATH: dict[str, Channel] = {
	"/private/files/": downloaded_file,
	"/backups/": downloaded_backup,
	"/printview": printed,
}
BY_JOB: dict[str, Callable[[dict, ResponseFile], Export]] = {
	"frappe.desk.reportview.run_report_view_export_job": list_of_job,
	"frappe.desk.query_report.run_export_query_job": report_of_job,
	"frappe.utils.print_format._download_multi_pdf": prints_of_job,
}


def channel_of(request: Request, command: str | None, response: Response) -> Channel | None:
	"""Return the channel that a request takes; None for one that brings no file, which may be a read all the same."""
	if channel := BY_COMMAND.get(command or ""):
		return channel
	for beginning, channel in BY_PATH.items():
		if request.path.startswith(beginning):
			return channel
	is_file = frappe.response.get("type") in FILE_TYPES or (command and is_made_a_file(response))
	return unknown_file if is_file else None


def is_made_a_file(response: Response) -> bool:
	"""Return whether a method made a response of its own that a browser keeps as a file, or that is sent piece by piece."""
	return response.direct_passthrough or "attachment" in response.headers.get("Content-Disposition", "")
