"""Reports: exported as a file, prepared in the background and downloaded later, or mailed at set times.

Frappe makes a scheduled report's content in one job and, from v16 on, queues the mails in others. So that export is recorded
when the content is made to be sent; what can't be recorded isn't sent.
"""

import gzip
import json
import re
from collections.abc import Callable, Iterable

import frappe
from frappe.model.document import Document
from frappe.model.meta import Meta
from werkzeug.wrappers import Response

from crm_transparency.crm_transparency import stored_files
from crm_transparency.crm_transparency.database import batches
from crm_transparency.export_audit import exports, query_recorder, response_files
from crm_transparency.export_audit.answer_values import TELLING_FIELDTYPES
from crm_transparency.export_audit.audited import existing, is_audited, is_contact_column
from crm_transparency.export_audit.exports import REPORT_EXPORT, SCHEDULED_REPORT, Export
from crm_transparency.export_audit.query_recorder import RecordedReport
from crm_transparency.export_audit.response_files import ResponseFile

GZIP = b"\x1f\x8b"
PREPARED_REPORT = "Prepared Report"
#: in a query report's SQL
TABLE = re.compile(r"`tab([^`]+)`|\btab(\w+)")
LINK, DYNAMIC_LINK = "Link", "Dynamic Link"
IS_BEING_SENT = "crm_transparency_is_being_sent"


def exported(response: Response) -> Export | None:
	if frappe.response.get("type") not in ("binary", "download", "csv"):
		return None  # it had no columns, so there is a page that says so
	form = frappe.form_dict
	return describe(form.report_name, form.get("filters"), response_files.of_response(response))


def describe(
	report: str,
	filters: object,
	file: ResponseFile,
	channel: str = REPORT_EXPORT,
	recorded: RecordedReport | None = None,
) -> Export:
	"""Describe a report's file from what was read for it meanwhile."""
	recorded = recorded or query_recorder.current().reports[-1]
	columns = as_columns(recorded.columns)
	shown = [column for column in columns if not column.get("hidden")]
	rows = [row for row in recorded.rows if not is_total(row)]
	doctype = doctype_of(report)
	records = records_in(columns, rows, doctype, look_up=True)
	return Export(
		channel,
		doctype=doctype,
		report=report,
		**file.fields(),
		row_count=len(rows),
		columns=[column.get("label") or column.get("fieldname") or "" for column in shown],
		filters=filters if isinstance(filters, str) else frappe.as_json(filters or {}, indent=None),
		contact_data=any(
			is_contact_column(column.get("fieldname") or column.get("label") or "", column)
			for column in shown
		),
		records=records,
	)


def as_columns(columns: Iterable) -> list[dict]:
	"""Return a report's columns as dicts; reports may write them as text such as `Customer:Link/Customer:120`."""
	return [column if isinstance(column, dict) else column_of(column) for column in columns]


def column_of(text: str) -> dict:
	label, _separator, rest = str(text).partition(":")
	fieldtype, _separator, options = rest.partition(":")[0].partition("/")
	return {"label": label, "fieldname": frappe.scrub(label), "fieldtype": fieldtype, "options": options}


def is_total(row: object) -> bool:
	if isinstance(row, dict):
		return bool(row.get("is_total_row")) or not any(row.values())
	return bool(row) and row[0] == frappe._("Total")


def doctype_of(report: str) -> str | None:
	"""Return the DocType that a report is about: its own, or the tracked one that its query reads."""
	doctype, query = frappe.get_cached_value("Report", report, ["ref_doctype", "query"]) or (None, None)
	read = [quoted or plain for quoted, plain in TABLE.findall(query or "")]
	return next((each for each in (doctype, *read) if is_audited(each)), doctype)


def records_in(
	columns: list[dict], rows: list, doctype: str | None, look_up: bool = False
) -> list[tuple[str, str]]:
	"""Return the tracked records that a report's rows name: in links, or, for those of its own DocType, as `name`.

	With `look_up`, where none of the latter is named, by values that belong to one record only.
	"""
	records = []
	for position, column in enumerate(columns):
		options = column.get("options")
		if column.get("fieldtype") == LINK and is_audited(options):
			records += [(options, name) for name in values(rows, position, column) if name]
		elif column.get("fieldtype") == DYNAMIC_LINK:
			kinds = values(rows, *place_of(options, columns))
			records += [
				(kind, name)
				for kind, name in zip(kinds, values(rows, position, column), strict=True)
				if name and is_audited(kind)
			]
		elif column.get("fieldname") == "name" and is_audited(doctype):
			records += [(doctype, name) for name in existing(doctype, values(rows, position, column))]
	if look_up and is_audited(doctype) and not any(kind == doctype for kind, _name in records):
		records += [(doctype, name) for name in looked_up(doctype, columns, rows)]
	records += [named for row in rows if (named := named_in(row))]
	return [(kind, str(name)) for kind, name in records]


