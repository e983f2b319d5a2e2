"""Rows of Frappe's permission tables as they can be put back: every column, names and times included.

An Openness Change keeps, for each part of a table that it touches, the rows before and after it. Undoing compares them
with the rows of now: what nobody touched since goes back to what it was, to the last microsecond. What somebody
changed since is kept, or taken back where a person asked for that.
"""

from typing import Literal, NamedTuple, TypedDict

import frappe

from crm_transparency.openness.open_doctypes import is_colleague_rule

CUSTOM_PERMISSION = "Custom DocPerm"
USER_PERMISSION = "User Permission"
#: who wrote a row and when, as opposed to what it allows
METADATA = frozenset(("name", "owner", "creation", "modified", "modified_by", "idx", "docstatus"))
#: columns of both tables that name documents, by the DocType they name
NAMING_COLUMNS = {
	"User": ("user", "owner", "modified_by"),
	"Role": ("role",),
	"DocType": ("parent", "allow", "applicable_for"),
}

Row = dict
Kind = Literal["Added", "Changed", "Removed"]


class Part(TypedDict):
	"""The rows of one part of a table, such as the Custom DocPerms of Customer, before and after a change."""

	table: str
	#: the columns and values that make up the part
	where: dict[str, str]
	before: list[Row]
	after: list[Row]


class LaterChange(NamedTuple):
	"""What somebody else changed afterwards in a part: `after` is the row as our change left it."""

	kind: Kind
	after: Row | None
	now: Row | None

	@property
	def row(self) -> Row:
		return self.now or self.after


class Undoing(NamedTuple):
	"""The rows that a part gets when it is undone, and what somebody changed since."""

	rows: list[Row]
	later_changes: list[LaterChange]


def read(table: str, where: dict[str, str]) -> list[Row]:
	"""Return the rows of a part as they are now, whatever this transaction saw before, and lock them."""
	source = frappe.qb.DocType(table)
	query = frappe.qb.from_(source).select("*").orderby(source.name).for_update()
	for column, value in where.items():
		query = query.where(source[column] == value)
	return [as_json_keeps_it(row) for row in query.run(as_dict=True)]


def as_json_keeps_it(row: dict) -> Row:
	return {
		column: value if value is None or isinstance(value, int | float) else str(value)
		for column, value in row.items()
	}


def undoing(part: Part, now: list[Row], keep_later_changes: bool) -> Undoing:
	"""Return what undoing makes of a part, keeping what others changed since, or taking it back."""
	before, after, current = (by_name(rows) for rows in (part["before"], part["after"], now))
	later = [change for change in later_changes(after, current) if is_decision_of_others(change, part)]
	if not later or not keep_later_changes:
		return Undoing(part["before"], later)
	kept = {change.row["name"] for change in later}
	if part["table"] == CUSTOM_PERMISSION and not before:
		# The first custom permission came with copies of the standard ones, which it replaces: as long as another row is
		# kept these have to stay, or everybody would lose the rights that they give.
		kept |= {row["name"] for row in part["after"] if not is_colleague_rule(row)}
	wanted = ((current if name in kept else before).get(name) for name in sorted({*before, *after, *current}))
	return Undoing([row for row in wanted if row], later)


def is_decision_of_others(change: LaterChange, part: Part) -> bool:
	"""Return whether undoing would take back what somebody else decided.

	Taking rights from the rule of colleagues, or the whole rule, is what undoing does itself.
	"""
	if part["table"] != CUSTOM_PERMISSION or not change.after or not is_colleague_rule(change.after):
		return True
	return bool(change.now) and any(
		value and value != change.after[column] for column, value in contents(change.now).items()
	)


def later_changes(after: dict[str, Row], current: dict[str, Row]) -> list[LaterChange]:
	found = []
	for name in sorted({*after, *current}):
		was, is_now = after.get(name), current.get(name)
		if (was and contents(was)) != (is_now and contents(is_now)):
			kind = "Added" if was is None else "Removed" if is_now is None else "Changed"
			found.append(LaterChange(kind, was, is_now))
	return found


def write(part: Part, now: list[Row], wanted: list[Row]) -> None:
	"""Turn the rows of a part from `now` into `wanted`, column by column."""
	current, target = by_name(now), by_name(wanted)
	if gone := [name for name, row in current.items() if target.get(name) != row]:
		frappe.db.delete(part["table"], {"name": ("in", gone)})
	for name, row in target.items():
		if current.get(name) != row:
			insert(part["table"], row)


def insert(table: str, row: Row) -> None:
	"""Write a row as it was, without columns that the table no longer has."""
	columns = [column for column in row if column in frappe.db.get_table_columns(table)]
	target = frappe.qb.DocType(table)
	frappe.qb.into(target).columns(*columns).insert(*(row[column] for column in columns)).run()


def by_name(rows: list[Row]) -> dict[str, Row]:
	return {str(row["name"]): row for row in rows}


def contents(row: Row) -> Row:
	"""Return what a row says, without who wrote it and when."""
	return {column: value for column, value in row.items() if column not in METADATA}


def renamed(part: Part, doctype: str, old: str, new: str) -> Part:
	"""Return a part that names a renamed document of `doctype` by its new name."""

	def in_row(row: Row) -> Row:
		is_value = part["table"] == USER_PERMISSION and row.get("allow") == doctype
		columns = (*NAMING_COLUMNS.get(doctype, ()), *(("for_value",) if is_value else ()))
		return {column: new if column in columns and value == old else value for column, value in row.items()}

	return Part(
		table=part["table"],
		where=in_row(part["where"]),
		before=[in_row(row) for row in part["before"]],
		after=[in_row(row) for row in part["after"]],
	)
