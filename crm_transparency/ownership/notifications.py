"""Telling people what happened to their accounts: at once, in the app and, as each user chooses, by mail."""

import frappe
from frappe import _
from frappe.desk.doctype.notification_log.notification_log import enqueue_create_notification
from frappe.utils import get_fullname

from crm_transparency.crm_transparency import registry
from crm_transparency.ledger.entries import LedgerEntry
from crm_transparency.ownership.sources import ACCOUNT_TRANSFER

LEDGER = "Account Owner Change"


def tell_previous_owner(entry: LedgerEntry) -> None:
	"""Let the previous owner know of a takeover as soon as it is committed; transfers tell people in one summary."""
	if entry.kind != "Taken Over" or entry.source == ACCOUNT_TRANSFER:
		return
	if not frappe.get_cached_value(registry.SETTINGS, registry.SETTINGS, "notify_of_takeovers"):
		return
	frappe.enqueue(send_takeover_notice, entry=entry.name, queue="short", enqueue_after_commit=True)


def send_takeover_notice(entry: str) -> None:
	"""Write the notice of the takeover that the ledger entry `entry` records, in its reader's language.

	It is of Frappe's type Assignment: whether it also comes by mail is up to that switch of the reader's notification
	settings.
	"""
	change = frappe.get_doc(LEDGER, entry)
	reader_language = frappe.db.get_value("User", change.previous_owner, "language")
	subject = _("{0} is now the account owner of {1}, which was with you", lang=reader_language).format(
		f"<strong>{frappe.utils.escape_html(get_fullname(change.new_owner))}</strong>",
		f"<strong>{frappe.utils.escape_html(change.account_title)}</strong>",
	)
	enqueue_create_notification(
		change.previous_owner,
		{
			"type": "Assignment",
			"document_type": change.reference_doctype,
			"document_name": change.reference_name,
			"subject": subject,
			"from_user": change.changed_by,
		},
	)
