"""The query recorder notes what a request or job reads: the only way to know exactly what a file holds.

Frappe has no hook between a query and what becomes of its rows, and asking again afterwards could find other rows than those
that left. So the functions that every list and report passes are replaced (see `frappe_patches`): names and numbers are
noted, and the rows stay as they are (`traceable` may add one, which isn't noted). Whatever overrides endpoints, whichever
app comes first, calls these functions.
"""

import re
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import NamedTuple

import frappe
from frappe.utils import cint

from crm_transparency.crm_transparency.patching import given
from crm_transparency.export_audit.audited import (
	PARENT,
	POINTER,
	child_tables,
	existing,
	is_audited,
	pointing_doctypes,
	watched_doctypes,
	what_is_audited,
)

LOCAL = "crm_transparency_query_recorder"
EVERYTHING = "*"
#: of `execute`, in v15 and v16
FIRST_PARAMETERS = ("fields", "filters", "or_filters")
START = ("limit_start", "start", "offset")
LIMITS = (*START, "limit", "limit_page_length", "page_length")
#: what may be called `name` among the values of a row without being the record's: `customer_name as name`, a joined
#: table's `name`, or all of its fields
CALLED_NAME = re.compile(r"""(?:[\s.'"]name['"]?|.\*)$""", re.IGNORECASE)
#: functions that put values of many records into one row (MariaDB, SQLite, Postgres)
GATHERING = re.compile(
	r"\b(?:group_concat|json_(?:array|object)agg|json_group_(?:array|object)|(?:array|string|json|jsonb|xml)_?agg)\s*\(",
	re.IGNORECASE,
)
#: where the rows of a statement are sums over many records, such as a chart's; within brackets it's a part of it only
SUMS = re.compile(r"\bgroup\s+by\b(?:[^()]|\([^()]*\))*$", re.IGNORECASE)


class RecordedQuery:
	"""One list query of tracked data."""

	def __init__(self, doctype: str, columns: list[str], asked: dict):
		self.doctype = doctype
		self.columns = columns
		self.as_list = bool(asked.get("as_list"))
		self.asks_permission = not asked.get("ignore_permissions")
		self.plucked: str | None = asked.get("pluck")
		self.is_grouped = is_grouped(asked)
		#: whether only those rows are records' that tell their names
		self.has_sums = False
		self.rows = 0
		#: one for each row, as the database has it; None where the rows don't tell, because they are grouped
		self.names: list[str | int] | None = None
		#: the list itself, as who asked for it gets it
		self.returned: object = None
		self.ask_again: Callable[..., list] = lambda most=None, **change: []

	@property
	def is_of_children(self) -> bool:
		return self.doctype in child_tables()

	@property
	def points(self) -> bool:
		"""Return whether the rows are the app's own records, which name documents."""
		return self.doctype in pointing_doctypes()

	@property
	def tells(self) -> bool:
		"""Return whether the rows tell about audited documents."""
		return is_audited(self.doctype) or self.is_of_children or self.points

	@property
	def gathers_records(self) -> bool:
		"""Return whether one row may hold the values of many records."""
		return any(GATHERING.search(column) for column in self.columns)

	def records(self, most: int | None = None) -> list[tuple[str, str]]:
		"""Return the records, as (DocType, name): for rows that name documents, or belong to some, these.

		What `most` means, see `record_names`.
		"""
		if not (self.is_of_children or self.points):
			return [(self.doctype, str(name)) for name in self.record_names(most)]
		fields = list(POINTER if self.points else PARENT)
		named = self.ask_again(most, fields=fields, pluck=None, as_list=True)
		return [(doctype, name) for doctype, name in named if is_audited(doctype)]

	def record_names(self, most: int | None = None) -> list[str | int]:
		"""Return the names of the records; where the rows don't tell them, they are asked for now.

		With `most`, rows that are made of many records each stand for no more than that: a chart of ten months doesn't
		show all customers to who looks at it.
		"""
		if self.names is None and most is not None:
			return list(self.ask_again(most))
		if self.names is None:
			self.names = list(self.ask_again())
		return self.names


