"""SQLite as Frappe's callers expect a database to be.

Cut by monoframe, or never there: values bound rather than pasted into the text, `IN %s`, row locks,
requests that wait for each other instead of failing, sequences, MariaDB's functions.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import contextmanager

import frappe
import frappe.database.sqlite.database
import frappe.query_builder.builder
from frappe.database.database import Database
from frappe.database.sqlite.database import SQLiteDatabase
from frappe.query_builder.terms import SQLiteParameterizedValueWrapper
from frappe.utils import cstr, get_table_name
from pypika.dialects import SQLLiteQueryBuilder
from pypika.utils import builder

from embedded.engine.database import sqlite_dialect, sqlite_functions, sqlite_table
from embedded.engine.replace import replaces

LOCK_TIMEOUT_SECONDS = 30

sqlite3.register_converter("datetime", sqlite_dialect.datetime_value)
sqlite3.register_converter("timestamp", sqlite_dialect.datetime_value)
sqlite3.register_converter("date", sqlite_dialect.date_value)
sqlite3.register_converter("time", sqlite_dialect.time_value)


@replaces(
	"frappe.database.sqlite.database.SQLiteDatabase",
	cut="pasted values into the text, couldn't expand IN %s, ignored row locks, failed under load",
)
class Connection(SQLiteDatabase):
	"""One thread's connection.

	A transaction starts with the first statement that writes or locks, not before: SQLite refuses, at once,
	a write by someone who read before another one wrote. So reads see what others committed meanwhile, and
	writers queue up for LOCK_TIMEOUT_SECONDS.
	"""

	def create_connection(self, read_only: bool = False) -> sqlite3.Connection:
		mode = "ro" if read_only else "rwc"
		return sqlite3.connect(
			f"{self.get_db_path().as_uri()}?mode={mode}",
			uri=True,
			detect_types=sqlite3.PARSE_DECLTYPES,
			timeout=LOCK_TIMEOUT_SECONDS,
			isolation_level=None,
			check_same_thread=False,
		)

	def get_connection(self, read_only: bool = False) -> sqlite3.Connection:
		connection = self.create_connection(read_only)
		sqlite_functions.register(connection)
		connection.execute("PRAGMA journal_mode = WAL")
		connection.execute("PRAGMA synchronous = NORMAL")
		return connection

	def set_execution_timeout(self, seconds: int) -> None:
		"""Nothing: SQLite has no such limit, and the time to wait for a lock is another thing."""

	def sql(self, query, values=frappe.database.database.EmptyQueryValues, *args, **kwargs):
		return Database.sql(self, query, values, *args, **kwargs)

	def rename_table(self, old_name: str, new_name: str):
		"""Rename a table as MariaDB does: what was written before is committed by it."""
		old_table, new_table = get_table_name(old_name), get_table_name(new_name)
		return self.sql_ddl(f"ALTER TABLE `{old_table}` RENAME TO `{new_table}`")

	def _transform_result(self, result):
		return tuple(result)

	def execute_query(self, query, values=None):
		statement = sqlite_dialect.translate(query)
		sql, bound = sqlite_dialect.bind(statement.sql, values)
		if statement.locks and not self._conn.in_transaction and not getattr(self, "read_only", False):
			self.lock(statement.waits)
		return self._cursor.execute(sql, bound)

	def lock(self, waits: bool = True) -> None:
		"""Start a transaction that holds the database's one lock for writing."""
		if waits:
			self._cursor.execute("BEGIN IMMEDIATE")
			return
		self._cursor.execute("PRAGMA busy_timeout = 0")
		try:
			self._cursor.execute("BEGIN IMMEDIATE")
		finally:
			self._cursor.execute(f"PRAGMA busy_timeout = {LOCK_TIMEOUT_SECONDS * 1000}")

	def begin(self, *, read_only: bool = False) -> None:
		"""Start anew; the transaction proper starts with the first write."""
		read_only = bool(read_only or frappe.flags.read_only)
		if read_only != getattr(self, "read_only", False):
			self._conn.close()
			self._conn = self.get_connection(read_only)
			self._cursor = self._conn.cursor()
			self.read_only = read_only

	@contextmanager
	def unbuffered_cursor(self):
		"""Read rows of a big result one by one inside; SQLite's cursors never hold more."""
		if not self._conn:
			self.connect()
		usual, self._cursor = self._cursor, self._conn.cursor()
		try:
			yield
		finally:
			self._cursor.close()
			self._cursor = usual

	def mogrify(self, query, values) -> str:
		"""Return the query with its values written in, for people to read."""
		if not values:
			return query
		try:
			if isinstance(values, dict):
				return query % {key: self.escape(value, percent=False) for key, value in values.items()}
			return query % tuple(self.escape(value, percent=False) for value in values)
		except (TypeError, ValueError):
			return f"{query} /* {values} */"

	@staticmethod
	def escape(s, percent: bool = True) -> str:
		text = cstr(s).replace("'", "''")
		return f"'{text.replace('%', '%%') if percent else text}'"

	# What went wrong: SQLite tells by words.

	@staticmethod
	def is_missing_column(error) -> bool:
		return "no such column" in str(error) or "has no column named" in str(error)

	@staticmethod
	def is_primary_key_violation(error) -> bool:
		return bool(re.fullmatch(r"UNIQUE constraint failed: [^,]*\.name", str(error)))

	@staticmethod
	def is_unique_key_violation(error) -> bool:
		return "UNIQUE constraint failed" in str(error) and not Connection.is_primary_key_violation(error)

	# Tables and indexes: rebuilt without keys, indexes shared names.

	def get_table_columns_description(self, table_name: str) -> list[frappe._dict]:
		"""Return name, type, default, and whether unique, indexed, not nullable, of each column."""
		unique, indexed = set(), set()
		for index in sqlite_table.indexes_of(table_name):
			if index.unique and len(index.columns) == 1:
				unique.update(index.columns)
			elif index.columns:
				indexed.add(index.columns[0])
		columns = self.sql(f"PRAGMA table_info(`{table_name}`)", as_dict=True)
		for column in columns:
			column.update(
				default=column.dflt_value,
				not_nullable=bool(column.notnull),
				unique=column.name in unique,
				index=column.name in indexed,
			)
		return columns

	def change_column_type(self, doctype: str, column: str, type: str, nullable: bool = False) -> None:
		table = get_table_name(doctype)
		if column not in sqlite_table.current_definitions(table):
			raise frappe.InvalidColumnName(f"Column {column} does not exist in table {table}")
		sqlite_table.rebuild(table, {column: type if nullable else f"{type} NOT NULL"})

	def rename_column(self, doctype: str, old_column_name: str, new_column_name: str) -> None:
		table = get_table_name(doctype)
		self.sql_ddl(f"ALTER TABLE `{table}` RENAME COLUMN `{old_column_name}` TO `{new_column_name}`")

	def has_index(self, table_name: str, index_name: str) -> bool:
		names = {index.name for index in sqlite_table.indexes_of(table_name)}
		return index_name in names or f"{table_name}.{index_name}" in names

	def get_column_index(self, table_name: str, fieldname: str, unique: bool = False) -> frappe._dict | None:
		for index in sqlite_table.indexes_of(table_name):
			if index.columns[:1] == [fieldname] and bool(index.unique) == unique:
				return index
		return None

	def add_index(self, doctype: str, fields: list, index_name: str | None = None) -> None:
		fields = [re.sub(r"\(.*?\)|`", "", field).strip() for field in fields]
		sqlite_table.ensure_index(get_table_name(doctype), fields, name=index_name)
		if len(fields) == 1 and not (frappe.flags.in_install or frappe.flags.in_migrate):
			self._keep_index(doctype, fields[0])

	@staticmethod
	def _keep_index(doctype: str, field: str) -> None:
		"""Note that the index is wanted, so that a migration doesn't drop it."""
		from frappe.custom.doctype.property_setter.property_setter import make_property_setter

		make_property_setter(
			doctype, field, property="search_index", value="1", property_type="Check", for_doctype=False
		)

	def add_unique(self, doctype: str, fields, constraint_name: str | None = None) -> None:
		fields = [fields] if isinstance(fields, str) else list(fields)
		sqlite_table.ensure_index(get_table_name(doctype), fields, unique=True, name=constraint_name)

	def get_row_size(self, doctype: str) -> int:
		"""Return 0: SQLite's rows have no limit that matters."""
		return 0

	# Sequences: there were none, so DocTypes with autoincrement names couldn't be saved.

	def create_sequence(
		self, doctype_name: str, *, slug: str = "_id_seq", start_value: int = 0, **options
	) -> str:
		"""Start a count, kept among the naming series, if it isn't there already; returns its name."""
		name = frappe.scrub(doctype_name + slug)
		self.sql(
			"INSERT OR IGNORE INTO `tabSeries` (name, current) VALUES (%s, %s)",
			(name, max(start_value, 1) - 1),
		)
		return name

	def get_next_sequence_val(self, doctype_name: str, slug: str = "_id_seq") -> int:
		name = self.create_sequence(doctype_name, slug=slug)
		self.sql("UPDATE `tabSeries` SET current = current + 1 WHERE name = %s", name)
		return self.sql("SELECT current FROM `tabSeries` WHERE name = %s", name)[0][0]

	def set_next_sequence_val(
		self, doctype_name: str, next_val: int, *, slug: str = "_id_seq", is_val_used: bool = False
	) -> None:
		name = self.create_sequence(doctype_name, slug=slug)
		current = next_val if is_val_used else next_val - 1
		self.sql("UPDATE `tabSeries` SET current = %s WHERE name = %s", (current, name))


# The query builder.


class Builder(SQLLiteQueryBuilder):
	"""Builds queries with row locks, INSERT OR IGNORE, and names in backticks.

	In double quotes SQLite takes a name that it doesn't know for a text: a mistyped field went unnoticed.
	"""

	QUOTE_CHAR = "`"
	ALIAS_QUOTE_CHAR = "`"

	def __init__(self, **kwargs):
		super().__init__(**kwargs)
		self._wrapper_cls = SQLiteParameterizedValueWrapper
		self._lock_suffix = ""

	@builder
	def for_update(self, nowait: bool = False, skip_locked: bool = False, of: tuple[str, ...] = ()):
		self._for_update = True
		self._lock_suffix = " NOWAIT" if nowait else ""

	def _for_update_sql(self, **kwargs) -> str:
		return f" FOR UPDATE{self._lock_suffix}" if self._for_update else ""


@replaces(
	"frappe.query_builder.builder.SQLite._builder", cut="passed a class that PyPika passes, too, and failed"
)
@classmethod
def _builder(cls, *args, **kwargs) -> Builder:
	return Builder(**kwargs)
