"""Reads: what a request returned without making a file of it. Many rows at once are an export; fewer are counted."""

from typing import NamedTuple

import frappe
from frappe.utils import cint
from werkzeug.wrappers import Response

from crm_transparency.export_audit import query_recorder, read_counts, report_exports
from crm_transparency.export_audit.audited import (
	DEFAULT_BULK_READ_ROWS,
	bulk_read_rows,
	holds_contact_data,
	is_audited,
)
from crm_transparency.export_audit.exports import API_READ, Export
from crm_transparency.export_audit.query_recorder import RecordedQuery

RUNS_A_REPORT = "frappe.desk.query_report.run"
GETS_VALUES = "frappe.client.get_value"
SEARCHES_LINKS = ("frappe.desk.search.search_link", "frappe.desk.search.search_widget")
SHOW_A_PRINT = ("frappe.www.printview.get_html_and_style", "frappe.www.printview.get_rendered_raw_commands")
LISTS_BY_PATH = ("/api/v2/document/", "/api/resource/", "/api/v1/resource/")
# where Frappe puts what it returns
RETURNED_IN = ("message", "data", "docs", "results", "values")
DEPTH = 4
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
	rows = rows_in(seen, command)
	if rows < bulk_read_rows():
		read_counts.add(frappe.session.user, ((read.doctype, read.rows, read.names or ()) for read in seen))
		return None
	return describe(seen, rows, response, command)


def rows_in(seen: list[Read], command: str | None) -> int:
	"""Return how many rows of tracked data were returned. A row of a report may name records of several DocTypes."""
	rows = sum(read.rows for read in seen)
	return min(rows, len(rows_of_report())) if command == RUNS_A_REPORT else rows


def may_hold_many_rows(response: Response) -> bool:
	"""Return whether a response is long enough to be an export. Asked when something went wrong, so it reads nothing."""
	if response.direct_passthrough:
		return True
	return len(response.get_data()) >= DEFAULT_BULK_READ_ROWS * SHORTEST_ROW_BYTES


def describe(seen: list[Read], rows: int, response: Response, command: str | None) -> Export:
	main = max(seen, key=lambda read: read.rows)
	form = frappe.form_dict
	return Export(
		API_READ,
		doctype=main.doctype,
		report=form.get("report_name") if command == RUNS_A_REPORT else None,
		file_format="JSON",
		content=response.get_data(),
		row_count=rows,
		columns=main.columns or [],
		filters=as_text(form.get("filters")),
		contact_data=any(holds_contact_data(read.doctype, read.columns) for read in seen),
		names=names_by_doctype(seen),
	)


def names_by_doctype(seen: list[Read]) -> dict[str, list[str | int]]:
	names: dict[str, list[str | int]] = {}
	for read in seen:
		names[read.doctype] = [*names.get(read.doctype, ()), *(read.names or ())]
	return names


def as_text(filters: object) -> str | None:
	return filters if isinstance(filters, str) or filters is None else frappe.as_json(filters, indent=None)


def reads_of(command: str | None) -> list[Read]:
	"""Return what the request returned of tracked data: a report's rows, rows of lists, and whole documents."""
	returned = [frappe.response.get(key) for key in RETURNED_IN]
	if command == RUNS_A_REPORT:
		return read_in_report()
	if command == GETS_VALUES and frappe.response.get("message"):
		return found_in_lists(1)
	if command in SEARCHES_LINKS:
		return found_links(returned)
	if command in SHOW_A_PRINT:
		return shown_print()
	return [*read_in_lists(returned), *documents_in(returned)]


def read_past_frappe(response: Response, command: str | None) -> list[Read]:
	"""Return what a method read that answers with a response of its own, if that is long enough to hold it."""
	if (
		not command
		or any(frappe.response.get(key) for key in RETURNED_IN)
		or not may_hold_many_rows(response)
	):
		return []
	queries = [query for query in query_recorder.current().queries if query.rows]
	return [read for query in queries for read in reads_in(query, query.rows)]


def rows_of_report() -> list:
	message = frappe.response.get("message")
	result = message.get("result") if isinstance(message, dict) else None
	return [row for row in result or () if not report_exports.is_total(row)]


