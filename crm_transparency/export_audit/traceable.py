"""Traceable exports: an export of contacts carries one more row, an invented contact that was made for it.

If that contact is ever written to, the export is known. The setting `traceable_exports` is off by default, and the row
comes from whoever provides it: the last function named in the hook `transparency_export_ringers`. It's called as

	provider(doctype="Contact", columns=["first_name", "email_id", …]) -> ({"first_name": "Ada", …}, "an opaque id")

with the names of the fields that the file will hold, and returns their values (those of tables, such as `email_ids`, as
lists of dicts) and the id by which it knows the invented contact; or None for no row. It runs in the transaction that
records the export: what it writes is kept if the export is recorded. If it fails, the export goes without the row.

Nothing says which row it is. The Export Log keeps a keyed hash of the id: whoever knows an id finds its export with
`exports.export_of_ringer`, and nobody gets from an entry to the row. Counts of rows and manifests tell of real records only.
"""

import re
import secrets
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

import frappe
from frappe import _
from frappe.database.database import savepoint
from werkzeug.wrappers import Response

from crm_transparency.crm_transparency import registry
from crm_transparency.crm_transparency.patching import given
from crm_transparency.export_audit import query_recorder, report_exports
from crm_transparency.export_audit.exports import trace_of
from crm_transparency.export_audit.query_recorder import QueryRecorder, RecordedQuery

CONTACT = "Contact"
HOOK = "transparency_export_ringers"
#: among fewer rows it couldn't hide
FEWEST_ROWS = 2

LIST = "frappe.desk.reportview.export_query"
LIST_JOB = "frappe.desk.reportview.run_report_view_export_job"
DATA_EXPORT = "frappe.core.doctype.data_export.exporter.export_data"
IMPORT_TEMPLATE = "frappe.core.doctype.data_import.data_import.download_template"
REPORT = "frappe.desk.query_report.export_query"
REPORT_JOB = "frappe.desk.query_report.run_export_query_job"
VCARDS = "frappe.contacts.doctype.contact.contact.download_vcards"
LISTS = (LIST, LIST_JOB, DATA_EXPORT, IMPORT_TEMPLATE)
REPORTS = (REPORT, REPORT_JOB)

# what the row has in common with the one before it, where the provider says nothing
STANDARD_FIELDS = ("owner", "modified_by", "creation", "modified", "docstatus", "idx")
ALIKE_FIELDTYPES = ("Link", "Select", "Check")
NEVER_ALIKE_LINKS = ("User", CONTACT)

Row = dict | list | tuple


class Ringer(NamedTuple):
	"""The invented contact in a file."""

	values: dict
	trace: str


class Order(NamedTuple):
	column: str
	is_descending: bool


def prepare(recorder: QueryRecorder) -> None:
	"""Have the ringer added to what is read, if the method or job that runs makes a file of contacts."""
	if recorder.command in LISTS:
		recorder.add_to_list = partial(add_to_list, recorder)
	if recorder.command in REPORTS:
		recorder.add_to_report = partial(add_to_report, recorder)


def put_in(recorder: QueryRecorder, ringer: "Ringer") -> None:
	recorder.ringer, recorder.trace = ringer, ringer.trace
	recorder.added_rows = 1


# Lists, and what the Data Export and Data Import tools read


def add_to_list(
	recorder: QueryRecorder, query: object, recorded: RecordedQuery, found: Sequence[Row], options: dict
) -> Sequence[Row]:
	"""Return the rows of a list query with the ringer among them, if they are about to become a file of contacts."""
	if len(found) == 0:
		return found
	if recorder.ringer and recorded.doctype != CONTACT:
		return add_to_table(recorder, recorded, found, options)
	if recorded.doctype != CONTACT or not may_carry(recorder, len(found)) or not recorded.asks_permission:
		return found
	if recorded.names is None or (recorder.command in (LIST, LIST_JOB)) != recorded.as_list:
		return found
	return safely(lambda: with_ringer(recorder, query, recorded, found, options), found)


