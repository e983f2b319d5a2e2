"""Mode Fast: accounts change hands by a few statements for all of a chunk. Hooks of other apps don't run.

What is left behind is what saving each document would have left: the owner, who changed it when, the ledger entry and
the Version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import frappe
from frappe.query_builder.functions import Coalesce, Concat, Substring
from frappe.utils import now
from pypika.functions import NullIf
from pypika.queries import QueryBuilder, Table
from pypika.terms import Term

from crm_transparency.crm_transparency.actor import current_actor
from crm_transparency.ledger.entries import new_name
from crm_transparency.ownership.changes import LEDGER, kind_of_change
from crm_transparency.ownership.sources import current_account_transfer, current_source
from crm_transparency.ownership.transfers import versions
from crm_transparency.ownership.transfers.accounts import columns_of
from crm_transparency.ownership.transfers.bulk import Constant, choose, inserted, is_one_of
from crm_transparency.ownership.transfers.words import ITEM

if TYPE_CHECKING:
	from crm_transparency.ownership.transfers.moving import Chunk

# an item's name is the time in 16 digits and its number in 8
DIGITS_OF_TIME = 16


def move(chunk: Chunk) -> dict[str, str]:
	"""Move the chunk's accounts, which are locked; return what failed, by item: nothing."""
	write_ledger(chunk)
	write_versions(chunk)
	change_owners(chunk)
	frappe.db.after_commit.add(lambda: forget_cached(chunk))
	return {}


def change_owners(chunk: Chunk) -> None:
	accounts: dict[str | None, list[str]] = {}
	for move in chunk.moves:
		accounts.setdefault(move.after, []).append(move.account)
	table = frappe.qb.DocType(chunk.doctype)
	(
		frappe.qb.update(table)
		.set(table[chunk.owner_field], choose(table.name, accounts))
		.set(table.modified, now())
		.set(table.modified_by, frappe.session.user)
		.where(is_one_of(table.name, [move.account for move in chunk.moves]))
		.run()
	)


def write_ledger(chunk: Chunk) -> None:
	"""Add the same entries that `changes.record` adds when a document is saved."""
	item, account = frappe.qb.DocType(ITEM), frappe.qb.DocType(chunk.doctype)
	actor, moment = current_actor(), now()
	kinds: dict[str, list[str]] = {}
	for move in chunk.moves:
		kinds.setdefault(kind_of_change(move.before, move.after, actor.user), []).append(move.item)
	insert_for_items(
		LEDGER,
		chunk,
		item,
		account,
		{
			"reference_doctype": item.reference_doctype,
			"reference_name": item.reference_name,
			"account_title": title(chunk.doctype, account),
			"owner_field": Constant(chunk.owner_field),
			"previous_owner": item[chunk.direction.before],
			"new_owner": item[chunk.direction.after],
			"changed_by": Constant(actor.user),
			"impersonated_by": Constant(actor.impersonated_by),
			"changed_on": Constant(moment),
			"kind": choose(item.name, kinds),
			"source": Constant(current_source()),
			"account_transfer": Constant(current_account_transfer()),
		},
	)


def title(doctype: str, account: Table) -> Term:
	"""Return the expression for what people call the account; the same as `changes.title_of` says."""
	column = columns_of(doctype).title
	name = Coalesce(NullIf(account[column], ""), account.name) if column else account.name
	return Substring(name, 1, frappe.db.VARCHAR_LEN)


def write_versions(chunk: Chunk) -> None:
	if not versions.are_kept(chunk.doctype):
		return
	item, account = frappe.qb.DocType(ITEM), frappe.qb.DocType(chunk.doctype)
	changes: dict[tuple[str | None, str | None], list[str]] = {}
	for move in chunk.moves:
		changes.setdefault((move.before, move.after), []).append(move.item)
	data = {
		versions.data_of(chunk.doctype, chunk.owner_field, before, after): items
		for (before, after), items in changes.items()
	}
	insert_for_items(
		"Version",
		chunk,
		item,
		account,
		{
			"ref_doctype": item.reference_doctype,
			"docname": item.reference_name,
			"data": choose(item.name, data),
		},
	)


def insert_for_items(
	doctype: str, chunk: Chunk, item: Table, account: Table, columns: dict[str, Term]
) -> None:
	"""Insert one row for each of the chunk's items, from expressions over the item and its account."""
	columns = {
		"name": Concat(new_name()[:DIGITS_OF_TIME], Substring(item.name, DIGITS_OF_TIME + 1, 8)),
		**{column: Constant(value) for column, value in inserted(frappe.session.user, now()).items()},
		**columns,
	}
	query: QueryBuilder = (
		frappe.qb.into(frappe.qb.DocType(doctype))
		.columns(*columns)
		.from_(item)
		.inner_join(account)
		.on(account.name == item.reference_name)
		.select(*columns.values())
		.where(is_one_of(item.name, [move.item for move in chunk.moves]))
		.where(is_one_of(account.name, [move.account for move in chunk.moves]))
	)
	query.run()


def forget_cached(chunk: Chunk) -> None:
	"""Forget the documents that Frappe keeps in its cache."""
	frappe.cache.delete_value(
		[frappe.get_document_cache_key(chunk.doctype, move.account) for move in chunk.moves]
	)
