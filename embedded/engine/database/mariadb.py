"""MariaDB: answers about tables that don't come from another site's database."""

from __future__ import annotations

import frappe
import frappe.database.mariadb.database
from frappe.database.mariadb.database import MariaDBDatabase
from frappe.utils import get_table_name

from embedded.engine.replace import replaces


@replaces(
	"frappe.database.mariadb.database.MariaDBDatabase",
	cut="looked for columns, indexes and constraints in all databases of the server",
)
class Connection(MariaDBDatabase):
	"""One thread's connection, with PyMySQL."""

	def get_table_columns_description(self, table_name: str) -> list[frappe._dict]:
		"""Return name, type, default, and whether unique, indexed, not nullable, of each column."""
		# Names are compared to values, not to columns, so that the server reads one table's definition only.
		return self.sql(
			"""select
				column_name as 'name',
				column_type as 'type',
				column_default as 'default',
				column_name in (
					select column_name from information_schema.statistics
					where table_schema = %(database)s and table_name = %(table)s
						and non_unique = 1 and seq_in_index = 1
				) as 'index',
				column_key = 'UNI' as 'unique',
				is_nullable = 'NO' as 'not_nullable'
			from information_schema.columns
			where table_schema = %(database)s and table_name = %(table)s
			order by ordinal_position""",
			{"database": self.cur_db_name, "table": table_name},
			as_dict=True,
		)

	def get_db_table_columns(self, table: str) -> list[str]:
		key = f"table_columns::{table}"
		columns = frappe.client_cache.get_value(key)
		if columns is None:
			columns = [column.name for column in self.get_table_columns_description(table)]
			if columns:
				frappe.client_cache.set_value(key, columns)
		return columns

	def add_unique(self, doctype: str, fields: str | list[str], constraint_name: str | None = None) -> None:
		fields = [fields] if isinstance(fields, str) else list(fields)
		name = constraint_name or f"unique_{'_'.join(fields)}"
		columns = ", ".join(f"`{field}`" for field in fields)
		self.commit()
		self.sql(
			f"alter table `{get_table_name(doctype)}` add unique index if not exists `{name}` ({columns})"
		)
