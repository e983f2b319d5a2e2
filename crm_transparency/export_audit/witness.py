"""What a request or job reads, noted while it does: the only way to know exactly what a file holds.

Frappe has no hook between a query and what becomes of its rows, and asking again afterwards could find other rows
than those that left. So the witness stands in the three places (see `places`) that every list and report passes: it
notes names and numbers, and leaves the rows as they are (`traceable` may add one, which isn't noted). Whatever overrides
endpoints, whichever app comes first, calls them.
"""

from collections.abc import Callable, Sequence
from operator import itemgetter

import frappe

from crm_transparency.export_audit.audited import child_tables, is_audited, watched_doctypes

LOCAL = "crm_transparency_witness"
EVERYTHING = "*"


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
		self.ask_again: Callable[..., list] = list

	@property
	def is_of_children(self) -> bool:
		return self.doctype in child_tables()

	def records(self) -> list[tuple[str, str]]:
		"""Return the records, as (DocType, name): for rows of a child table the documents that these belong to."""
		if not self.is_of_children:
			return [(self.doctype, str(name)) for name in self.record_names()]
		parents = self.ask_again(fields=["parenttype", "parent"], pluck=None, as_list=True)
		return [(parenttype, parent) for parenttype, parent in parents if is_audited(parenttype)]

	def record_names(self) -> list[str | int]:
		"""Return the names of the records; those that grouped rows were made of are asked for now."""
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
	if kwargs.get("run") in (0, False):
		return execute(query, *args, **kwargs)
	fields = kwargs.get("fields", args[0] if args else None)
	reading = Reading(
		doctype=query.doctype,
		columns=columns_of(fields, query.doctype),
		as_list=bool(kwargs.get("as_list")),
		asks_permission=not kwargs.get("ignore_permissions"),
	)
	added = name_to_add(reading, fields, kwargs)
	if added:
		fields = [*fields, added]
		args, kwargs = (fields, *args[1:]) if args else args, kwargs if args else {**kwargs, "fields": fields}
	rows = execute(query, *args, **kwargs)
	note(reading, rows, kwargs.get("pluck"), bool(added))
	reading.ask_again = lambda **change: execute(
		type(query)(query.doctype), **{**for_names(kwargs), **change}
	)
	witness.readings.append(reading)
	rows = without_name(query, rows, reading.as_list, added) if added else rows
	if witness.add_to_list:
		rows = witness.add_to_list(query, reading, rows, kwargs)
	reading.returned = rows
	return rows


def columns_of(fields: object, doctype: str) -> list[str]:
	"""Return the names of the columns that a list query asks for."""
	if isinstance(fields, str):
		fields = fields.split(",")
	if not isinstance(fields, list | tuple) or not all(isinstance(field, str) for field in fields):
		return ["name"]
	return [field.replace("`", "").strip().removeprefix(f"tab{doctype}.") for field in fields]


def name_to_add(reading: Reading, fields: object, kwargs: dict) -> str | None:
	"""Return the field to ask for in addition, so that every row says which record it is."""
	is_plain = isinstance(fields, list | tuple) and fields and all(isinstance(field, str) for field in fields)
	is_told = bool({"name", EVERYTHING} & set(reading.columns))
	if not is_plain or is_told or is_grouped(kwargs) or any("(" in field for field in fields):
		return None
	# what is saved as the columns that a user likes to see has to stay as it is
	is_taken_literally = kwargs.get("pluck") or kwargs.get("save_user_settings_fields")
	return None if is_taken_literally else f"`tab{reading.doctype}`.`name`"


def is_grouped(kwargs: dict) -> bool:
	return bool(kwargs.get("group_by") or kwargs.get("distinct"))


def note(reading: Reading, rows: list, pluck: str | None, name_added: bool) -> None:
	reading.rows = len(rows)
	if not rows or pluck:
		reading.names = list(rows) if pluck == "name" else ([] if not rows else None)
	elif isinstance(rows[0], dict):
		reading.names = values_in(rows, "name") if "name" in rows[0] else None
	elif name_added:
		reading.names = values_in(rows, -1)
	elif "name" in reading.columns and EVERYTHING not in reading.columns:
		reading.names = values_in(rows, reading.columns.index("name"))


def values_in(rows: list, place: str | int) -> list[str | int]:
	return list(map(itemgetter(place), rows))


def for_names(kwargs: dict) -> dict:
	"""Return what a list query was asked with, changed to ask for the names of the records behind its rows."""
	left_out = {"as_list", "group_by", "distinct", "save_user_settings", "save_user_settings_fields"}
	if is_grouped(kwargs):
		left_out |= {
			"order_by",
			"limit",
			"limit_start",
			"limit_page_length",
			"start",
			"page_length",
			"offset",
		}
	kept = {key: value for key, value in kwargs.items() if key not in left_out}
	return {**kept, "fields": ["name"], "pluck": "name"}


def without_name(query: object, rows: list, as_list: bool, added: str) -> list:
	"""Give the rows, and the query itself, back without the field that was added."""
	if isinstance(getattr(query, "fields", None), list) and query.fields and "name" in query.fields[-1]:
		query.fields = query.fields[:-1]
	if as_list:
		return [row[:-1] for row in rows]
	for row in rows:
		row.pop("name", None)
	return rows
