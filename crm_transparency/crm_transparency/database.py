"""Writing thousands of rows with a handful of statements, by the query builder.

Frappe's `bulk_insert` and PyPika's `isin` make an object of every single value, which costs more than the database's
own work (287 µs a ledger entry, against 44 µs for INSERT … SELECT).

And savepoints that code of other apps may have taken away, by ending the transaction that they were in.
"""

from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

import frappe
from frappe.model.dynamic_links import invalidate_distinct_link_doctypes
from frappe.query_builder.terms import ParameterizedValueWrapper as Constant
from pypika.terms import Case, ContainsCriterion, Field, Parameter, Term

ROWS_AT_ONCE = 1000

__all__ = ["Constant", "Values", "batches", "by_doctype", "choose", "insert_rows", "inserted", "is_one_of"]


class Values(Term):
	"""A list of values behind IN, bound as one parameter."""

	def __init__(self, values: Iterable):
		super().__init__()
		self.values = tuple(values)

	def get_sql(self, param_wrapper, **kwargs) -> str:
		return param_wrapper.get_sql(param_value=self.values)


def is_one_of(field: Field, values: Iterable) -> ContainsCriterion:
	"""Return the condition that `field` holds one of `values`, of which there must be at least one."""
	return ContainsCriterion(field, Values(values))


def choose(key: Field, keys_by_value: dict[Hashable, Sequence]) -> Term:
	"""Return the expression that gives, for each key, the value that it is listed under."""
	if len(keys_by_value) == 1:
		return Constant(next(iter(keys_by_value)))
	case = Case()
	for value, keys in keys_by_value.items():
		case = case.when(is_one_of(key, keys), Constant(value))
	return case


def batches(items: Iterable, length: int = ROWS_AT_ONCE) -> Iterable[list]:
	"""Yield `items` in lists of `length`, the last of which may be shorter."""
	iterator = iter(items)
	while batch := list(islice(iterator, length)):
		yield batch


def by_doctype(records: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
	"""Return the names of records by their DocType, in the order in which they come."""
	names: dict[str, list[str]] = {}
	for doctype, name in records:
		names.setdefault(doctype, []).append(name)
	return names


def insert_rows(doctype: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
	"""Insert rows whose values are in the order of `columns`. Runs no hooks and checks nothing.

	Frappe remembers which DocTypes a Dynamic Link points at, and is told of new ones: renaming a document would
	otherwise pass the rows by.
	"""
	places = {field.options: list(columns).index(field.options) for field in dynamic_links(doctype, columns)}
	for batch in batches(rows):
		statement = _insert_statement(frappe.db.db_type, doctype, tuple(columns), len(batch))
		frappe.db.sql(statement, [value for row in batch for value in row])
		for column, place in places.items():
			for linked_doctype in {row[place] for row in batch}:
				invalidate_distinct_link_doctypes(doctype, column, linked_doctype)


def dynamic_links(doctype: str, columns: Sequence[str]) -> list:
	"""Return the Dynamic Link fields whose DocType is told by one of `columns`."""
	return [field for field in frappe.get_meta(doctype).get_dynamic_link_fields() if field.options in columns]


@lru_cache(maxsize=8)
def _insert_statement(db_type: str, doctype: str, columns: tuple[str, ...], rows: int) -> str:
	row = (Parameter("%s"),) * len(columns)
	return frappe.qb.into(doctype).columns(*columns).insert(*(row,) * rows).get_sql()


def inserted(user: str, moment: str) -> dict[str, Any]:
	"""Return the columns that Frappe fills in every new row."""
	return {
		"creation": moment,
		"modified": moment,
		"owner": user,
		"modified_by": user,
		"docstatus": 0,
		"idx": 0,
	}


SAVEPOINT_DOES_NOT_EXIST = 1305


def release_savepoint(save_point: str) -> bool:
	"""Release a savepoint; return whether it was still there. If not, a hook committed or rolled everything back."""
	try:
		frappe.db.release_savepoint(save_point)
	except Exception as error:
		if not is_missing_savepoint(error):
			raise
		return False
	return True


def roll_back_to(save_point: str) -> None:
	"""Go back to a savepoint. Frappe then forgets that the transaction wrote anything before it, and is reminded."""
	writes = frappe.db.transaction_writes
	try:
		frappe.db.rollback(save_point=save_point)
		frappe.db.transaction_writes = writes
	except Exception as error:
		if not is_missing_savepoint(error):
			raise
		# what came after the end of the transaction that the savepoint was in is still to be undone
		frappe.db.rollback()


def is_missing_savepoint(error: Exception) -> bool:
	code = error.args[0] if error.args else None
	return code == SAVEPOINT_DOES_NOT_EXIST or "no such savepoint" in str(error)