def looked_up(doctype: str, columns: list[dict], rows: list) -> set[str]:
	"""Return the records to which alone a value in the rows belongs, such as a phone number or the title."""
	meta, found = frappe.get_meta(doctype), set()
	for position, column in enumerate(columns):
		field = field_behind(column, meta)
		if not field or field.fieldtype not in TELLING_FIELDTYPES:
			continue
		wanted = sorted({cell for cell in values(rows, position, column) if cell and isinstance(cell, str)})
		owners: dict[str, list[str]] = {}
		for some in batches(wanted):
			filters = {field.fieldname: ("in", some)}
			for name, value in frappe.db.get_values(doctype, filters, ["name", field.fieldname]):
				owners.setdefault(value, []).append(name)
		found |= {names[0] for names in owners.values() if len(names) == 1}
	return found


def field_behind(column: dict, meta: Meta) -> object | None:
	"""Return the field that a column shows, by its name or its label; `name` without records is taken for the title."""
	called = {column.get("fieldname"), column.get("label")} - {None, ""}
	if column.get("fieldname") == "name":
		called.add(meta.title_field)
	return next((field for field in meta.fields if called & {field.fieldname, field.label}), None)


def named_in(row: object) -> tuple[str, str] | None:
	"""Return the record that a row names without showing it in a column, as Frappe's own fields for it are called."""
	if not isinstance(row, dict):
		return None
	kind, name = row.get("reference_doctype"), row.get("reference_name")
	return (kind, name) if name and is_audited(kind) else None


def place_of(fieldname: str | None, columns: list[dict]) -> tuple[int | None, dict]:
	for position, column in enumerate(columns):
		if column.get("fieldname") == fieldname:
			return position, column
	return None, {"fieldname": fieldname}


def values(rows: list, position: int | None, column: dict) -> list:
	return [value(row, position, column) for row in rows]


def value(row: object, position: int | None, column: dict) -> object:
	if isinstance(row, dict):
		return row.get(column.get("fieldname"), row.get(column.get("label")))
	return row[position] if position is not None and position < len(row) else None


def prepared(response: Response) -> Export | None:
	"""A report that was prepared in the background, downloaded as JSON."""
	return of_prepared_report(frappe.form_dict.dn, response_files.of_response(response))


def of_prepared_report(name: str, file: ResponseFile) -> Export:
	"""Describe a file with what was prepared, in whichever format, by the data that Frappe keeps of it."""
	prepared_report = frappe.get_doc(PREPARED_REPORT, name)
	report = prepared_data(name)
	recorded = RecordedReport(report.get("columns") or [], report.get("result") or [])
	return describe(prepared_report.report_name, prepared_report.filters, file, recorded=recorded)


def prepared_data(name: str) -> dict:
	"""Return what was prepared: of the files at a prepared report, the one with its data."""
	attached_to = {"attached_to_doctype": PREPARED_REPORT, "attached_to_name": name}
	for file in frappe.get_all("File", filters=attached_to, order_by="creation", pluck="name"):
		content = stored_files.contents(frappe.get_doc("File", file))
		if content.startswith(GZIP):
			return json.loads(gzip.decompress(content))
	return {}


# Reports that are mailed at set times


def recording_sent_reports(send: Callable) -> Callable:
	"""Return what replaces `AutoEmailReport.send` on Frappe v15."""

	def recorded(report, /, *args, **kwargs):
		return while_sending(report, lambda: send(report, *args, **kwargs))

	return recorded


def recording_report_content(get_report_content: Callable) -> Callable:
	"""Return what replaces `AutoEmailReport.get_report_content` on Frappe v15."""

	def recorded(report, /, *args, **kwargs):
		return record_content(report, get_report_content(report, *args, **kwargs))

	return recorded


class AutoEmailReportExtension:
	"""Extends Auto Email Report on Frappe v16."""

	def send(self, *args, **kwargs):
		return while_sending(self, lambda: super(AutoEmailReportExtension, self).send(*args, **kwargs))

	def get_report_content(self, *args, **kwargs):
		return record_content(self, super().get_report_content(*args, **kwargs))


def while_sending(report: Document, send: Callable) -> object:
	report.flags[IS_BEING_SENT] = True
	try:
		return send()
	finally:
		report.flags.pop(IS_BEING_SENT, None)


def record_content(report: Document, data: str | bytes | None) -> str | bytes | None:
	"""Record a report's content if it is made to be sent, and return it."""
	if data and report.flags.get(IS_BEING_SENT):
		name = report.get_file_name()
		file = ResponseFile(name, response_files.format_of(name), stored_files.as_bytes(data))
		with exports.recorded_or_refused():
			export = describe(report.report, report.filters, file, SCHEDULED_REPORT)
			export.user = report.user
			export.recipients = "\n".join(report.email_to.split())
			exports.record(export)
	return data


def downloaded(response: Response) -> Export | None:
	"""The same report, downloaded by hand, which is an export by whoever does it."""
	if frappe.response.get("type") != "download":
		return None  # there was no data, and a message says so
	report = frappe.get_doc("Auto Email Report", frappe.form_dict.name)
	return describe(report.report, report.filters, response_files.of_response(response))
