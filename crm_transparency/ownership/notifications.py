"""Telling people what happened to their accounts: at once, in the app and, as each user chooses, by mail."""

import frappe
from frappe import _
from frappe.desk.doctype.notification_log.notification_log import make_notification_logs
from frappe.utils import escape_html, get_fullname, get_url_to_form

from crm_transparency.crm_transparency import languages, mail, registry
from crm_transparency.crm_transparency.mail import MailSwitch
from crm_transparency.ledger.entries import LedgerEntry
from crm_transparency.ownership.permissions import LEDGER
from crm_transparency.ownership.sources import ACCOUNT_TRANSFER

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
	language = languages.of_user(reader)
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
