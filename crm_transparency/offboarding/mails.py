"""Mails of an offboarding: what was sent once is never sent again.

The record of a mail, whose name is made of what the mail is, and the mail in Frappe's queue are written in one
transaction. A second record of the same name can't be, in whatever process: so there is no second mail.
"""

import hashlib

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import now_datetime

from crm_transparency.crm_transparency import mailing
from crm_transparency.crm_transparency.exceptions import NoOutgoingMail
from crm_transparency.offboarding.exceptions import MailNotSent, StepNotPossible
from crm_transparency.offboarding.words import MAIL

SAVEPOINT = "offboarding_mail"


def was_sent(offboarding: str, kind: str) -> bool:
	return bool(frappe.db.exists(MAIL, name_of(offboarding, kind)))


def name_of(offboarding: str, kind: str) -> str:
	return hashlib.sha256(f"{offboarding}\n{kind}".encode()).hexdigest()[:32]


def send_once(
	offboarding: Document,
	kind: str,
	recipients: list[str],
	subject: str,
	message: str,
	attachments: list[dict] | None = None,
	**options,
) -> bool:
	"""Queue a mail, unless one of this kind was queued for the offboarding before; say whether it was queued now.

	`kind` is what must not be sent twice, for instance "invitation" or "introduction Customer/Harbour Books". Further
	options go to `frappe.sendmail`. Raises StepNotPossible without a recipient, and MailNotSent if the site can't send
	mails: then it can be sent later.
	"""
	recipients = [recipient for recipient in recipients if recipient]
	if not recipients:
		frappe.throw(
			_("There is no mail address to write to. Please add one and try again."), exc=StepNotPossible
		)
	record = claim(offboarding, kind, recipients, subject)
	if record is None:
		return False
	try:
		queued = mailing.queue(
			recipients=recipients,
			subject=subject,
			message=message,
			attachments=attachments,
			delayed=True,
			add_unsubscribe_link=0,
			**options,
		)
	except NoOutgoingMail as reason:
		give_up_claim()
		frappe.throw(_("The mail wasn't sent. {0}").format(reason), exc=MailNotSent)
	if queued:
		record.db_set("email_queue", queued.name)
	return True


def try_to_send_once(*mail, **options) -> bool:
	"""Do as `send_once` for a mail that isn't what is being done; return False if it can't be sent."""
	messages = len(frappe.local.message_log)
	try:
		send_once(*mail, **options)
	except (MailNotSent, StepNotPossible):
		del frappe.local.message_log[messages:]
		return False
	return True


def claim(offboarding: Document, kind: str, recipients: list[str], subject: str) -> Document | None:
	"""Write the record of a mail that is about to be queued; None if there is one already."""
	frappe.db.savepoint(SAVEPOINT)
	record = frappe.get_doc(
		doctype=MAIL,
		offboarding=offboarding.name,
		kind=kind,
		recipient=", ".join(recipients)[:140],
		subject=subject[:140],
		sent_on=now_datetime(),
		sent_by=frappe.session.user,
	)
	try:
		return record.insert(ignore_permissions=True, set_name=name_of(offboarding.name, kind))
	except (frappe.DuplicateEntryError, frappe.UniqueValidationError):
		give_up_claim()
		frappe.clear_last_message()
		return None


def give_up_claim() -> None:
	"""Go back to before the record was written. Frappe then forgets, too, that the transaction wrote anything before."""
	writes = frappe.db.transaction_writes
	frappe.db.rollback(save_point=SAVEPOINT)
	frappe.db.transaction_writes = writes
