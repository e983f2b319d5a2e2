"""The accounts of a leaver, page by page, of all tracked DocTypes."""

from collections.abc import Iterable, Iterator

import frappe
from frappe.utils import cstr

from crm_transparency.crm_transparency import registry
from crm_transparency.transfers.chosen_accounts import Account, account_of, columns_of

ACCOUNTS_AT_ONCE = 5000


def pages(leaver: str) -> Iterator[tuple[str, list[Account]]]:
	"""Yield DocTypes and accounts in the order of their names: each page starts where the last ended."""
	for doctype in registry.tracked_doctypes():
		columns = columns_of(doctype)
		table = frappe.qb.DocType(doctype)
		query = (
			frappe.qb.from_(table)
			.select(*(table[column] for column in columns.with_name()))
			.where(table[columns.owner] == leaver)
			.orderby(table.name)
			.limit(ACCOUNTS_AT_ONCE)
		)
		page = query.run(as_dict=True)
		while page:
			yield doctype, [account_of(doctype, columns, row) for row in page]
			page = query.where(table.name > page[-1].name).run(as_dict=True) if is_full(page) else []


def is_full(page: list) -> bool:
	return len(page) == ACCOUNTS_AT_ONCE


def count(leaver: str) -> int:
	"""Return how many accounts a person has."""
	return sum(
		frappe.db.count(doctype, {tracked["owner_field"]: leaver})
		for doctype, tracked in registry.tracked_doctypes().items()
	)


def titles(rows: Iterable[frappe._dict]) -> dict[tuple[str, str], str]:
	"""Return what the accounts of a plan's rows are called now.

	They are read through Frappe's lists, where the export audit sees that somebody reads them.
	"""
	names: dict[str, list[str]] = {}
	for row in rows:
		names.setdefault(row.reference_doctype, []).append(row.reference_name)
	found = {}
	for doctype, of_type in names.items():
		title = registry.title_field(doctype) if registry.is_tracked(doctype) else None
		fields = ["name", *([title] if title and title != "name" else [])]
		filters = {"name": ("in", of_type)}
		accounts = frappe.get_all(doctype, filters=filters, fields=fields, limit_page_length=0, order_by=None)
		found |= {(doctype, cstr(each.name)): cstr(each.get(title) or each.name) for each in accounts}
	return found
