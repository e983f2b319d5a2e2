"""Account owner changes: noticed at every save and written to the ledger in the same transaction.

Where a change came from, read from the request, job and flags that surround it.

Telling people what happened to their accounts: at once, in the app and, as each user chooses, by mail.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import (
	add_days,
	cint,
	cstr,
	escape_html,
	get_datetime,
	get_fullname,
	get_url_to_form,
	now_datetime,
)

from crm_transparency.crm_transparency import formatting, mail, registry
from crm_transparency.crm_transparency.mail import MailSwitch
from crm_transparency.crm_transparency.staff import current_actor
from crm_transparency.ledger import entries, names
from crm_transparency.ledger.entries import LedgerEntry
from crm_transparency.ownership import account_history
from crm_transparency.ownership.ownership_visibility import LEDGER

# translated when they're shown, not when they're written
DELETED = "The account was deleted."
MERGED = "Another account was merged into this one."
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
	former = (
		deleted_account(doc) if doc.flags.in_insert else account_history.newest_changes(doc.doctype, doc.name)
	)
	entry = _add_entry(doc, owner_field, previous_owner, new_owner, former)
	for image in (doc, _image_before(doc)):
		image.flags[RECORDED_CHANGE] = entry
	tell_previous_owner(entry)
	return entry


def record_deletion(doc: Document) -> entries.LedgerEntry | None:
	"""Write down that an account was deleted, and that whoever had it has it no longer; or that a user was deleted.

	Its earlier entries stay as they are. Merging deletes an account too, but its history goes on in the other one.
	"""
	owner_field = registry.owner_field(doc.doctype)
	is_user = doc.doctype == "User"
	if not (owner_field or is_user) or names.was_merged(doc.doctype, doc.name, since=doc.creation):
		return None
	if is_user:
		return names.record_end("User", doc.name, doc.full_name)
	account_owner = doc.get(owner_field)
	entry = None
	if account_owner:
		entry = _add_entry(doc, owner_field, account_owner, None, reason=DELETED)
		tell_previous_owner(entry)
	names.record_end(doc.doctype, doc.name, title_of(doc))
	return entry


def record_new_name(doc: Document, old: str, new: str, merged: bool) -> entries.LedgerEntry | None:
	"""Write down that an account or a user got a new name or was merged, so that earlier entries are still found."""
	owner_field = registry.owner_field(doc.doctype)
	if not owner_field:
		return names.record(doc.doctype, old, new, merged) if doc.doctype == "User" else None
	former = account_history.newest_changes(doc.doctype, old) if merged else []
	entry = names.record(doc.doctype, old, new, merged)
	if merged:
		_record_merging(doc, owner_field, frappe.db.get_value(doc.doctype, old, owner_field), former)
	return entry


def _record_merging(
	doc: Document, owner_field: str, merged_owner: str | None, former: list[frappe._dict]
) -> None:
	"""Write down that the owner of an account that was merged into `doc` lost it to the owner of `doc`."""
	owner = doc.get(owner_field) or None
	merged_owner = merged_owner or None
	if merged_owner == owner:
		return
	if merged_owner or taken_from(former, None, owner, current_actor().user):
		tell_previous_owner(_add_entry(doc, owner_field, merged_owner, owner, former, reason=MERGED))


def _add_entry(
	doc: Document,
	owner_field: str,
	previous_owner: str | None,
	new_owner: str | None,
	former: Iterable[frappe._dict] = (),
	reason: str | None = None,
) -> entries.LedgerEntry:
	"""Add an entry; `former` are earlier changes of the account that tell whom it was taken from, newest first."""
	actor = current_actor()
	source = current_source()
	return entries.add(
		LEDGER,
		reference_doctype=doc.doctype,
		reference_name=doc.name,
		account_title=title_of(doc),
		owner_field=owner_field,
		previous_owner=previous_owner,
		new_owner=new_owner,
		taken_from=taken_from(former, previous_owner, new_owner, actor.user, source),
		changed_by=actor.user,
		impersonated_by=actor.impersonated_by,
		changed_on=now_datetime(),
		kind=kind_of_change(previous_owner, new_owner, actor.user),
		source=source,
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


def taken_from(
	former: Iterable[frappe._dict],
	previous_owner: str | None,
	new_owner: str | None,
	changed_by: str,
	source: str | None = None,
) -> str | None:
	"""Return whom the new owner really takes an account from, None if from the previous owner or from nobody.

	That is who had it in the last days (a setting) and didn't give it away, if the new owner takes it now, or took it
	away before: by emptying the field, or by letting somebody else have it for a moment. `former` are the account's
	earlier changes, newest first.
	"""
	if source == ACCOUNT_TRANSFER or not new_owner:
		return None
	owner, on_a_detour = _rightful_owner(list(former), new_owner)
	if owner in (None, new_owner, previous_owner, changed_by):
		return None
	return owner if changed_by == new_owner or on_a_detour else None


def _rightful_owner(former: list[frappe._dict], taker: str) -> tuple[str | None, bool]:
	"""Return who had an account and didn't give it away, and whether `taker` took it from them, but not for themselves."""
	days = cint(frappe.get_cached_value(registry.SETTINGS, registry.SETTINGS, "taken_from_days"))
	since = add_days(now_datetime(), -days)
	recent = [change for change in former if get_datetime(change.changed_on) > since]
	if not recent:
		return (former[0].new_owner if former and days else None), False
	owner, on_a_detour = None, False
	for number, (before, after, changed_by) in enumerate(_people_of(recent)):
		owner = owner if number else before
		takes_away, hands_on = changed_by == taker != after, changed_by == before != owner
		is_decided = recent[-1 - number].source == ACCOUNT_TRANSFER or changed_by == owner
		if not is_decided and (takes_away or hands_on or not after):
			on_a_detour = (on_a_detour or takes_away) and after != owner
		else:
			owner, on_a_detour = after, False
	return owner, on_a_detour


