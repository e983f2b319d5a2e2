"""Account owner changes: noticed at every save and written to the ledger in the same transaction."""

import frappe
from frappe.model.document import Document
from frappe.utils import cstr, now_datetime

from crm_transparency.crm_transparency import registry
from crm_transparency.crm_transparency.actor import current_actor
from crm_transparency.ledger import entries, names
from crm_transparency.ownership import notifications
from crm_transparency.ownership.permissions import LEDGER
from crm_transparency.ownership.sources import current_account_transfer, current_source

DELETED = "The account was deleted."  # translated when it's shown, not when it's written
RECORDED_CHANGE = "crm_transparency_recorded_change"


def record(doc: Document) -> entries.LedgerEntry | None:
	"""Write the ledger entry for a change of `doc`'s account owner, if there was one.

	Runs in the saving transaction: the change and its record are committed together or not at all.
	"""
	owner_field = registry.owner_field(doc.doctype)
	if not owner_field:
		return None
	previous_owner, new_owner = before_and_after(doc, owner_field)
	if previous_owner == new_owner:
		return None
	entry = _add_entry(doc, owner_field, previous_owner, new_owner)
	for image in (doc, _image_before(doc)):
		image.flags[RECORDED_CHANGE] = entry
	notifications.tell_previous_owner(entry)
	return entry


def record_deletion(doc: Document) -> entries.LedgerEntry | None:
	"""Write down that an account was deleted, and that whoever had it has it no longer.

	Its earlier entries stay as they are. Merging deletes an account too, but its history goes on in the other one.
	"""
	owner_field = registry.owner_field(doc.doctype)
	if not owner_field or names.was_merged(doc.doctype, doc.name, since=doc.creation):
		return None
	account_owner = doc.get(owner_field)
	entry = account_owner and _add_deletion(doc, owner_field, account_owner)
	names.record_end(doc.doctype, doc.name)
	return entry or None


def _add_deletion(doc: Document, owner_field: str, account_owner: str) -> entries.LedgerEntry:
	return _add_entry(doc, owner_field, account_owner, None, reason=DELETED)


def record_new_name(doc: Document, old: str, new: str, merged: bool) -> entries.LedgerEntry | None:
	"""Write down that an account or a user got a new name or was merged, so that earlier entries are still found."""
	if doc.doctype != "User" and not registry.is_tracked(doc.doctype):
		return None
	return names.record(doc.doctype, old, new, merged)


def _add_entry(
	doc: Document,
	owner_field: str,
	previous_owner: str | None,
	new_owner: str | None,
	reason: str | None = None,
) -> entries.LedgerEntry:
	actor = current_actor()
	return entries.add(
		LEDGER,
		reference_doctype=doc.doctype,
		reference_name=doc.name,
		account_title=title_of(doc),
		owner_field=owner_field,
		previous_owner=previous_owner,
		new_owner=new_owner,
		changed_by=actor.user,
		impersonated_by=actor.impersonated_by,
		changed_on=now_datetime(),
		kind=kind_of_change(previous_owner, new_owner, actor.user),
		source=current_source(),
		account_transfer=current_account_transfer(),
		reason=reason,
	)


def before_and_after(doc: Document, owner_field: str) -> tuple[str | None, str | None]:
	"""Return the account owner before and after what is being saved; None where there was or is none.

	`on_change` can run several times for one save: other apps call `db_set` from their own hooks. So what an entry was
	already written for counts as the state before, unless that entry was rolled back since.
	"""
	new_owner = doc.get(owner_field) or None
	before = _image_before(doc)
	if before is None:
		return new_owner, new_owner
	recorded = before.flags.get(RECORDED_CHANGE)
	if recorded and frappe.db.exists(LEDGER, recorded.name):
		return recorded.new_owner, new_owner
	return (None if before is doc else before.get(owner_field) or None), new_owner


def kind_of_change(previous_owner: str | None, new_owner: str | None, changed_by: str | None) -> str:
	"""Name the kind of a change from who had the account, who gets it, and who did it, None if nobody knows."""
	if not previous_owner:
		return "Assigned"
	if not new_owner:
		return "Released"
	if changed_by == new_owner:
		return "Taken Over"
	if changed_by == previous_owner:
		return "Handed Over"
	return "Reassigned"


def title_of(doc: Document) -> str:
	"""Return what people call the account, as the ledger keeps it."""
	fieldname = registry.title_field(doc.doctype)
	return as_title(doc.get(fieldname) if fieldname else None, doc.name)


def as_title(title: str | None, name: str | int) -> str:
	"""Return an account's title as the ledger keeps it: its name where it has none, cut to what its field holds."""
	return cstr(title or name)[: frappe.db.VARCHAR_LEN]


def _image_before(doc: Document) -> Document | None:
	"""Return what stands for the state before: a document that is being inserted stands for itself.

	None for a document about to be deleted: Frappe runs `on_change` for it too, without loading what was before.
	"""
	return doc if doc.flags.in_insert else doc.get_doc_before_save()
