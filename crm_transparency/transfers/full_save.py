"""Mode Full Save: every account is loaded and saved, so that the hooks of all apps run."""

import frappe
from frappe import _
from frappe.utils import cstr, strip_html

from crm_transparency.crm_transparency.bulk import is_one_of
from crm_transparency.crm_transparency.jobs import is_interruption
from crm_transparency.crm_transparency.savepoints import release, roll_back_to
from crm_transparency.transfers.chunks import Chunk
from crm_transparency.transfers.exceptions import HandedBack

FOLLOW = "Document Follow"
SAVEPOINT = "crm_transparency_account"
CHUNK_SAVEPOINT = "crm_transparency_chunk"


def move(chunk: Chunk) -> dict[str, str]:
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
			failed[move.item] = reason(error)
		finally:
			frappe.clear_messages()
	follow_only(chunk, followed_before)
	if not release(CHUNK_SAVEPOINT):
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
		frappe.throw(_("Something that runs when the account is saved set another owner."), exc=HandedBack)
	release(SAVEPOINT)


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
	sentence = _("Something that ran while an account was saved undid the change. Please try again.")
	return {move.item: sentence for move in chunk.moves if (owners.get(move.account) or None) != move.after}


def reason(error: Exception) -> str:
	return strip_html(cstr(error)).strip() or type(error).__name__


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