def _people_of(changes: list[frappe._dict]) -> list[list[str | None]]:
	"""Return previous owner, new owner and who made each change, oldest first, by the names they have today."""
	fields = ("previous_owner", "new_owner", "changed_by")
	today = names.people((change[field], change.changed_on) for change in changes for field in fields)
	return [
		[today.get((change[field], change.changed_on)) for field in fields] for change in reversed(changes)
	]


def deleted_account(doc: Document) -> list[frappe._dict]:
	"""Return the changes, newest first, of an account of the same title as the new `doc` that was deleted lately."""
	ended = frappe.get_all(
		names.LEDGER,
		filters={"title": title_of(doc), "reference_doctype": doc.doctype},
		fields=["old_name", "changed_on"],
		order_by="name desc",
		limit=1,
	)
	return (
		account_history.newest_changes(doc.doctype, ended[0].old_name, until=ended[0].changed_on)
		if ended
		else []
	)


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


FORM = "Form"
API = "API"
DATA_IMPORT = "Data Import"
BULK_EDIT = "Bulk Edit"
ACCOUNT_TRANSFER = "Account Transfer"
BACKGROUND_JOB = "Background Job"
UNTRACKED = "Untracked"

ACCOUNT_TRANSFER_FLAG = "crm_transparency_account_transfer"

BULK_UPDATE = "frappe.desk.doctype.bulk_update.bulk_update"
# the command behind a list's Edit action, and the job that it queues for more than a handful of documents
BULK_EDIT_ENTRY_POINTS = {f"{BULK_UPDATE}.submit_cancel_or_update_docs", f"{BULK_UPDATE}._bulk_action"}
SAVING_A_FORM = "frappe.desk.form.save.savedocs"


