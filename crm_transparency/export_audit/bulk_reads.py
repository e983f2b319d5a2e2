"""Reads: what a request returned without making a file of it. Many rows at once are an export; fewer are counted."""

from collections.abc import Sequence
from typing import NamedTuple

import frappe
from frappe.utils import cint
from werkzeug.wrappers import Response

from crm_transparency.crm_transparency.database import by_doctype
from crm_transparency.export_audit import answer_values, query_recorder, read_counts, report_exports
from crm_transparency.export_audit.answer_values import AnswerValues
from crm_transparency.export_audit.audited import (
	DEFAULT_BULK_READ_ROWS,
	bulk_read_rows,
	holds_contact_data,
	is_audited,
)
from crm_transparency.export_audit.exports import API_READ, Export
from crm_transparency.export_audit.query_recorder import QueryRecorder, RecordedQuery

RUNS_A_REPORT = "frappe.desk.query_report.run"
GETS_VALUES = "frappe.client.get_value"
SHOW_A_PRINT = ("frappe.www.printview.get_html_and_style", "frappe.www.printview.get_rendered_raw_commands")
LISTS_BY_PATH = ("/api/v2/document/", "/api/resource/", "/api/v1/resource/")
#: of a response: what is around a document in its form, and what controls how it is answered
NOT_DATA = ("docinfo", "type", "filename", "doctype", "exc", "_server_messages", "_debug_messages")
# `{"n":"x"},`
SHORTEST_ROW_BYTES = 10


class Read(NamedTuple):
	"""Rows of one DocType that a request returned; `names` is None where the rows don't tell."""

	doctype: str
	rows: int
	names: list[str | int] | None
	columns: list[str] | None = None


def exported(response: Response, command: str | None) -> Export | None:
	"""Return the export that a response is, if it returns enough rows of tracked data; count them if it doesn't."""
	seen = reads_of(command) or read_past_frappe(response, command)
	if not seen:
		return None
	counted = merged(seen)
	rows = sum(read.rows for read in counted)
	if command == RUNS_A_REPORT:
		# one row may name records of several DocTypes
		rows = min(rows, len(rows_of_report()))
	if rows < bulk_read_rows():
		read_counts.add(frappe.session.user, ((read.doctype, read.rows, read.names) for read in counted))
		return None
	return describe(seen, counted, rows, response, command)


def may_be_an_export(response: Response, recorder: QueryRecorder) -> bool:
	"""Return whether enough was read, and the answer is long enough. Asked when something went wrong, so it reads nothing."""
	noted = sum(query.rows for query in (*recorder.queries, *recorder.statements))
	if recorder.command != RUNS_A_REPORT and noted < bulk_read_rows():
		return False
	return is_long(response)


def is_long(response: Response) -> bool:
	return (
		response.direct_passthrough or len(response.get_data()) >= DEFAULT_BULK_READ_ROWS * SHORTEST_ROW_BYTES
	)


def describe(
	seen: list[Read], counted: list[Read], rows: int, response: Response, command: str | None
) -> Export:
	main = max(counted, key=lambda read: read.rows).doctype
	form = frappe.form_dict
	return Export(
		API_READ,
		doctype=main,
		report=form.get("report_name") if command == RUNS_A_REPORT else None,
		file_format="JSON",
		content=response.get_data(),
		row_count=rows,
		columns=next(read.columns or [] for read in seen if read.doctype == main),
		filters=as_text(form.get("filters")),
		contact_data=any(holds_contact_data(read.doctype, read.columns) for read in seen),
		names={read.doctype: read.names for read in counted},
	)


def merged(seen: list[Read]) -> list[Read]:
	"""Return one read for each DocType: a record that several queries read left once."""
	found: dict[str, Read] = {}
	for read in seen:
		before = found.get(read.doctype, Read(read.doctype, 0, []))
		names = list(dict.fromkeys((*before.names, *(read.names or ()))))
		if read.names is None or not before.rows:
			rows = before.rows + read.rows
		else:
			rows = max(before.rows, read.rows, len(names))
		found[read.doctype] = Read(read.doctype, rows, names)
	return list(found.values())


def as_text(filters: object) -> str | None:
	return filters if isinstance(filters, str) or filters is None else frappe.as_json(filters, indent=None)


def reads_of(command: str | None) -> list[Read]:
	"""Return what the request returned of tracked data: a report's rows, rows of lists, and whole documents."""
	returned = what_is_returned()
	if command == RUNS_A_REPORT:
		return read_in_report()
	if command in SHOW_A_PRINT:
		return shown_print()
	recorder = query_recorder.current()
	queries = recorder.telling()
	if command == GETS_VALUES and frappe.response.get("message"):
		return leaving(queries[-1:], None)
	answer = AnswerValues(returned, [*queries, *recorder.statements])
	in_lists = leaving(queries, answer) or read_by_path(returned)
	return [*in_lists, *leaving(recorder.statements, answer), *documents_in(answer)]


def leaving(queries: list[RecordedQuery], answer: AnswerValues | None) -> list[Read]:
	"""Return what queries read that is in an answer; all of it where there is no answer that tells."""
	return [
		read
		for query in queries
		for read in read_in(query, answer.positions(query) if answer else range(query.rows))
	]