class RecordedStatement(RecordedQuery):
	"""Rows of tracked data that were read past lists, by SQL."""

	def __init__(self, doctype: str, rows: Sequence, sql: str):
		super().__init__(doctype, [], {"ignore_permissions": True})
		self.rows, self.returned = len(rows), rows
		self.has_sums = bool(SUMS.search(sql))

	def record_names(self, most: int | None = None) -> list[str | None]:
		"""Return a name for each row, by what SQL calls so or puts first; if all are wanted, None where it's none."""
		names = [first_of(row) for row in self.returned]
		if most is not None and not self.has_sums:
			return names
		there = set(existing(self.doctype, names))
		return [name if name in there else None for name in names]


def first_of(row: object) -> str | None:
	if isinstance(row, dict):
		row = row.get("name", next(iter(row.values()), None))
	elif isinstance(row, list | tuple):
		row = row[0]
	return None if row is None else str(row)


class RecordedReport(NamedTuple):
	"""The columns and the rows of a report, those left out that its reader had filtered away."""

	columns: list
	rows: list


class QueryRecorder:
	"""What the running request or job reads, and what is known about it.

	`command` is the method or job that runs, `purpose` what the person said it is for. `doctypes` are those whose queries
	are recorded, None for all.
	"""

	def __init__(self, doctypes: frozenset[str] | None, command: str | None, purpose: str | None):
		self.doctypes = doctypes
		self.command = command
		self.purpose = purpose
		self.queries: list[RecordedQuery] = []
		self.statements: list[RecordedStatement] = []
		self.table = re.compile(what_is_audited()["in_sql"])
		self.is_in_list = False
		self.reports: list[RecordedReport] = []
		#: what is put into the file besides what was read, see `traceable`
		self.add_to_list: Callable | None = None
		self.add_to_report: Callable | None = None
		self.ringer: object | None = None
		self.trace: str | None = None
		self.added_rows = 0
		#: whether a response is still to be recorded
		self.awaits_response = False

	def records_doctype(self, doctype: str) -> bool:
		return self.doctypes is None or doctype in self.doctypes

	def note_statement(self, sql: str, rows: Sequence) -> None:
		if table := self.table.search(sql):
			self.statements.append(RecordedStatement(table[1], rows, sql))

	def latest(self, doctype: str | None, as_list: bool | None = None) -> RecordedQuery | None:
		"""Return the latest query that a person's own permissions narrowed, or the latest one if none was."""
		queries = [
			query
			for query in self.queries
			if query.doctype == doctype and (as_list is None or query.as_list == as_list)
		]
		own = [query for query in queries if query.asks_permission]
		return (own or queries or [None])[-1]

	def telling(self) -> list[RecordedQuery]:
		"""Return the list queries that found something about tracked data."""
		return [query for query in self.queries if query.rows and query.tells]


def start(
	command: str | None = None, purpose: str | None = None, every_doctype: bool = False
) -> QueryRecorder:
	"""Record from now on what the running request or job reads: tracked data, or everything for what makes a file."""
	# asked for once, since reading the settings runs queries, too
	recorder = QueryRecorder(None if every_doctype else watched_doctypes(), command, purpose)
	setattr(frappe.local, LOCAL, recorder)
	return recorder


def current() -> QueryRecorder | None:
	return getattr(frappe.local, LOCAL, None)


def recording_lists(execute: Callable) -> Callable:
	"""Return what replaces `DatabaseQuery.execute`, through which every list passes."""

	def recorded(query, /, *args, **kwargs):
		recorder = current()
		if recorder is None or not recorder.records_doctype(query.doctype):
			return execute(query, *args, **kwargs)
		return read_list(recorder, execute, query, args, kwargs)

	return recorded


def recording_statements(sql: Callable) -> Callable:
	"""Return what replaces `Database.sql`. A single row is what code looks up for itself, and is left out."""

	def recorded(database, /, *args, **kwargs):
		rows = sql(database, *args, **kwargs)
		recorder = current()
		if recorder and recorder.awaits_response and not recorder.is_in_list:
			if isinstance(rows, list | tuple) and len(rows) > 1:
				recorder.note_statement(str(given(args, kwargs, 0, "query")), rows)
		return rows

	return recorded


