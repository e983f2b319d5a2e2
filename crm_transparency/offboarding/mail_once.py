"""Mails of an offboarding that are sent once.

The record of a mail, whose name is derived from what the mail is, and the mail in Frappe's queue are written in one
transaction. A second record of the same name can't be inserted, in whatever process: so there is no second mail.
"""

import hashlib

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cstr, now_datetime

from crm_transparency.crm_transparency import mail
from crm_transparency.crm_transparency.database import roll_back_to
from crm_transparency.crm_transparency.exceptions import MailNotQueued, NoOutgoingMail
from crm_transparency.offboarding.exceptions import MailNotSent, SiteSendsNoMails, StepNotPossible
from crm_transparency.offboarding.offboarding_records import MAIL

SAVEPOINT = "offboarding_mail"
QUEUE = "Email Queue"
QUEUED, DELIVERED, UNDELIVERED = "Queued", "Sent", "Failed"
#: what Frappe's queue calls a mail that was sent, or that it gave up; any other waits there
STATUS = {"Sent": DELIVERED, "Error": UNDELIVERED, "Expired": UNDELIVERED}
LONGEST_REASON = 140


def was_sent(offboarding: str, kind: str) -> bool:
	return bool(frappe.db.exists(MAIL, record_name(offboarding, kind)))


def record_name(offboarding: str, kind: str) -> str:
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
	"""Queue a mail, unless one of this kind was queued for the offboarding before; return whether it was queued now.

	`kind` is what must not be sent twice, for instance "invitation" or "introduction Customer/Harbour Books". Further
	options go to `frappe.sendmail`. Raises StepNotPossible without a recipient, and MailNotSent if it can't be queued,
	or SiteSendsNoMails if no mail can: then it can be sent later.
	"""
	recipients = [recipient for recipient in recipients if recipient]
	if not recipients:
		frappe.throw(_("There is no email address. Please add one and try again."), exc=StepNotPossible)
	record = claim(offboarding, kind, recipients, subject)
	if record is None:
		return False
	try:
		queued = mail.queue(
			recipients=recipients,
			subject=subject,
			message=message,
			attachments=attachments,
			delayed=True,
			add_unsubscribe_link=0,
			**options,
		)
		if not queued:
			raise MailNotQueued(
				_("Its recipient is in the list Email Unsubscribe, or the sender's address isn't valid.")
			)
	except MailNotQueued as reason:
		roll_back_to(SAVEPOINT)
		exc = SiteSendsNoMails if isinstance(reason, NoOutgoingMail) else MailNotSent
		frappe.throw(_("The email wasn't sent. {0}").format(cstr(reason)), exc=exc)
	record.db_set("email_queue", queued.name)
	return True


def try_to_send_once(*what, unless: tuple[type[Exception], ...] = (), **options) -> bool | None:
	"""Call `send_once` for a mail that is a side effect; return None if it can't be sent.

	`unless`: exceptions that are raised nevertheless.
	"""
	messages = len(frappe.local.message_log)
	try:
		return send_once(*what, **options)
	except unless:
		raise
	except (MailNotSent, StepNotPossible):
		del frappe.local.message_log[messages:]
		return None


def deliveries(offboarding: str, kind: str, **filters) -> list[frappe._dict]:
	"""Return the mails of a kind, in which `%` stands for anything, with what Frappe's queue says: status and error."""
	filters = {"offboarding": offboarding, "kind": ("like", kind), **filters}
	fields = ["name", "recipient", "status", "error", "email_queue"]
	found = frappe.get_all(
		MAIL, filters=filters, fields=fields, order_by="creation, kind", limit_page_length=0
	)
	return [frappe._dict(mail, **delivery(mail)) for mail in found]


def delivery(mail: frappe._dict) -> dict:
	"""Return status and error of a mail: of a mail that Frappe's queue doesn't have any more, as it was last seen."""
	queued = frappe.db.get_value(QUEUE, mail.email_queue, ["status", "error"], as_dict=True)
	if not queued:
		return {"status": mail.status or DELIVERED, "error": mail.error}
	lines = cstr(queued.error).strip().splitlines()
	status = STATUS.get(queued.status, QUEUED)
	return {"status": status, "error": lines[-1][:LONGEST_REASON] if lines and status != DELIVERED else None}


def not_delivered(offboarding: str, kind: str) -> list[str]:
	"""Return in sentences which mails of a kind are queued still, and which couldn't be sent, and why."""
	found = deliveries(offboarding, kind, status=("in", (QUEUED, UNDELIVERED)))
	queued = [mail for mail in found if mail.status == QUEUED]
	sentences = [_("Queued emails: {0}.").format(len(queued))] if queued else []
	return sentences + [
		_("The email to {0} couldn't be sent: {1}").format(mail.recipient, mail.error or _("unknown reason"))
		for mail in found
		if mail.status == UNDELIVERED
	]


def follow_queue() -> set[str]:
	"""Record what became of the mails that were queued; return the offboardings for which something changed."""
	fields = ["name", "offboarding", "status", "error", "email_queue"]
	changed = set()
	for sent in frappe.get_all(MAIL, filters={"status": QUEUED}, fields=fields, limit_page_length=0):
		now = delivery(sent)
		if (now["status"], now["error"]) != (sent.status, sent.error):
			frappe.db.set_value(MAIL, sent.name, now, update_modified=False)
			changed.add(sent.offboarding)
	return changed


def claim(offboarding: Document, kind: str, recipients: list[str], subject: str) -> Document | None:
	"""Insert the record of a mail that is about to be queued; return None if there is one already."""
	frappe.db.savepoint(SAVEPOINT)
	record = frappe.get_doc(
		doctype=MAIL,
		offboarding=offboarding.name,
		kind=kind,
		recipient=", ".join(recipients)[:140],
		subject=subject[:140],
		sent_on=now_datetime(),
		sent_by=frappe.session.user,
		status=QUEUED,
	)
	try:
		return record.insert(ignore_permissions=True, set_name=record_name(offboarding.name, kind))
	except (frappe.DuplicateEntryError, frappe.UniqueValidationError):
		roll_back_to(SAVEPOINT)
		frappe.clear_last_message()
		return None
