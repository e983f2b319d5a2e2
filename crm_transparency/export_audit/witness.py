"""What a request or job reads, noted while it does: the only way to know exactly what a file holds.

Frappe has no hook between a query and what becomes of its rows, and asking again afterwards could find other rows
than those that left. So the witness stands in the three places (see `places`) that every list and report passes: it
notes names and numbers, and leaves the rows as they are (`traceable` may add one, which isn't noted). Whatever overrides
endpoints, whichever app comes first, calls them.
"""

import re
from collections.abc import Callable, Sequence
from operator import itemgetter

import frappe
from frappe.utils import cint

from crm_transparency.export_audit.audited import child_tables, is_audited, watched_doctypes

LOCAL = "crm_transparency_witness"
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


class Reading:
	"""One list query of tracked data."""

	def __init__(self, doctype: str, columns: list[str], as_list: bool, asks_permission: bool):
		self.doctype = doctype
		self.columns = columns
		self.as_list = as_list
		self.asks_permission = asks_permission
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
	def gathers_records(self) -> bool:
		"""Say whether one row may hold the values of many records."""
		return any(GATHERING.search(column) for column in self.columns)

	def records(self, most: int | None = None) -> list[tuple[str, str]]:
		"""Return the records, as (DocType, name): for rows of a child table the documents that these belong to.

		What `most` means, see `record_names`.
		"""
		if not self.is_of_children:
			return [(self.doctype, str(name)) for name in self.record_names(most)]
		parents = self.ask_again(most, fields=["parenttype", "parent"], pluck=None, as_list=True)
		return [(parenttype, parent) for parenttype, parent in parents if is_audited(parenttype)]

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


class ReportReading:
	"""The columns and the rows of a report, those left out that its reader had filtered away."""

	def __init__(self, columns: list, rows: list):
		self.columns = columns
		self.rows = rows


class Witness:
	def __init__(self, doctypes: frozenset[str] | None):
		#: whose reading is noted, None for all; asked for once, since reading the settings runs queries too
		self.doctypes = doctypes
		self.readings: list[Reading] = []
		self.reports: list[ReportReading] = []
		#: what the person who queued the running job said it is for
		self.purpose: str | None = None
		#: which method or job runs, and what it puts into its file besides what it read, see `traceable`
		self.command: str | None = None
		self.add_to_list: Callable | None = None
		self.add_to_report: Callable | None = None
		self.ringer: object | None = None
		self.trace: str | None = None
		self.added_rows = 0

	def attends(self, doctype: str) -> bool:
		return self.doctypes is None or doctype in self.doctypes

	def latest(self, doctype: str | None, as_list: bool | None = None) -> Reading | None:
		"""Return the latest query that a person's own permissions narrowed, or the latest one if none was."""
		readings = [
			reading
			for reading in self.readings
			if reading.doctype == doctype and (as_list is None or reading.as_list == as_list)
		]
		own = [reading for reading in readings if reading.asks_permission]
		return (own or readings or [None])[-1]

	def records(self) -> list[tuple[str, str]]:
		"""Return the records of tracked data that were read."""
		tracked = [
			reading for reading in self.readings if is_audited(reading.doctype) or reading.is_of_children
		]
		return [record for reading in tracked for record in reading.records()]


def attend(everything: bool = False) -> Witness:
	"""Note from now on what the running request or job reads: tracked data, or everything for what makes a file."""
	witness = Witness(None if everything else watched_doctypes())
	setattr(frappe.local, LOCAL, witness)
	return witness


def current() -> Witness | None:
	return getattr(frappe.local, LOCAL, None)


def watch_list(execute: Callable) -> Callable:
	def watched(query, *args, **kwargs):
		witness = current()
		if witness is None or not witness.attends(query.doctype):
			return execute(query, *args, **kwargs)
		return read_list(witness, execute, query, args, kwargs)

	return watched


def watch_report(get_data: Callable) -> Callable:
	def watched(report, *args, **kwargs):
		columns, rows = get_data(report, *args, **kwargs)
		if witness := current():
			witness.reports.append(ReportReading(list(columns), list(rows)))
		return columns, rows

	return watched


