"""Which DocTypes are ledgers, and reading their entries as they are sealed, and the seals.

A ledger, this app's or another's, is a DocType

- whose controller derives from `entries.LedgerEntry` and names in `people` the fields that hold users;
- with a hidden, indexed field `ledger_seal` (Int), which holds the number of the seal that covers the entry, 0 until
  it's sealed;
- whose references are Data fields: Frappe rewrites a Link when the document it names is renamed, and that
  breaks seals;
- which from version to version gets new fields, without a default, but has none renamed or removed.

An entry is sealed with its name, `creation` and the DocType's own fields. `owner` isn't: renaming a user
rewrites it in every table. Nor are the fields that Frappe keeps for itself (`modified`, `_comments`, …) and
custom fields.
"""

from collections.abc import Callable, Iterator

import frappe
from frappe import _
from frappe.model import data_fieldtypes
from frappe.model.base_document import get_controller
from frappe.model.document import Document
from frappe.query_builder import Order
from frappe.query_builder.functions import Cast_
from pypika import Criterion
from pypika.queries import QueryBuilder, Table
from pypika.terms import Field, Term

from crm_transparency.ledger import canonical, chain
from crm_transparency.ledger.canonical import Converter, Value
from crm_transparency.ledger.chain import Seal
from crm_transparency.ledger.entries import LedgerEntry, LedgerEntryIsFinal

SEAL = "Ledger Seal"
MARK = "ledger_seal"
UNSEALED = 0
ROWS_AT_A_TIME = 1000
#: a seal of a full block brings 300 kB of digests
SEALS_AT_A_TIME = 20

Narrow = Callable[[QueryBuilder, Table], QueryBuilder]
Condition = Callable[[Table], Criterion]
Entry = tuple[str, int, dict[str, Value]]

CONVERTERS: dict[str, Converter] = {
	**dict.fromkeys(
		("Int", "Long Int", "Check", "Float", "Currency", "Percent", "Rating", "Duration"), canonical.number
	),
	"Datetime": canonical.moment,
	"Date": canonical.day,
	"Time": canonical.time_of_day,
}
MOMENTS = (canonical.moment, canonical.day, canonical.time_of_day)


def all_ledgers() -> list[str]:
	"""Return the ledgers of this site, sorted."""
	marked = frappe.get_all("DocField", filters={"parenttype": "DocType", "fieldname": MARK}, pluck="parent")
	return sorted(filter(is_ledger, marked))


def is_ledger(doctype: str) -> bool:
	return is_there(doctype) and issubclass(get_controller(doctype), LedgerEntry) and doctype != SEAL


def people_in(ledger: str) -> tuple[str, ...]:
	"""Return the fields of a ledger that hold users."""
	return get_controller(ledger).people


def is_there(ledger: str) -> bool:
	return bool(frappe.db.exists("DocType", ledger, cache=True))


def refuse_customization(doc: Document, method: str | None = None) -> None:
	"""`validate` of what customizes a DocType (fields, properties, names): ledgers stay as they are."""
	doctype = doc.get("doc_type") or doc.get("dt") or doc.get("document_type")
	if doctype == SEAL or is_ledger(doctype):
		frappe.throw(
			_(
				"{0} is a ledger and can't be customized: a changed field would change what its entries say."
			).format(frappe.bold(_(doctype))),
			exc=LedgerEntryIsFinal,
		)


def converters(ledger: str) -> dict[str, Converter]:
	"""Return the fields that a ledger's entries are sealed with, and what makes their values canonical."""
	fields = {
		field.fieldname: CONVERTERS.get(field.fieldtype, canonical.text)
		for field in frappe.get_meta(ledger).fields
		if field.fieldtype in data_fieldtypes
		and field.fieldname != MARK
		and not field.get("is_custom_field")
		and not field.get("is_virtual")
	}
	return {"creation": canonical.moment, **fields}


def sealed_entries(ledger: str, seal_number: int) -> Iterator[Entry]:
	"""Yield the entries that carry the mark of a seal, in the order of their names; none if the ledger is gone."""
	if not is_there(ledger):
		return iter(())
	return _entries(ledger, lambda query, table: query.where(table[MARK] == seal_number))


def stray_entries(ledger: str) -> Iterator[Entry]:
	"""Yield the entries that no seal covers: without a mark, or with that of a seal that the ledger doesn't have."""
	seal = frappe.qb.DocType(SEAL)

	def without_seal(query: QueryBuilder, table: Table) -> QueryBuilder:
		is_marked = (seal.number == table[MARK]) & (seal.ledger == ledger)
		return query.left_join(seal).on(is_marked).where(seal.name.isnull())

	return _entries(ledger, without_seal)