def recording_report_files(build_xlsx_data: Callable) -> Callable:
	"""Return what replaces `build_xlsx_data`, which gets the columns and rows of a report that becomes a file.

	Frappe v15 hands over which rows are visible; newer versions take the others out before.
	"""

	def recorded(*args, **kwargs):
		recorder = current()
		data = next((each for each in (*args, *kwargs.values()) if is_report(each)), None)
		if recorder is None or data is None:
			return build_xlsx_data(*args, **kwargs)
		visible = given(args, kwargs, 1, "visible_idx")
		recorder.reports.append(RecordedReport(list(data.columns), visible_rows(data.result, visible)))
		if recorder.add_to_report:
			visible = recorder.add_to_report(data, visible)
			if len(args) > 1:
				args = (args[0], visible, *args[2:])
			elif "visible_idx" in kwargs:
				kwargs["visible_idx"] = visible
		return build_xlsx_data(*args, **kwargs)

	return recorded


def is_report(value: object) -> bool:
	return isinstance(value, frappe._dict) and "columns" in value and "result" in value


def recording_report_data(get_data: Callable) -> Callable:
	"""Return what replaces `Report.get_data` on Frappe v15."""

	def recorded(report, /, *args, **kwargs):
		return record_report_data(get_data(report, *args, **kwargs))

	return recorded


class ReportExtension:
	"""Extends Report on Frappe v16."""

	def get_data(self, *args, **kwargs):
		return record_report_data(super().get_data(*args, **kwargs))


def record_report_data(data: tuple) -> tuple:
	"""Record a report's columns and rows, and return them."""
	if recorder := current():
		columns, rows = data[:2]
		recorder.reports.append(RecordedReport(list(columns), list(rows)))
	return data


def visible_rows(rows: Sequence, visible: Sequence[int] | None) -> list:
	"""Return the rows that get into a report's file. Frappe: no choice, or one of all rows, means all."""
	if not visible or len(visible) == len(rows):
		return list(rows)
	chosen = set(visible)
	return [row for index, row in enumerate(rows) if index in chosen]


def read_list(recorder: QueryRecorder, execute: Callable, query: object, args: tuple, kwargs: dict) -> object:
	asked = what_is_asked(args, kwargs)
	if asked.get("run") in (0, False):
		return execute(query, *args, **kwargs)
	fields = asked.get("fields")
	recorded = RecordedQuery(query.doctype, columns_of(fields, query.doctype), asked)
	added = name_to_add(recorded, fields, asked)
	if added:
		fields = [*fields, added]
		args, kwargs = (fields, *args[1:]) if args else args, kwargs if args else {**kwargs, "fields": fields}
	recorder.is_in_list, outer = True, recorder.is_in_list
	try:
		rows = execute(query, *args, **kwargs)
	finally:
		recorder.is_in_list = outer
	note(recorded, rows, bool(added))
	recorded.ask_again = lambda most=None, **change: execute(
		type(query)(query.doctype), **{**for_names(recorded, asked, most), **change}
	)
	recorder.queries.append(recorded)
	rows = without_name(query, rows, recorded.as_list, added) if added else rows
	if recorder.add_to_list:
		rows = recorder.add_to_list(query, recorded, rows, asked)
	recorded.returned = rows
	return rows


def what_is_asked(args: tuple, kwargs: dict) -> dict:
	"""Return what a list query is asked with, by the names of its parameters.

	Frappe takes fields and filters in either order, and tells them apart by how they look.
	"""
	asked = {**dict(zip(FIRST_PARAMETERS, args, strict=False)), **kwargs}
	fields, filters = asked.get("fields"), asked.get("filters")
	are_filters = isinstance(fields, dict) or (
		isinstance(fields, list) and fields[:1] and isinstance(fields[0], list)
	)
	are_fields = fields and isinstance(filters, list) and len(filters) > 1 and isinstance(filters[0], str)
	return {**asked, "fields": filters, "filters": fields} if are_filters or are_fields else asked