def read_in_report() -> list[Read]:
	rows = rows_of_report()
	if not rows:
		return []
	columns = report_exports.as_columns(frappe.response["message"].get("columns") or [])
	doctype = frappe.get_cached_value("Report", frappe.form_dict.get("report_name"), "ref_doctype")
	names: dict[str, list[str]] = {}
	for kind, name in report_exports.records_in(columns, rows, doctype):
		names.setdefault(kind, []).append(name)
	labels = [column.get("fieldname") or "" for column in columns]
	return [Read(kind, min(len(rows), len(found)), found, labels) for kind, found in names.items()]


def found_links(returned: list) -> list[Read]:
	"""Return the records that a search for links found: apps answer it with queries of their own."""
	doctype = frappe.form_dict.get("doctype")
	if not is_audited(doctype):
		return []
	rows = max((value for value in returned if isinstance(value, list)), key=len, default=[])
	names = [str(row.get("value") if isinstance(row, dict) else row[0]) for row in rows if row]
	return [Read(doctype, len(names), names)] if names else []


def shown_print() -> list[Read]:
	"""Return the document whose print the Desk shows, or sends to a printer that takes commands."""
	doctype, name = frappe.form_dict.get("doc"), frappe.form_dict.get("name")
	if str(doctype).startswith("{"):
		document = frappe.parse_json(doctype)
		doctype, name = document.get("doctype"), document.get("name")
	return [Read(doctype, 1, [str(name)])] if name and is_audited(doctype) else []


def read_in_lists(returned: list) -> list[Read]:
	longest = max(map(longest_list, returned)) or rows_in_text(returned)
	if not longest:
		return []
	return found_in_lists(longest) or read_by_path(returned)


def rows_in_text(returned: list) -> int:
	"""Return how many rows may be in text that was returned, such as a table that a method made; none in a short one."""
	rows = max(len(value) // SHORTEST_ROW_BYTES if isinstance(value, str) else 0 for value in returned)
	return rows if rows >= DEFAULT_BULK_READ_ROWS else 0


def found_in_lists(most: int) -> list[Read]:
	"""Return the list queries behind what was returned, which has no list longer than `most`.

	They are the latest of each DocType: with those before them, as long as these together have fewer rows.
	"""
	asked_for = frappe.form_dict.get("doctype") or doctype_in(frappe.request.path)
	found: list[Read] = []
	rows: dict[str, int] = {}
	for query in reversed(query_recorder.current().queries):
		left = most - rows.get(query.doctype, 0)
		if query.rows and left > 0 and (query.doctype == asked_for or not query.is_of_children):
			found += reads_in(query, left)
			rows[query.doctype] = rows.get(query.doctype, 0) + query.rows
	return found


def reads_in(query: RecordedQuery, most: int) -> list[Read]:
	"""Return what was read by a list query that returned `most` of its rows, or all of them if they are fewer."""
	rows = min(query.rows, most)
	every_record = rows >= bulk_read_rows() or query.gathers_records
	if not query.is_of_children:
		names = query.record_names(None if every_record else rows)
		rows = max(rows, len(names)) if query.gathers_records else rows
		return [Read(query.doctype, rows, names, query.columns)]
	names_by_doctype: dict[str, list[str]] = {}
	for doctype, name in query.records(None if every_record else rows):
		names_by_doctype.setdefault(doctype, []).append(name)
	return [Read(doctype, len(found), found, query.columns) for doctype, found in names_by_doctype.items()]


def longest_list(value: object, depth: int = DEPTH) -> int:
	if isinstance(value, list | tuple):
		return len(value)
	if isinstance(value, dict) and depth:
		return max((longest_list(each, depth - 1) for each in value.values()), default=0)
	return 0


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


def documents_in(returned: list) -> list[Read]:
	"""Return the whole documents among what was returned."""
	names: dict[str, list[str]] = {}
	rows_of_lists = [query.returned for query in query_recorder.current().queries]
	for value in returned:
		if value is None or any(value is rows for rows in rows_of_lists):
			continue
		several = value if isinstance(value, list | tuple) else [value]
		for document in filter(is_document, several):
			doctype, name = document.get("doctype"), document.get("name")
			if name and is_audited(doctype):
				names.setdefault(doctype, []).append(str(name))
	return [Read(doctype, len(found), found) for doctype, found in names.items()]


def is_document(value: object) -> bool:
	"""Return whether a value is a document, or one as Frappe hands it on."""
	return (
		"doctype" in value if isinstance(value, dict) else hasattr(value, "doctype") and hasattr(value, "get")
	)
