"""Account owner changes: noticed at every save and written to the ledger in the same transaction.

Where a change came from, read from the request, job and flags that surround it.

Telling people what happened to their accounts: at once, in the app and, as each user chooses, by mail.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import frappe
from frappe import _
from frappe.desk.doctype.notification_log.notification_log import make_notification_logs
from frappe.model.document import Document
from frappe.utils import cstr, escape_html, get_fullname, get_url_to_form, now_datetime

from crm_transparency.crm_transparency import formatting, mail, registry
from crm_transparency.crm_transparency.mail import MailSwitch
from crm_transparency.crm_transparency.staff import current_actor
from crm_transparency.ledger import entries, names
from crm_transparency.ledger.entries import LedgerEntry
from crm_transparency.ownership.ownership_visibility import LEDGER

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
	tell_previous_owner(entry)
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
	description="Mail me when a colleague makes themselves the owner of an account that was with me",
)


def tell_previous_owner(entry: LedgerEntry) -> None:
	"""Let the previous owner know of a takeover as soon as it is committed; transfers tell people in one summary."""
	if entry.kind != "Taken Over" or entry.source == ACCOUNT_TRANSFER:
		return
	if not frappe.get_cached_value(registry.SETTINGS, registry.SETTINGS, "notify_of_takeovers"):
		return
	frappe.enqueue(send_takeover_notice, entry=entry.name, queue="short", enqueue_after_commit=True)


def send_takeover_notice(entry: str) -> None:
	"""Tell the previous owner of the takeover that the ledger entry `entry` records, in the reader's language.

	In the app the notice is of Frappe's type Alert, which Frappe doesn't mail: the mail has a switch of its own.
	"""
	change = frappe.get_doc(LEDGER, entry)
	reader = change.previous_owner
	language = formatting.language_of(reader)
	subject = _("{0} is now the account owner of {1}, which was with you", lang=language).format(
		f"<strong>{escape_html(get_fullname(change.new_owner))}</strong>",
		f"<strong>{escape_html(change.account_title)}</strong>",
	)
	notice = {
		"type": "Alert",
		"document_type": change.reference_doctype,
		"document_name": change.reference_name,
		"subject": subject,
		"from_user": change.changed_by,
	}
	make_notification_logs(frappe._dict(notice), [reader])
	if mail.wants_mail(reader, SWITCH.fieldname):
		send_mail(reader, language, subject, change)


def send_mail(reader: str, language: str, subject: str, change: LedgerEntry) -> None:
	mail.send_to_user(
		reader,
		subject,
		header=[_("An account that was with you", lang=language), "orange"],
		link=get_url_to_form(change.reference_doctype, change.reference_name),
	)