def may_carry(recorder: QueryRecorder, row_count: int) -> bool:
	return row_count >= FEWEST_ROWS and recorder.ringer is None and is_on()


def is_on() -> bool:
	return bool(frappe.get_hooks(HOOK) and frappe.get_cached_doc(registry.SETTINGS).get("traceable_exports"))


def with_ringer(
	recorder: QueryRecorder, query: object, recorded: RecordedQuery, found: Sequence[Row], options: dict
) -> list[Row]:
	columns = columns_of(query, recorded, found)
	if columns is None:
		return list(found)
	ringer = make(columns)
	if ringer is None:
		return list(found)
	order = order_of(options.get("order_by"))
	position, row = placed(ringer.values, columns, found, order)
	put_in(recorder, ringer)
	return [*found[:position], row, *found[position:]]


def columns_of(query: object, recorded: RecordedQuery, found: Sequence[Row]) -> list[str] | None:
	"""Return the columns that the rows have in the end; None where that can't be told."""
	if isinstance(found[0], dict):
		return list(found[0])
	fields = getattr(query, "fields", None)
	named = [plain(field) for field in fields] if isinstance(fields, list) else recorded.columns
	return named if len(named) == len(found[0]) and not any("(" in name for name in named) else None


def plain(field: object) -> str:
	"""Return a column's name as providers know it: `first_name`, or `email_ids.email_id` for that of a table."""
	name = str(field).replace("`", "").split(" as ")[0].strip().removeprefix(f"tab{CONTACT}.")
	if name.startswith("tab") and "." in name:
		doctype, fieldname = name.removeprefix("tab").rsplit(".", 1)
		tables = {table.options: table.fieldname for table in frappe.get_meta(CONTACT).get_table_fields()}
		return f"{tables.get(doctype, doctype)}.{fieldname}"
	return name


def order_of(order_by: str | None) -> Order:
	"""Return by what a list is sorted in the first place."""
	meta = frappe.get_meta(CONTACT)
	first = (order_by or f"{meta.sort_field or 'modified'} {meta.sort_order or 'desc'}").split(",")[0].strip()
	match = re.fullmatch(r"(.+?)(?:\s+(asc|desc))?", first, re.IGNORECASE)
	return Order(plain(match[1]), (match[2] or "asc").lower() == "desc")


def placed(values: dict, columns: list[str], found: Sequence[Row], order: Order | None) -> tuple[int, Row]:
	"""Return where the ringer belongs among the rows, and its row: what the provider left out is as in the row before.

	Where the order doesn't tell, because the column isn't in the file or isn't the provider's, the place is left to chance.
	"""
	given = {column: value for column in columns if (value := value_of(values, column)) is not None}
	position = secrets.randbelow(len(found) + 1)
	if order and order.column in given:
		position = place_in_order(given[order.column], order, columns, found)
	before = found[max(0, position - 1)]
	cells = {column: given.get(column, alike(column, before, columns)) for column in columns}
	return position, as_row(cells, columns, before)


def place_in_order(value: object, order: Order, columns: list[str], found: Sequence[Row]) -> int:
	keys = [sort_key(cell(row, order.column, columns)) for row in found]
	if not order.is_descending:
		return bisect(keys, sort_key(value))
	return len(keys) - bisect(keys[::-1], sort_key(value))


def sort_key(value: object) -> tuple[bool, str]:
	return (value is not None, str(value).casefold())


def cell(row: Row, column: str, columns: list[str]) -> object:
	return row.get(column) if isinstance(row, dict) else row[columns.index(column)]


def value_of(values: dict, column: str) -> object:
	table, _dot, fieldname = column.rpartition(".")
	if not table:
		value = values.get(column)
		return None if isinstance(value, list) else value
	children = values.get(table) or []
	return children[0].get(fieldname) if children else None