def read_among(returned: list | None) -> list[Read]:
	"""Return what was read and is among what leaves; all that list queries read where None says that nobody knows."""
	recorder = query_recorder.current()
	queries = recorder.telling() if recorder else []
	if recorder is None or returned is None:
		return leaving(queries, None)
	queries = [*queries, *recorder.statements]
	return leaving(queries, AnswerValues(returned, queries))


def fields_of(read: list[Read]) -> dict:
	"""Return what an `Export` says about what was read."""
	return {
		"row_count": sum(each.rows for each in read),
		"contact_data": any(holds_contact_data(each.doctype, each.columns) for each in read),
		"names": {each.doctype: each.names for each in merged(read)},
	}


def what_is_returned() -> list:
	"""Return what Frappe makes the answer of, under whichever keys methods put it there."""
	return [value for key, value in frappe.response.items() if value and key not in NOT_DATA]


def read_past_frappe(response: Response, command: str | None) -> list[Read]:
	"""Return what left in the response that a method made itself: whatever was read, if that response can't be read."""
	if not command or what_is_returned() or not is_long(response):
		return []
	return read_among(answer_values.returned_in(response))


def read_in(query: RecordedQuery, positions: Sequence[int]) -> list[Read]:
	"""Return what was read by those rows of a list query that left, told by their numbers."""
	rows = len(positions)
	if not rows or (query.points and rows < bulk_read_rows()):
		# people look at the history of their accounts all day
		return []
	is_part = rows < query.rows and not query.is_grouped
	every_record = rows >= bulk_read_rows() or query.gathers_records or is_part
	if not (query.is_of_children or query.points):
		names = query.record_names(None if every_record else rows)
		rows = max(rows, len(names)) if query.gathers_records else rows
		names = [name for name in chosen(names, positions, query) if name is not None]
		rows = len(names) if query.has_sums else rows
		return [] if not rows else [Read(query.doctype, rows, names, query.columns or None)]
	records = chosen(query.records(None if every_record else rows), positions, query)
	return [Read(doctype, len(names), names, query.columns) for doctype, names in by_doctype(records).items()]


def chosen(records: list, positions: Sequence[int], query: RecordedQuery) -> list:
	"""Return which of the records behind a query's rows left with some of these; all where the rows don't tell."""
	if len(positions) == query.rows or len(records) != query.rows:
		return records if len(positions) == query.rows or query.is_grouped else records[: len(positions)]
	return [records[position] for position in positions]


def rows_of_report() -> list:
	message = frappe.response.get("message")
	result = message.get("result") if isinstance(message, dict) else None
	return [row for row in result or () if not report_exports.is_total(row)]


def read_in_report() -> list[Read]:
	rows = rows_of_report()
	if not rows:
		return []
	columns = report_exports.as_columns(frappe.response["message"].get("columns") or [])
	doctype = report_exports.doctype_of(frappe.form_dict.get("report_name"))
	is_export = len(rows) >= bulk_read_rows()
	names = by_doctype(report_exports.records_in(columns, rows, doctype, look_up=is_export))
	labels = [column.get("fieldname") or "" for column in columns]
	reads = [Read(kind, min(len(rows), len(found)), found, labels) for kind, found in names.items()]
	if is_audited(doctype) and (is_export or not names):
		# its rows left, whether or not they name their records
		reads.append(Read(doctype, len(rows), [], labels))
	return reads


def shown_print() -> list[Read]:
	"""Return the document whose print the Desk shows, or sends to a printer that takes commands."""
	doctype, name = frappe.form_dict.get("doc"), frappe.form_dict.get("name")
	if str(doctype).startswith("{"):
		document = frappe.parse_json(doctype)
		doctype, name = document.get("doctype"), document.get("name")
	return [Read(doctype, 1, [str(name)])] if name and is_audited(doctype) else []


def read_by_path(returned: list) -> list[Read]:
	"""Return what a list of the REST API returned past the query recorder: v16's second version."""
	doctype = doctype_in(frappe.request.path)
	rows = next((value for value in returned if isinstance(value, list) and value), None)
	if not rows or not is_audited(doctype):
		return []
	if isinstance(rows[0], dict):
		names = [str(row["name"]) for row in rows] if "name" in rows[0] else names_again(doctype, len(rows))
		return [Read(doctype, len(rows), names, list(rows[0]))]
	return [Read(doctype, len(rows), names_again(doctype, len(rows)))]


def doctype_in(path: str) -> str | None:
	for beginning in LISTS_BY_PATH:
		if path.startswith(beginning):
			return path.removeprefix(beginning).strip("/")
	return None


def names_again(doctype: str, rows: int) -> list[str] | None:
	"""Return the names behind rows that don't tell them, if it's so many that they are needed."""
	if rows < bulk_read_rows():
		return None
	form = frappe.form_dict
	return frappe.get_list(
		doctype,
		filters=frappe.parse_json(form.get("filters") or "[]"),
		order_by=form.get("order_by"),
		limit_start=cint(form.get("start")),
		limit_page_length=rows,
		pluck="name",
	)


def documents_in(answer: AnswerValues) -> list[Read]:
	"""Return the whole documents in an answer."""
	records = ((document.get("doctype"), document.get("name")) for document in answer.documents)
	names = by_doctype((doctype, str(name)) for doctype, name in records if name and is_audited(doctype))
	return [Read(doctype, len(found), found) for doctype, found in names.items()]
