"""Mode Fast: accounts change hands by a few statements for all of a chunk. Hooks of other apps don't run.

What is left behind is what saving each document would have left: the owner, who changed it when, the ledger entry and
the Version.

Mode Full Save: every account is loaded and saved, so that the hooks of all apps run.

Version documents for set-based changes: the same that Frappe writes when a document is saved.
"""

from collections.abc import Iterable
from functools import cache, partial

import frappe
from frappe import _
from frappe.core.doctype.version.version import Version, get_diff
from frappe.query_builder.functions import Coalesce, Concat, Substring
from frappe.utils import cstr, now, strip_html
from pypika.functions import NullIf
from pypika.queries import Table
from pypika.terms import Term

from crm_transparency.crm_transparency.database import (
	Constant,
	choose,
	insert_rows,
	inserted,
	is_one_of,
	release_savepoint,
	roll_back_to,
)
from crm_transparency.crm_transparency.jobs import is_interruption
from crm_transparency.crm_transparency.staff import current_actor
from crm_transparency.ledger.entries import new_name, utc_offset
from crm_transparency.ownership.changes import (
	LEDGER,
	current_account_transfer,
	current_source,
	kind_of_change,
)
from crm_transparency.transfers.chosen_accounts import columns_of
from crm_transparency.transfers.chunks import Chunk, items_table
from crm_transparency.transfers.exceptions import HandedBack

# an item's name is the time in 16 digits and its number in 8
DIGITS_OF_TIME = 16


def move_fast(chunk: Chunk) -> dict[str, str]:
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
		"utc_offset": Constant(utc_offset()),
	}
	insert_for_items(LEDGER, chunk, columns, account)


def title(doctype: str, account: Table) -> Term:
	"""Return the expression for what people call the account; the same as `changes.title_of` says."""
	column = columns_of(doctype).title
	name = Coalesce(NullIf(account[column], ""), account.name) if column else account.name
	return Substring(name, 1, frappe.db.VARCHAR_LEN)


def write_versions(chunk: Chunk) -> None:
	if not are_kept(chunk.doctype):
		return
	changes: dict[tuple[str | None, str | None], list[str]] = {}
	for move in chunk.moves:
		changes.setdefault((move.before, move.after), []).append(move.item)
	data = {
		data_of(chunk.doctype, chunk.owner_field, before, after): items
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


FOLLOW = "Document Follow"
SAVEPOINT = "crm_transparency_account"
CHUNK_SAVEPOINT = "crm_transparency_chunk"


def move_with_full_save(chunk: Chunk) -> dict[str, str]:
	"""Save each account with its new owner; return the reasons of those that couldn't be saved, by item."""
	frappe.db.savepoint(CHUNK_SAVEPOINT)
	followed_before = followed_by_us(chunk)
	failed = {}
	for move in chunk.moves:
		try:
			save(chunk, move.account, move.after)
		except Exception as error:
			if is_interruption(error):
				raise
			roll_back_to(SAVEPOINT)
			failed[move.item] = strip_html(cstr(error)).strip() or type(error).__name__
		finally:
			frappe.clear_messages()
	follow_only(chunk, followed_before)
	if not release_savepoint(CHUNK_SAVEPOINT):
		failed = undone_by_hooks(chunk) | failed
	return failed


def save(chunk: Chunk, account: str, owner: str | None) -> None:
	frappe.db.savepoint(SAVEPOINT)
	# everything is read with a lock, since the transaction may see others' changes no other way
	doc = frappe.get_doc(chunk.doctype, account, for_update=True)
	doc.set(chunk.owner_field, owner)
	doc.flags.ignore_permissions = True
	doc.save(ignore_version=False)
	if (doc.get(chunk.owner_field) or None) != owner:
		frappe.throw(_("Code that runs when the account is saved set another owner."), exc=HandedBack)
	release_savepoint(SAVEPOINT)


def undone_by_hooks(chunk: Chunk) -> dict[str, str]:
	"""Return the items whose accounts aren't with their new owners, after a hook ended the transaction on the way."""
	table = frappe.qb.DocType(chunk.doctype)
	owners = dict(
		frappe.qb.from_(table)
		.select(table.name, table[chunk.owner_field])
		.where(is_one_of(table.name, chunk.accounts()))
		.for_update()
		.run()
	)
	sentence = _("Code that ran while an account was saved undid the change. Please try again.")
	return {move.item: sentence for move in chunk.moves if (owners.get(move.account) or None) != move.after}


def followed_by_us(chunk: Chunk) -> set[str]:
	"""Return the names of the follows that the session's user has of the accounts."""
	follow = frappe.qb.DocType(FOLLOW)
	return set(
		frappe.qb.from_(follow)
		.select(follow.name)
		.where((follow.ref_doctype == chunk.doctype) & (follow.user == frappe.session.user))
		.where(is_one_of(follow.ref_docname, chunk.accounts()))
		.run(pluck=True)
	)


def follow_only(chunk: Chunk, follows: set[str]) -> None:
	"""Drop other follows: Frappe 15 lets people who want that follow what they saved, which doesn't mean this."""
	new = followed_by_us(chunk) - follows
	if new:
		frappe.db.delete(FOLLOW, {"name": ("in", list(new))})


def are_kept(doctype: str) -> bool:
	return bool(frappe.get_meta(doctype).track_changes)


def data_of(doctype: str, fieldname: str, before: str | None, after: str | None) -> str:
	"""Return what a Version says about the change of one field.

	Frappe's own comparison words it, of two documents that differ in nothing else: what it writes depends on the
	version of Frappe and on the field.
	"""
	old, new = frappe.new_doc(doctype), frappe.new_doc(doctype)
	old.set(fieldname, before)
	new.set(fieldname, after)
	diff = get_diff(old, new)
	Version.set_impersonator(diff)
	return frappe.as_json(diff, indent=None, separators=(",", ":"))


def add(doctype: str, fieldname: str, changes: Iterable[tuple[str, str | None, str | None]]) -> None:
	"""Write Versions for (name, before, after), if the DocType keeps any."""
	if not are_kept(doctype):
		return
	common = inserted(frappe.session.user, now())
	# few people, many documents
	data = cache(partial(data_of, doctype, fieldname))
	rows = [
		(new_name(), doctype, name, data(before, after), *common.values()) for name, before, after in changes
	]
	insert_rows("Version", ("name", "ref_doctype", "docname", "data", *common), rows)