def alike(column: str, row: Row, columns: list[str]) -> object:
	field = frappe.get_meta(CONTACT).get_field(column)
	is_alike = column in STANDARD_FIELDS or (
		field and field.fieldtype in ALIKE_FIELDTYPES and field.options not in NEVER_ALIKE_LINKS
	)
	return cell(row, column, columns) if is_alike else None


def as_row(cells: dict, columns: list[str], like: Row) -> Row:
	if isinstance(like, dict):
		return type(like)(cells)
	return type(like)(cells[column] for column in columns)


def add_to_table(
	recorder: QueryRecorder, recorded: RecordedQuery, found: Sequence[Row], options: dict
) -> Sequence[Row]:
	"""Add the ringer's email addresses and phone numbers to those that an import template reads for all contacts."""
	if recorder.command != IMPORT_TEMPLATE or not isinstance(found[0], dict):
		return found
	children = [
		type(found[0])(
			{
				**{column: child.get(column) for column in found[0]},
				"name": frappe.generate_hash(length=10),
				"idx": number,
				"parent": recorder.ringer.values["name"],
				"parentfield": table,
			}
		)
		for table, number, child in children_of(recorder.ringer.values)
		if frappe.get_meta(CONTACT).get_field(table).options == recorded.doctype
	]
	recorder.added_rows = max(recorder.added_rows, len(children))
	return [*found, *children]


def children_of(values: dict) -> Iterator[tuple[str, int, dict]]:
	for table in frappe.get_meta(CONTACT).get_table_fields():
		for number, child in enumerate(values.get(table.fieldname) or [], start=1):
			yield table.fieldname, number, child


def adding_data_rows(add_data_row: Callable) -> Callable:
	"""Return what replaces `DataExporter.add_data_row`.

	The Data Export tool reads a contact's tables row by row, past lists: the ringer's are added here.
	"""

	def added(exporter, /, *args, **kwargs):
		returned = add_data_row(exporter, *args, **kwargs)
		recorder = query_recorder.current()
		rows, doc = given(args, kwargs, 0, "rows"), given(args, kwargs, 3, "doc")
		if recorder and recorder.ringer and rows is not None and doc:
			is_ringer = doc.get("name") == recorder.ringer.values["name"]
			if is_ringer and not given(args, kwargs, 2, "parentfield") and exporter.all_doctypes:
				add_children(recorder, partial(add_data_row, exporter), rows)
		return returned

	return added


def add_children(recorder: QueryRecorder, add_data_row: Callable, rows: list) -> None:
	options = {table.fieldname: table.options for table in frappe.get_meta(CONTACT).get_table_fields()}
	for table, number, child in children_of(recorder.ringer.values):
		row = frappe._dict({"name": frappe.generate_hash(length=10), **child})
		add_data_row(rows, options[table], table, row, number - 1)
	recorder.added_rows = len(rows)


# Reports


def add_to_report(
	recorder: QueryRecorder, data: frappe._dict, visible: Sequence[int] | None
) -> Sequence[int]:
	"""Put the ringer into a report of contacts that is about to become a file; return which of its rows are visible."""
	columns = report_exports.as_columns(data.columns)
	real = [number for number, row in enumerate(data.result) if not report_exports.is_total(row)]
	if not any(is_link_to_contact(column) for column in columns):
		return visible
	if any(isinstance(row, dict) and row.get("indent") for row in data.result):
		return visible
	shown_rows = real if not visible or len(visible) == len(data.result) else sorted({*visible} & {*real})
	if not may_carry(recorder, len(shown_rows)):
		return visible
	return safely(lambda: with_ringer_in_report(recorder, data, visible, columns, shown_rows), visible)


def is_link_to_contact(column: dict) -> bool:
	return column.get("fieldtype") == "Link" and column.get("options") == CONTACT


