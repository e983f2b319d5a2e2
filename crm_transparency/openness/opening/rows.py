"""Rows of Frappe's permission tables, complete: every column, names and times included, as they can be put back.

A change of openness keeps, for each part of a table that it touches, the rows before and after it. Undoing compares
them with the rows of now: what nobody touched since goes back to what it was before, to the last microsecond. What
somebody changed since isn't trampled: it's kept, or taken back where a person asked for that.
"""

from typing import Literal, NamedTuple, TypedDict

import frappe

from crm_transparency.openness.opening.choices import is_colleagues_rule

CUSTOM_PERMISSION = "Custom DocPerm"
USER_PERMISSION = "User Permission"
#: what says who touched a row and when, and nothing about what it allows
ABOUT_THE_ROW = frozenset(("name", "owner", "creation", "modified", "modified_by", "idx", "docstatus"))

Row = dict
Kind = Literal["Added", "Changed", "Removed"]


class Part(TypedDict):
	"""The rows of one part of a table, such as the Custom DocPerms of Customer, before and after a change."""

	table: str
	#: column and value that make up the part
	where: dict[str, str]
	before: list[Row]
	after: list[Row]


class LaterChange(NamedTuple):
	"""What somebody else did, since a change, to a row that the change touched, or that lies in the same part."""

	kind: Kind
	after: Row | None
	now: Row | None

	@property
	def row(self) -> Row:
		return self.now or self.after


class Undoing(NamedTuple):
	"""What rows a part has to have when it's undone, and what somebody changed since."""

	rows: list[Row]
	later_changes: list[LaterChange]


def read(table: str, where: dict[str, str]) -> list[Row]:
	"""Return the rows of a part as they are now, whatever this transaction saw before, and lock them."""
	source = frappe.qb.DocType(table)
	query = frappe.qb.from_(source).select("*").orderby(source.name).for_update()
	for column, value in where.items():
		query = query.where(source[column] == value)
	return [plain(row) for row in query.run(as_dict=True)]


def plain(row: dict) -> Row:
	"""Return a row as it's the same after a journey through JSON."""
	return {
		column: value if value is None or isinstance(value, int | float) else str(value)
		for column, value in row.items()
	}


def undoing(part: Part, now: list[Row], keep_later_changes: bool) -> Undoing:
	"""Work out what undoing makes of a part. `keep_later_changes` says what becomes of what others did since."""
	before, after, current = (by_name(rows) for rows in (part["before"], part["after"], now))
	later = [change for change in later_changes(after, current) if is_worth_keeping(change, part)]
	if not later or not keep_later_changes:
		return Undoing(part["before"], later)
	kept = {change.row["name"] for change in later}
	if part["table"] == CUSTOM_PERMISSION and not before:
		kept |= copies_of_standard(part["after"])
	wanted = ((current if name in kept else before).get(name) for name in sorted({*before, *after, *current}))
	return Undoing([row for row in wanted if row], later)


def is_worth_keeping(change: LaterChange, part: Part) -> bool:
	"""Say whether undoing would take something back that somebody else decided.

	Taking rights from the rule by which colleagues read, or the whole rule, is what undoing does itself.
	"""
	if part["table"] != CUSTOM_PERMISSION or not change.after or not is_colleagues_rule(change.after):
		return True
	return bool(change.now) and any(
		value and value != change.after[column] for column, value in contents(change.now).items()
	)


def copies_of_standard(rows: list[Row]) -> set[str]:
	"""Return the names of the rows that were copied when a DocType got its first permission of its own.

	They replace the standard permissions. As long as another row is kept they have to stay as well, or else everybody
	would lose the rights that they have by these.
	"""
	return {row["name"] for row in rows if not is_colleagues_rule(row)}


def later_changes(after: dict[str, Row], current: dict[str, Row]) -> list[LaterChange]:
	found = []
	for name in sorted({*after, *current}):
		was, is_now = after.get(name), current.get(name)
		if (was and contents(was)) != (is_now and contents(is_now)):
			kind = "Added" if was is None else "Removed" if is_now is None else "Changed"
			found.append(LaterChange(kind, was, is_now))
	return found


def write(part: Part, now: list[Row], wanted: list[Row]) -> None:
	"""Make the rows of a part what they are wanted to be, column by column."""
	current, target = by_name(now), by_name(wanted)
	if gone := [name for name, row in current.items() if target.get(name) != row]:
		frappe.db.delete(part["table"], {"name": ("in", gone)})
	for name, row in target.items():
		if current.get(name) != row:
			insert(part["table"], row)


def insert(table: str, row: Row) -> None:
	"""Write a row as it was, without the columns that the table doesn't have any more."""
	columns = [column for column in row if column in frappe.db.get_table_columns(table)]
	target = frappe.qb.DocType(table)
	frappe.qb.into(target).columns(*columns).insert(*(row[column] for column in columns)).run()


def by_name(rows: list[Row]) -> dict[str, Row]:
	return {str(row["name"]): row for row in rows}


def contents(row: Row) -> Row:
	"""Return what a row says, without who wrote it and when."""
	return {column: value for column, value in row.items() if column not in ABOUT_THE_ROW}