def current_source() -> str:
	"""Name what is saving right now, as Account Owner Change's `source` words it.

	Whatever runs without a request, in a worker, the scheduler or a console, is a Background Job.
	"""
	if current_account_transfer():
		return ACCOUNT_TRANSFER
	if frappe.flags.in_import:
		return DATA_IMPORT
	job = getattr(frappe.local, "job", None)
	if job:
		return BULK_EDIT if job.method in BULK_EDIT_ENTRY_POINTS else BACKGROUND_JOB
	if not getattr(frappe.local, "request", None):
		return BACKGROUND_JOB
	if _is_bulk_edit():
		return BULK_EDIT
	return FORM if _came_from_the_desk() else API


def current_account_transfer() -> str | None:
	"""Return the name of the Account Transfer that is saving right now, or None."""
	return frappe.flags.get(ACCOUNT_TRANSFER_FLAG)


@contextmanager
def account_transfer(name: str) -> Iterator[None]:
	"""Let everything saved within the block count as done by the Account Transfer `name`."""
	frappe.flags[ACCOUNT_TRANSFER_FLAG] = name
	try:
		yield
	finally:
		frappe.flags.pop(ACCOUNT_TRANSFER_FLAG, None)


def _is_bulk_edit() -> bool:
	form = frappe.form_dict
	if form.cmd in BULK_EDIT_ENTRY_POINTS:
		return True
	# the Bulk Update tool calls its document's method of the same name
	return (form.cmd or "").endswith("run_doc_method") and form.method == "bulk_update"


def _came_from_the_desk() -> bool:
	"""Return whether a person clicked: a saved form, or any other request of the Desk, which names its command in a header."""
	return frappe.form_dict.cmd == SAVING_A_FORM or bool(frappe.get_request_header("X-Frappe-CMD"))


SWITCH = MailSwitch(
	fieldname="enable_email_takeover",
	label="Takeovers of my accounts",
	description="Mail me when a colleague takes over, releases or deletes an account that was with me",
)


def tell_previous_owner(entry: LedgerEntry) -> None:
	"""Let whoever lost an account know as soon as it is committed; transfers tell people in one summary."""
	if entry.source == ACCOUNT_TRANSFER or not who_lost_it(entry):
		return
	if not frappe.get_cached_value(registry.SETTINGS, registry.SETTINGS, "notify_of_takeovers"):
		return
	frappe.enqueue(send_takeover_notice, entry=entry.name, queue="short", enqueue_after_commit=True)


def send_takeover_notice(entry: str) -> None:
	"""Tell whoever lost the account of the change that the ledger entry `entry` records, in the reader's language.

	In the app the notice is of Frappe's type Alert, which Frappe doesn't mail: the mail has a switch of its own.
	"""
	change = frappe.get_doc(LEDGER, entry)
	is_deleted = change.reason == DELETED
	document = (LEDGER, change.name) if is_deleted else (change.reference_doctype, change.reference_name)
	for reader in who_lost_it(change):
		language = formatting.language_of(reader)
		subject = _what_happened(change, language).format(
			*(
				f"<strong>{escape_html(text)}</strong>"
				for text in (get_fullname(change.new_owner or change.changed_by), change.account_title)
			)
		)
		mail.notify(reader, subject, document, from_user=change.changed_by)
		if mail.wants_mail(reader, SWITCH.fieldname):
			header = [_("An account that was with you", lang=language), "orange"]
			mail.send_to_user(reader, subject, header=header, link=get_url_to_form(*document))


def who_lost_it(change: LedgerEntry) -> list[str]:
	"""Return whom a change took an account from: by a takeover, or by somebody who released or deleted it."""
	is_taken = change.kind == "Taken Over" or (change.kind == "Released" and change.changed_by)
	losers = [is_taken and change.previous_owner, change.taken_from]
	return list(dict.fromkeys(user for user in losers if user and user != change.changed_by))


def _what_happened(change: LedgerEntry, language: str) -> str:
	if change.new_owner:
		return _("{0} is now the account owner of {1}, which was with you", lang=language)
	if change.reason == DELETED:
		return _("{0} deleted {1}, which was with you", lang=language)
	return _("{0} released {1}, which was with you: it has no account owner now", lang=language)