def unsealed_entries(ledger: str, after: str = "") -> Iterator[Entry]:
	"""Yield the entries without a mark whose names come after `after`."""
	return _entries(
		ledger, lambda query, table: query.where((table[MARK] == UNSEALED) & (table.name > after))
	)


def seal_name(number: int) -> str:
	"""Return the name of the seal with this number, which entries carry as their mark."""
	return chain.name_of(number)


def newest_seal(for_update: bool = False) -> Seal | None:
	"""Return the end of the chain, without its list of entries; None before the first seal."""
	table = frappe.qb.DocType(SEAL)
	fields = [table[field] for field in Seal._fields if field != "entry_digests"]
	query = frappe.qb.from_(table).select(*fields).orderby(table.number, order=Order.desc).limit(1)
	rows = (query.for_update() if for_update else query).run(as_dict=True)
	return _as_seal(rows[0]) if rows else None


def all_seals() -> Iterator[Seal]:
	"""Yield the whole chain, oldest seal first."""
	return _seals(lambda query, table: query)


def seals_from(number: int) -> Iterator[Seal]:
	"""Yield the chain from the seal with this number on."""
	return _seals(lambda query, table: query.where(table.number >= number))


def seal_before(number: int) -> Seal | None:
	"""Return the seal before the one with this number, without its list of entries."""
	table = frappe.qb.DocType(SEAL)
	fields = [table[field] for field in Seal._fields if field != "entry_digests"]
	query = frappe.qb.from_(table).select(*fields).where(table.number < number)
	rows = query.orderby(table.number, order=Order.desc).limit(1).run(as_dict=True)
	return _as_seal(rows[0]) if rows else None


def marks(ledger: str, condition: Condition) -> set[int]:
	"""Return the numbers of the seals of those entries that meet a condition, 0 among them if some aren't sealed."""
	table = frappe.qb.DocType(ledger)
	query = frappe.qb.from_(table).select(table[MARK]).distinct().where(condition(table))
	return {mark or UNSEALED for mark in query.run(pluck=True)}


def entries_with_mark(ledger: str, mark: int, condition: Condition) -> Iterator[Entry]:
	"""Yield the entries under a seal that meet a condition, in the order of their names."""
	return _entries(ledger, lambda query, table: query.where((table[MARK] == mark) & condition(table)))


def unpruned_seals(ledger: str, sealed_until: str) -> Iterator[Seal]:
	"""Yield the seals of a ledger up to a moment whose entries weren't pruned yet, oldest first."""

	def narrow(query: QueryBuilder, table: Table) -> QueryBuilder:
		return query.where(
			(table.ledger == ledger) & (table.sealed_on <= sealed_until) & table.entry_digests.isnotnull()
		)

	return _seals(narrow)


def _seals(narrow: Narrow) -> Iterator[Seal]:
	table = frappe.qb.DocType(SEAL)
	query = frappe.qb.from_(table).select(*(table[field] for field in Seal._fields))
	query = narrow(query, table).orderby(table.number).limit(SEALS_AT_A_TIME)
	rows = query.run(as_dict=True)
	while rows:
		yield from map(_as_seal, rows)
		rows = query.where(table.number > rows[-1].number).run(as_dict=True)


def _as_seal(row: dict) -> Seal:
	return Seal(
		**{
			**row,
			"format": row.get("format") or None,
			"previous_seal": row.get("previous_seal") or None,
			"sealed_on": canonical.moment(row["sealed_on"]),
			"entry_digests": row.get("entry_digests") or None,
		}
	)


def _entries(ledger: str, narrow: Narrow) -> Iterator[Entry]:
	"""Yield name, mark and canonical fields of entries by name, a thousand rows at a time to keep memory flat."""
	table = frappe.qb.DocType(ledger)
	columns = converters(ledger)
	values = (_as_read(table[column], convert) for column, convert in columns.items())
	query = frappe.qb.from_(table).select(table.name, table[MARK], *values)
	query = narrow(query, table).orderby(table.name).limit(ROWS_AT_A_TIME)
	rows = query.run()
	while rows:
		for name, mark, *values in rows:
			yield name, mark, _canonical_fields(values, columns)
		rows = query.where(table.name > name).run() if len(rows) == ROWS_AT_A_TIME else ()


def _as_read(column: Field, convert: Converter) -> Term:
	"""Read moments as text: turning them into Python's objects and back takes longer than everything else."""
	return Cast_(column, "varchar") if convert in MOMENTS else column


def _canonical_fields(values: list, columns: dict[str, Converter]) -> dict[str, Value]:
	return {
		column: value
		for (column, convert), raw in zip(columns.items(), values, strict=True)
		if raw is not None and (value := convert(raw)) is not None
	}