def with_ringer_in_report(
	recorder: QueryRecorder,
	data: frappe._dict,
	visible: Sequence[int] | None,
	columns: list[dict],
	shown_rows: list[int],
) -> Sequence[int]:
	names = [column.get("fieldname") or column.get("label") for column in columns]
	ringer = make(names)
	if ringer is None:
		return visible
	before = secrets.choice(shown_rows)
	like = data.result[before]
	cells = {
		name: cell_of_report(ringer.values, name, column, like, names)
		for name, column in zip(names, columns, strict=True)
	}
	position = before + 1
	data.result = [*data.result[:position], as_row(cells, names, like), *data.result[position:]]
	put_in(recorder, ringer)
	if not visible or len(visible) == len(data.result) - 1:
		return list(range(len(data.result)))
	return [*(number + (number >= position) for number in visible), position]


def cell_of_report(values: dict, name: str, column: dict, like: Row, names: list[str]) -> object:
	if is_link_to_contact(column):
		return values["name"]
	value = value_of(values, name)
	is_alike = column.get("fieldtype") in ALIKE_FIELDTYPES and column.get("options") not in NEVER_ALIKE_LINKS
	return cell(like, name, names) if value is None and is_alike else value


# vCards


def add_to_vcards(recorder: QueryRecorder, response: Response) -> None:
	"""Put the ringer's vCard among those of a response, if it brings several."""
	if recorder.command != VCARDS:
		return
	text = response.get_data(as_text=True)
	cards = re.findall(r"BEGIN:VCARD.*?END:VCARD\r?\n", text, re.DOTALL)
	if "\n".join(cards) != text or not may_carry(recorder, len(cards)):
		return
	safely(lambda: with_ringers_card(recorder, response, cards), None)


def with_ringers_card(recorder: QueryRecorder, response: Response, cards: list[str]) -> None:
	ringer = make([field.fieldname for field in frappe.get_meta(CONTACT).fields])
	if ringer is None:
		return
	card = frappe.get_doc({**ringer.values, "doctype": CONTACT}).get_vcard().serialize()
	cards.insert(secrets.randbelow(len(cards) + 1), card)
	response.set_data("\n".join(cards))
	put_in(recorder, ringer)


# The provider


def make(columns: list[str]) -> Ringer | None:
	"""Have a ringer made for a file with these columns."""
	provider = frappe.get_attr(frappe.get_hooks(HOOK)[-1])
	provided = provider(doctype=CONTACT, columns=columns)
	if not provided:
		return None
	values, ringer_id = provided
	return Ringer(completed(values), trace_of(ringer_id))


def completed(values: dict) -> dict:
	"""Add what Frappe makes of the other fields of a contact: its name, and its tables of addresses and numbers."""
	values = dict(values)
	names = (values.get(field) for field in ("first_name", "middle_name", "last_name"))
	full_name = values.get("full_name") or " ".join(filter(None, names))
	values.setdefault("full_name", full_name)
	values.setdefault("name", full_name)
	if values.get("email_id"):
		values.setdefault("email_ids", [{"email_id": values["email_id"], "is_primary": 1}])
	numbers = [
		{"phone": values[field], flag: 1}
		for field, flag in (("phone", "is_primary_phone"), ("mobile_no", "is_primary_mobile_no"))
		if values.get(field)
	]
	if numbers:
		values.setdefault("phone_nos", numbers)
	return values


@contextmanager
def on_primary_database() -> Iterator[None]:
	"""Reports may be read from a replica, where nothing can be written."""
	database, primary = frappe.local.db, getattr(frappe.local, "primary_db", None)
	if primary is None or primary is database:
		yield
		return
	frappe.local.db = primary
	try:
		yield
	finally:
		frappe.local.db = database


def safely(add: Callable, otherwise: object) -> object:
	"""Return what `add` returns; if it fails, undo what it wrote, log it without anybody's data, and go on without."""
	failure, messages = None, len(frappe.local.message_log)
	with on_primary_database():
		with savepoint(catch=Exception):
			try:
				return add()
			except Exception as error:
				failure = type(error).__name__
				del frappe.local.message_log[messages:]
				raise
		frappe.log_error(
			_("CRM Transparency: an export went without its invented contact"),
			_("What should have created it failed with {0}.").format(failure),
		)
	return otherwise