def columns_of(fields: object, doctype: str) -> list[str]:
	"""Return the names of the columns that a list query asks for."""
	if isinstance(fields, str):
		fields = fields.split(",")
	if not isinstance(fields, list | tuple) or not fields:
		return ["name"]
	return [
		field_as_text(field).replace("`", "").strip().removeprefix(f"tab{doctype}.").strip()
		for field in fields
	]


def field_as_text(field: object) -> str:
	"""Return a field of a list query as text; Frappe v16 takes `{"COUNT": "*", "as": "total"}`, too."""
	if not isinstance(field, dict):
		return str(field)
	functions = [f"{name}({value})" for name, value in field.items() if name.lower() != "as"]
	alias = [f" as {value}" for name, value in field.items() if name.lower() == "as"]
	return "".join((*functions, *alias))


def is_told(recorded: RecordedQuery) -> bool:
	"""Return whether what rows call `name` is the name of the record, and nothing else is called so."""
	ambiguous = [column for column in recorded.columns if CALLED_NAME.search(column)]
	return not ambiguous and bool({"name", EVERYTHING} & set(recorded.columns))


def name_to_add(recorded: RecordedQuery, fields: object, asked: dict) -> str | None:
	"""Return the field to ask for in addition, so that every row says which record it is."""
	is_plain = isinstance(fields, list | tuple) and fields and all(isinstance(field, str) for field in fields)
	is_clear = not {"name", EVERYTHING} & set(recorded.columns) and not any(
		"(" in column or CALLED_NAME.search(column) for column in recorded.columns
	)
	if not is_plain or not is_clear or is_grouped(asked):
		return None
	# what is saved as the columns that a user likes to see has to stay as it is
	is_taken_literally = asked.get("pluck") or asked.get("save_user_settings_fields")
	return None if is_taken_literally else f"`tab{recorded.doctype}`.`name`"


def is_grouped(asked: dict) -> bool:
	return bool(asked.get("group_by") or asked.get("distinct"))


def note(recorded: RecordedQuery, rows: list, name_added: bool) -> None:
	recorded.rows = len(rows)
	if not rows or recorded.plucked:
		is_name = recorded.plucked == "name" and is_told(recorded)
		recorded.names = list(rows) if is_name or not rows else None
	elif not name_added and not is_told(recorded):
		recorded.names = None
	elif isinstance(rows[0], dict):
		recorded.names = values_in(rows, "name") if "name" in rows[0] else None
	elif name_added:
		recorded.names = values_in(rows, -1)
	elif EVERYTHING not in recorded.columns:
		recorded.names = values_in(rows, recorded.columns.index("name"))


def values_in(rows: list, place: str | int) -> list[str | int]:
	return list(map(itemgetter(place), rows))


def for_names(recorded: RecordedQuery, asked: dict, most: int | None = None) -> dict:
	"""Return what a list query was asked with, changed to ask for the names of the records behind its rows.

	Behind rows that are grouped, or that gather records, these are all of them, or `most` of them if that is given. No
	`fields` means the name; naming it would let Frappe take certain filters for fields.
	"""
	left_out = {
		"fields",
		"as_list",
		"group_by",
		"distinct",
		"save_user_settings",
		"save_user_settings_fields",
	}
	further: dict = {"pluck": "name"}
	if is_grouped(asked) or recorded.gathers_records:
		left_out |= {"order_by", *LIMITS}
	if most is not None:
		left_out |= set(LIMITS)
		start = next((asked[key] for key in START if asked.get(key)), 0)
		further |= {"limit_start": cint(start), "limit_page_length": most}
	return {key: value for key, value in asked.items() if key not in left_out} | further


def without_name(query: object, rows: list, as_list: bool, added: str) -> list:
	"""Give the rows, and the query itself, back without the field that was added."""
	if isinstance(getattr(query, "fields", None), list) and query.fields and "name" in query.fields[-1]:
		query.fields = query.fields[:-1]
	if as_list:
		return [row[:-1] for row in rows]
	for row in rows:
		row.pop("name", None)
	return rows