def watch_report_file(build_xlsx_data: Callable) -> Callable:
	def watched(data, visible_idx, *args, **kwargs):
		if witness := current():
			witness.reports.append(ReportReading(list(data.columns), visible_rows(data.result, visible_idx)))
			if witness.add_to_report:
				visible_idx = witness.add_to_report(data, visible_idx)
		return build_xlsx_data(data, visible_idx, *args, **kwargs)

	return watched


def visible_rows(rows: Sequence, visible: Sequence[int] | None) -> list:
	"""Return the rows that get into a report's file. Frappe: no choice, or one of all rows, means all."""
	if not visible or len(visible) == len(rows):
		return list(rows)
	chosen = set(visible)
	return [row for index, row in enumerate(rows) if index in chosen]


def read_list(witness: Witness, execute: Callable, query: object, args: tuple, kwargs: dict) -> object:
	asked = what_is_asked(args, kwargs)
	if asked.get("run") in (0, False):
		return execute(query, *args, **kwargs)
	fields = asked.get("fields")
	reading = Reading(
		doctype=query.doctype,
		columns=columns_of(fields, query.doctype),
		as_list=bool(asked.get("as_list")),
		asks_permission=not asked.get("ignore_permissions"),
	)
	added = name_to_add(reading, fields, asked)
	if added:
		fields = [*fields, added]
		args, kwargs = (fields, *args[1:]) if args else args, kwargs if args else {**kwargs, "fields": fields}
	rows = execute(query, *args, **kwargs)
	note(reading, rows, asked.get("pluck"), bool(added))
	reading.ask_again = lambda most=None, **change: execute(
		type(query)(query.doctype), **{**for_names(reading, asked, most), **change}
	)
	witness.readings.append(reading)
	rows = without_name(query, rows, reading.as_list, added) if added else rows
	if witness.add_to_list:
		rows = witness.add_to_list(query, reading, rows, asked)
	reading.returned = rows
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


def is_told(reading: Reading) -> bool:
	"""Say whether what rows call `name` is the name of the record, and nothing else is called so."""
	ambiguous = [column for column in reading.columns if CALLED_NAME.search(column)]
	return not ambiguous and bool({"name", EVERYTHING} & set(reading.columns))


def name_to_add(reading: Reading, fields: object, asked: dict) -> str | None:
	"""Return the field to ask for in addition, so that every row says which record it is."""
	is_plain = isinstance(fields, list | tuple) and fields and all(isinstance(field, str) for field in fields)
	is_clear = not {"name", EVERYTHING} & set(reading.columns) and not any(
		"(" in column or CALLED_NAME.search(column) for column in reading.columns
	)
	if not is_plain or not is_clear or is_grouped(asked):
		return None
	# what is saved as the columns that a user likes to see has to stay as it is
	is_taken_literally = asked.get("pluck") or asked.get("save_user_settings_fields")
	return None if is_taken_literally else f"`tab{reading.doctype}`.`name`"


def is_grouped(asked: dict) -> bool:
	return bool(asked.get("group_by") or asked.get("distinct"))


def note(reading: Reading, rows: list, pluck: str | None, name_added: bool) -> None:
	reading.rows = len(rows)
	if not rows or pluck:
		reading.names = list(rows) if pluck == "name" and is_told(reading) else ([] if not rows else None)
	elif not name_added and not is_told(reading):
		reading.names = None
	elif isinstance(rows[0], dict):
		reading.names = values_in(rows, "name") if "name" in rows[0] else None
	elif name_added:
		reading.names = values_in(rows, -1)
	elif EVERYTHING not in reading.columns:
		reading.names = values_in(rows, reading.columns.index("name"))


def values_in(rows: list, place: str | int) -> list[str | int]:
	return list(map(itemgetter(place), rows))


def for_names(reading: Reading, asked: dict, most: int | None = None) -> dict:
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
	if is_grouped(asked) or reading.gathers_records:
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
