"""Mode Fast: accounts change hands by a few statements for all of a chunk. Hooks of other apps don't run.

What is left behind is what saving each document would have left: the owner, who changed it when, the ledger entry and
the Version.
"""

import frappe
from frappe.query_builder.functions import Coalesce, Concat, Substring
from frappe.utils import now
from pypika.functions import NullIf
from pypika.queries import Table
from pypika.terms import Term

from crm_transparency.crm_transparency.actor import current_actor
from crm_transparency.crm_transparency.bulk import Constant, choose, inserted, is_one_of
from crm_transparency.ledger.entries import new_name
from crm_transparency.ownership.changes import LEDGER, kind_of_change
from crm_transparency.ownership.sources import current_account_transfer, current_source
from crm_transparency.transfers import versions
from crm_transparency.transfers.accounts import columns_of
from crm_transparency.transfers.chunks import Chunk, items_table

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
		.where(is_one_of(table.name, chunk.accounts()))
		.run()
	)


def write_ledger(chunk: Chunk) -> None:
	"""Add the same entries that `changes.record` adds when a document is saved."""
	item, account = items_table(), frappe.qb.DocType(chunk.doctype)
	actor = current_actor()
	kinds: dict[str, list[str]] = {}
	for move in chunk.moves:
		kinds.setdefault(kind_of_change(move.before, move.after, actor.user), []).append(move.item)
	columns = {
		"reference_doctype": Constant(chunk.doctype),
		"reference_name": item.reference_name,
		"account_title": title(chunk.doctype, account),
		"owner_field": Constant(chunk.owner_field),
		"previous_owner": item[chunk.direction.before],
		"new_owner": item[chunk.direction.after],
		"changed_by": Constant(actor.user),
		"impersonated_by": Constant(actor.impersonated_by),
		"changed_on": Constant(now()),
		"kind": choose(item.name, kinds),
		"source": Constant(current_source()),
		"account_transfer": Constant(current_account_transfer()),
	}
	insert_for_items(LEDGER, chunk, columns, account)


def title(doctype: str, account: Table) -> Term:
	"""Return the expression for what people call the account; the same as `changes.title_of` says."""
	column = columns_of(doctype).title
	name = Coalesce(NullIf(account[column], ""), account.name) if column else account.name
	return Substring(name, 1, frappe.db.VARCHAR_LEN)


def write_versions(chunk: Chunk) -> None:
	if not versions.are_kept(chunk.doctype):
		return
	changes: dict[tuple[str | None, str | None], list[str]] = {}
	for move in chunk.moves:
		changes.setdefault((move.before, move.after), []).append(move.item)
	data = {
		versions.data_of(chunk.doctype, chunk.owner_field, before, after): items
		for (before, after), items in changes.items()
	}
	item = items_table()
	columns = {
		"ref_doctype": Constant(chunk.doctype),
		"docname": item.reference_name,
		"data": choose(item.name, data),
	}
	insert_for_items("Version", chunk, columns)


def insert_for_items(
	doctype: str, chunk: Chunk, columns: dict[str, Term], account: Table | None = None
) -> None:
	"""Insert one row for each of the chunk's items, from expressions over the item and, if given, its account."""
	item = items_table()
	columns = {
		"name": Concat(new_name()[:DIGITS_OF_TIME], Substring(item.name, DIGITS_OF_TIME + 1, 8)),
		**{column: Constant(value) for column, value in inserted(frappe.session.user, now()).items()},
		**columns,
	}
	query = frappe.qb.into(frappe.qb.DocType(doctype)).columns(*columns).from_(item)
	if account is not None:
		query = query.inner_join(account).on(account.name == item.reference_name)
		if frappe.get_meta(chunk.doctype).autoname == "autoincrement":
			# where names are numbers, comparing them with text would go through all accounts
			query = query.where(is_one_of(account.name, chunk.accounts()))
	query.select(*columns.values()).where(chunk.has(item)).run()


def forget_cached(chunk: Chunk) -> None:
	"""Forget the documents that Frappe keeps in its cache."""
	frappe.cache.delete_value(
		[frappe.get_document_cache_key(chunk.doctype, move.account) for move in chunk.moves]
	)
