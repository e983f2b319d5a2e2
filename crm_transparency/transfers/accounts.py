"""Which accounts a transfer is about, page by page, so that a million of them need no more memory than a thousand."""

import json
from collections.abc import Iterator
from typing import NamedTuple

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cstr

from crm_transparency.crm_transparency import registry
from crm_transparency.ownership.changes import as_title
from crm_transparency.transfers.exceptions import TransferNotPossible
from crm_transparency.transfers.words import ONE_USER

ACCOUNTS_AT_ONCE = 5000


class Account(NamedTuple):
	"""An account as it was when the transfer was planned; `problem` says why it can't be transferred."""

	doctype: str
	name: str
	title: str
	owner: str | None = None
	territory: str | None = None
	# what a list says about it, and where
	listed_successor: str | None = None
	line: int | None = None
	problem: str | None = None


class Columns(NamedTuple):
	"""The columns of an account's table that a transfer reads; there may be none for title and territory."""

	owner: str
	title: str | None
	territory: str | None

	def with_name(self) -> list[str]:
		"""Return those that there are, each once, and the name."""
		return ["name", *{column for column in self if column and column != "name"}]


def columns_of(doctype: str) -> Columns:
	tracked = registry.tracked_doctypes()[doctype]
	title, territory = registry.title_field(doctype), tracked["territory_field"]
	return Columns(
		owner=tracked["owner_field"],
		title=title if title and frappe.db.has_column(doctype, title) else None,
		territory=territory if territory and frappe.db.has_column(doctype, territory) else None,
	)


def account_of(doctype: str, columns: Columns, row: frappe._dict) -> Account:
	return Account(
		doctype=doctype,
		name=cstr(row.name),
		title=as_title(columns.title and row[columns.title], row.name),
		owner=row[columns.owner] or None,
		territory=(columns.territory and row[columns.territory]) or None,
	)


def found_accounts(transfer: Document) -> Iterator[list[Account]]:
	"""Yield the accounts that the transfer's filters find, page by page."""
	for doctype, filters in conditions(transfer):
		yield from matching(doctype, filters)


def count_up_to(transfer: Document, limit: int) -> int:
	"""Return how many accounts filters find, but at most `limit`."""
	found = 0
	for doctype, filters in conditions(transfer):
		found += len(
			frappe.get_all(doctype, filters=filters, pluck="name", order_by=None, limit=limit - found)
		)
		if found >= limit:
			break
	return found


def conditions(transfer: Document) -> list[tuple[str, list]]:
	"""Return the document types in question, with the filters for each.

	Without any, all tracked ones are meant. Whoever has `from_user` filled in means that user's accounts only.
	"""
	rows = transfer.document_types or [
		frappe._dict(document_type=doctype, filters=None) for doctype in registry.tracked_doctypes()
	]
	result = []
	for row in rows:
		check_tracked(row.document_type)
		filters = [] if transfer.source == ONE_USER else parse_filters(row)
		if transfer.from_user:
			filters.append(
				[row.document_type, registry.owner_field(row.document_type), "=", transfer.from_user]
			)
		result.append((row.document_type, filters))
	return result


def check_tracked(doctype: str) -> None:
	if not registry.is_tracked(doctype):
		frappe.throw(
			_("{0} isn't a document type whose owners are tracked. Please choose another one.").format(
				frappe.bold(_(doctype))
			),
			exc=TransferNotPossible,
		)


def parse_filters(row: Document) -> list[list]:
	"""Return a row's filters as [document type, field, operator, value], from JSON as the Desk's lists know it."""
	try:
		filters = json.loads(row.filters or "[]")
	except ValueError:
		refuse_filters(row)
	if isinstance(filters, dict):
		filters = [
			[field, *(value if isinstance(value, list) else ("=", value))] for field, value in filters.items()
		]
	if not isinstance(filters, list) or not all(
		isinstance(part, list) and len(part) >= 3 for part in filters
	):
		refuse_filters(row)
	return [part[:4] if len(part) > 3 else [row.document_type, *part] for part in filters]


def refuse_filters(row: Document) -> None:
	frappe.throw(
		_(
			"Row {0}: the filters can't be read. They are a JSON list of conditions, each of them like "
			'["Customer", "territory", "=", "Bavaria"].'
		).format(row.idx),
		exc=TransferNotPossible,
	)


def matching(doctype: str, filters: list) -> Iterator[list[Account]]:
	"""Yield the accounts that fit the filters, in the order of their names: each page starts where the last ended."""
	columns = columns_of(doctype)
	after: list = []
	while True:
		rows = frappe.get_all(
			doctype,
			filters=[*filters, *after],
			fields=columns.with_name(),
			order_by="name asc",
			distinct=any(condition[0] != doctype for condition in filters),
			limit=ACCOUNTS_AT_ONCE,
		)
		if rows:
			yield [account_of(doctype, columns, row) for row in rows]
		if len(rows) < ACCOUNTS_AT_ONCE:
			return
		after = [[doctype, "name", ">", rows[-1].name]]
