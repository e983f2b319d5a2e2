"""Tables of DocTypes in SQLite: made and changed without losing keys, defaults or indexes.

monoframe's version rebuilds the table at nearly every change and forgets its primary key, its defaults and
its indexes on the way. It also names indexes without their table, so that the second table with a field of
the same name gets none.
"""

from __future__ import annotations

import frappe
from frappe.database.schema import validate_column_name
from frappe.database.sqlite.schema import SQLiteTable

from embedded.engine.replace import replaces

STANDARD_COLUMNS = {
	"creation": "DATETIME",
	"modified": "DATETIME",
	"modified_by": "TEXT",
	"owner": "TEXT",
	"docstatus": "INTEGER NOT NULL DEFAULT 0",
	"idx": "INTEGER NOT NULL DEFAULT 0",
}
CHILD_COLUMNS = {"parent": "TEXT", "parentfield": "TEXT", "parenttype": "TEXT"}
AUTOINCREMENT_KEY = "INTEGER PRIMARY KEY AUTOINCREMENT"
KEY = "TEXT PRIMARY KEY"


@replaces("frappe.database.sqlite.schema.SQLiteTable", cut="lost primary keys, defaults and indexes")
class Table(SQLiteTable):
	"""The table of one DocType."""

	def create(self) -> None:
		is_child = bool(self.meta.get("istable", default=0))
		counted = not self.meta.issingle and self.meta.autoname == "autoincrement"
		definitions = {"name": AUTOINCREMENT_KEY if counted else KEY, **STANDARD_COLUMNS}
		if is_child:
			definitions |= CHILD_COLUMNS
		for column in self.columns.values():
			definition = self.definition(column)
			if definition and column.fieldname not in definitions:
				definitions[validate_column_name(column.fieldname)] = definition
		frappe.db.sql_ddl(create_statement(self.table_name, definitions))
		ensure_index(self.table_name, ["parent" if is_child else "creation"])
		if not is_child and self.meta.sort_field == "modified":
			ensure_index(self.table_name, ["modified"])
		self.sync_indexes(self.columns.values())

	def alter(self) -> None:
		for column in self.columns.values():
			column.build_for_alter_table(self.current_columns.get(column.fieldname.lower()))
		for column in self.add_column:
			frappe.db.sql_ddl(
				f"ALTER TABLE `{self.table_name}` ADD COLUMN `{column.fieldname}` {self.definition(column)}"
			)
		changed = {*self.change_type, *self.set_default, *self.change_nullability}
		if changed:
			rebuild(self.table_name, {column.fieldname: self.definition(column) for column in changed})
		for column in self.drop_unique:
			drop_indexes(self.table_name, column.fieldname, unique=True)
		for column in self.drop_index:
			drop_indexes(self.table_name, column.fieldname, unique=False)
		self.sync_indexes([*self.add_unique, *self.add_index])
		if self.meta.sort_field == "modified":
			ensure_index(self.table_name, ["modified"])

	@staticmethod
	def definition(column) -> str | None:
		"""Return a column's definition; that it is unique is left to an index, which can be dropped again."""
		return column.get_definition(for_modification=True)

	def sync_indexes(self, columns) -> None:
		for column in columns:
			if column.fieldtype not in frappe.db.type_map or column.fieldname == "name":
				continue
			if column.unique:
				ensure_index(self.table_name, [column.fieldname], unique=True)
			elif column.set_index:
				ensure_index(self.table_name, [column.fieldname])

	def alter_primary_key(self) -> None:
		"""Nothing to do: a key is TEXT whether it holds a UUID or not."""


def create_statement(table: str, definitions: dict[str, str]) -> str:
	columns = ",\n".join(f"`{name}` {definition}" for name, definition in definitions.items())
	return f"CREATE TABLE `{table}` (\n{columns})"


def current_definitions(table: str) -> dict[str, str]:
	"""Return each column's definition as the table has it now."""
	definitions = {}
	for column in frappe.db.sql("select * from pragma_table_info(%s)", table, as_dict=True):
		if column.pk and column.type.upper() == "INTEGER":
			definitions[column.name] = AUTOINCREMENT_KEY
			continue
		definition = column.type
		if column.pk:
			definition += " PRIMARY KEY"
		if column.notnull:
			definition += " NOT NULL"
		if column.dflt_value is not None:
			definition += f" DEFAULT {column.dflt_value}"
		definitions[column.name] = definition
	return definitions


def rebuild(table: str, changes: dict[str, str]) -> None:
	"""Give the columns in `changes` other definitions, which SQLite can't do in place. Indexes are kept."""
	definitions = current_definitions(table)
	columns = ", ".join(f"`{name}`" for name in definitions)
	values = ", ".join(_value_for(name, changes.get(name, "")) for name in definitions)
	definitions.update({name: definition for name, definition in changes.items() if name in definitions})
	indexes = frappe.db.sql(
		"SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND sql IS NOT NULL",
		table,
		pluck=True,
	)
	frappe.db.sql_ddl(create_statement(f"{table}__new", definitions))
	frappe.db.sql_ddl(f"INSERT INTO `{table}__new` ({columns}) SELECT {values} FROM `{table}`")
	frappe.db.sql_ddl(f"DROP TABLE `{table}`")
	frappe.db.sql_ddl(f"ALTER TABLE `{table}__new` RENAME TO `{table}`")
	for index in indexes:
		frappe.db.sql_ddl(index)


def _value_for(name: str, new_definition: str) -> str:
	"""Return what to copy: the column, with its new default where it was empty and may not be any more."""
	if " NOT NULL" in new_definition and " DEFAULT " in new_definition:
		return f"coalesce(`{name}`, {new_definition.split(' DEFAULT ', 1)[1]})"
	return f"`{name}`"


def indexes_of(table: str) -> list[frappe._dict]:
	"""Return the indexes of a table with `name`, `unique`, `origin` and their `columns`."""
	indexes = frappe.db.sql("select * from pragma_index_list(%s)", table, as_dict=True)
	for index in indexes:
		info = frappe.db.sql("select * from pragma_index_info(%s)", index.name, as_dict=True)
		index.columns = [column.name for column in info]
	return indexes


def ensure_index(table: str, columns: list[str], unique: bool = False, name: str | None = None) -> None:
	"""Make an index unless the table has one of these columns; names get the table's in front."""
	for index in indexes_of(table):
		if index.columns == columns and (index.unique or not unique):
			return
	name = f"{table}.{name or '_'.join(columns) + ('_unique' if unique else '_index')}"
	kind = "UNIQUE INDEX" if unique else "INDEX"
	quoted = ", ".join(f"`{column}`" for column in columns)
	frappe.db.sql_ddl(f"CREATE {kind} IF NOT EXISTS `{name}` ON `{table}` ({quoted})")


def drop_indexes(table: str, column: str, unique: bool) -> None:
	"""Drop the indexes that are on this one column, except those that belong to the table's definition."""
	for index in indexes_of(table):
		if index.columns == [column] and bool(index.unique) == unique and index.origin == "c":
			frappe.db.sql_ddl(f"DROP INDEX `{index.name}`")
