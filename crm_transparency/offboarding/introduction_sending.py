"""Sending introductions: approved ones, at the pace that the plan sets, each of them once; and finding the replies.

The mail in Frappe's queue, its record in `mail_once` and the introduction's new status are one transaction, in which the
introduction is locked. So it doesn't matter when a process dies, or how many of them send.
"""

from email.utils import formataddr
from math import ceil

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder.functions import Coalesce
from frappe.utils import add_to_date, cstr, get_datetime, now_datetime, strip_html, validate_email_address
from pypika.functions import Lower
from pypika.queries import QueryBuilder

from crm_transparency.crm_transparency.database import is_one_of
from crm_transparency.crm_transparency.jobs import persistently
from crm_transparency.offboarding import calendar_invites, mail_once, successor_proposals
from crm_transparency.offboarding.exceptions import MailNotSent, SiteSendsNoMails
from crm_transparency.offboarding.offboarding_records import (
	APPROVED,
	CANCELLED,
	DRAFT,
	INTRODUCTION,
	MEETING,
	NO_ADDRESS,
	OFFBOARDING,
	PLAN,
	REPLIED,
	SENT,
	SKIPPED,
	WENT_OUT,
)

#: how often the scheduler calls `send_due`
RUNS_PER_HOUR = 6


def send_due() -> None:
	"""Scheduled job: send what is due of every plan that is sending, and find replies. Commits after each mail."""
	for plan in frappe.get_all(PLAN, filters={"is_sending": 1}, pluck="name"):
		send_due_of(plan)
	persistently(find_replies)


def send_due_of(offboarding: str) -> None:
	"""Send what is due of one plan; a job that commits after each mail."""
	fields = ["name", "letters_per_hour"]
	plan = frappe.db.get_value(PLAN, {"name": offboarding, "is_sending": 1}, fields, as_dict=True)
	for name in due(plan) if plan else []:
		if not send_safely(name):
			break


def due(plan: frappe._dict) -> list[str]:
	"""Return the introductions to send now: an hour's letters are spread over the hour."""
	since = add_to_date(now_datetime(), hours=-1)
	sent = frappe.db.count(
		INTRODUCTION, {"offboarding": plan.name, "sent_on": (">", since), "status": ("in", WENT_OUT)}
	)
	allowed = min(plan.letters_per_hour - sent, ceil(plan.letters_per_hour / RUNS_PER_HOUR))
	if allowed <= 0:
		return []
	return frappe.get_all(
		INTRODUCTION,
		filters={"offboarding": plan.name, "status": APPROVED},
		order_by="approved_on, name",
		limit=allowed,
		pluck="name",
	)


def send_safely(name: str) -> bool:
	"""Send an introduction and commit; return False if the others needn't be tried now.

	A failure is written to its note; if it concerns this introduction only, it is held back and the others go on.
	"""
	try:
		# a background job: this transaction must see what others have committed up to now
		frappe.db.commit()  # nosemgrep: frappe-manual-commit
		persistently(lambda: send(name))
		return True
	except Exception as error:
		frappe.db.rollback()
		is_about_this_one = isinstance(error, MailNotSent) and not isinstance(error, SiteSendsNoMails)
		log_failure(name, error, hold_back=is_about_this_one)
		return is_about_this_one


def log_failure(name: str, error: Exception, hold_back: bool) -> None:
	"""Write to an introduction's note why it wasn't sent, and commit. One that is held back has to be approved again."""
	values = {"note": strip_html(cstr(error)) or type(error).__name__}
	if hold_back:
		values |= {"status": DRAFT, "approved_by": None, "approved_on": None}
	frappe.db.set_value(INTRODUCTION, {"name": name, "status": APPROVED}, values, update_modified=False)
	# a background job: the next introduction is a transaction of its own
	frappe.db.commit()  # nosemgrep: frappe-manual-commit
	frappe.clear_messages()


def send(name: str) -> bool:
	"""Send an introduction in the running transaction; return whether it went out now."""
	row = frappe.get_doc(INTRODUCTION, name, for_update=True)
	if row.status != APPROVED or not is_wanted(row):
		return False
	if not row.email:
		return set_aside(row, NO_ADDRESS, _("There is no email address. Please add one to the contact."))
	if not validate_email_address(row.email):
		return set_aside(
			row, NO_ADDRESS, _("The email address isn't valid. Please correct it in the contact.")
		)
	if reason := successor_proposals.unable([row.successor]).get(row.successor):
		frappe.throw(reason, exc=MailNotSent)
	if other := already_written_about(row):
		return set_aside(row, SKIPPED, _("The letter about {0} was sent to the same address.").format(other))
	offboarding = frappe.get_doc(OFFBOARDING, row.offboarding)
	kind = f"introduction {row.reference_doctype}/{row.reference_name}"
	if not mail_once.was_sent(row.offboarding, kind):
		queue_mail(row, offboarding, kind)
	row.update({"status": SENT, "sent_on": now_datetime(), "note": None})
	row.save(ignore_permissions=True)
	return True


def queue_mail(row: Document, offboarding: Document, kind: str) -> None:
	leaver, successor = calendar_invites.person(row.leaver), calendar_invites.person(row.successor)
	attachments = [invite(row, leaver, successor)] if row.way == MEETING else None
	communication = add_to_timeline(row, leaver)
	row.communication = communication.name
	mail_once.send_once(
		offboarding,
		kind,
		[row.email],
		row.subject,
		row.message,
		attachments,
		# Frappe takes a comma for the end of an address, even in a quoted name
		sender=formataddr((leaver.name.replace(",", ""), leaver.email)),
		cc=[successor.email],
		reply_to=successor.email,
		communication=communication.name,
		reference_doctype=row.reference_doctype,
		reference_name=row.reference_name,
	)


def is_wanted(row: Document) -> bool:
	"""Return whether the plan is sending, and the offboarding isn't cancelled."""
	if frappe.db.get_value(OFFBOARDING, row.offboarding, "status") == CANCELLED:
		return False
	return bool(frappe.db.get_value(PLAN, row.offboarding, "is_sending"))


def already_written_about(row: Document) -> str | None:
	"""Return the account about which this handover has already written to this address."""
	same = {"offboarding": row.offboarding, "email": row.email, "status": ("in", WENT_OUT)}
	return frappe.db.get_value(INTRODUCTION, {**same, "name": ("!=", row.name)}, "account_title")


def set_aside(row: Document, status: str, remark: str) -> bool:
	row.update({"status": status, "note": remark})
	row.save(ignore_permissions=True)
	return False


def add_to_timeline(row: Document, leaver: calendar_invites.Person) -> Document:
	"""Add the mail to the account's timeline."""
	communication = frappe.get_doc(
		doctype="Communication",
		communication_type="Communication",
		communication_medium="Email",
		sent_or_received="Sent",
		subject=row.subject,
		content=row.message,
		sender=leaver.email,
		sender_full_name=leaver.name,
		recipients=row.email,
		cc=frappe.db.get_value("User", row.successor, "email"),
		reference_doctype=row.reference_doctype,
		reference_name=row.reference_name,
		user=row.leaver,
	)
	return communication.insert(ignore_permissions=True)


def invite(row: Document, leaver: calendar_invites.Person, successor: calendar_invites.Person) -> dict:
	"""Create the event, and return the invitation that calendars accept."""
	event = frappe.get_doc(
		doctype="Event",
		subject=row.subject,
		description=row.message,
		starts_on=row.meeting_on,
		ends_on=add_to_date(row.meeting_on, minutes=row.meeting_minutes),
		event_type="Public",
	)
	if row.contact:
		event.append("event_participants", {"reference_doctype": "Contact", "reference_docname": row.contact})
	for user in (row.leaver, row.successor):
		event.append("event_participants", {"reference_doctype": "User", "reference_docname": user})
	event.insert(ignore_permissions=True)
	row.event = event.name
	return calendar_invites.Invitation(
		uid=f"{row.name}@{frappe.local.site}",
		sequence=0,
		summary=row.subject,
		starts_on=row.meeting_on,
		minutes=row.meeting_minutes,
		place=None,
		organizer=leaver,
		attendees=(successor, calendar_invites.Person(row.contact_name or row.email, row.email)),
	).as_attachment()


def start_sending(plan: Document, letters_per_hour: int) -> None:
	"""Start sending approved introductions, so many per hour; the first of them at once."""
	plan.db_set({"is_sending": 1, "letters_per_hour": letters_per_hour}, update_modified=False)
	frappe.enqueue(send_due_of, queue="short", enqueue_after_commit=True, offboarding=plan.name)


def stop_sending(plan: Document) -> None:
	plan.db_set("is_sending", 0, update_modified=False)


def find_replies(offboarding: str | None = None) -> int:
	"""Mark the introductions that were answered since they were sent; return how many."""
	filters = {"status": SENT, **({"offboarding": offboarding} if offboarding else {})}
	fields = ["name", "email", "communication", "sent_on"]
	waiting = frappe.get_all(INTRODUCTION, filters=filters, fields=fields, limit_page_length=0)
	if not waiting:
		return 0
	first = min(get_datetime(row.sent_on) for row in waiting)
	answers = answers_to(waiting) + mails_from(waiting, first)
	answered = 0
	for row in waiting:
		if found := earliest(row, answers):
			values = {"status": REPLIED, "replied_on": found.moment, "reply": found.name}
			frappe.db.set_value(INTRODUCTION, row.name, values, update_modified=False)
			answered += 1
	return answered


def received_mails() -> tuple[object, QueryBuilder]:
	mail = frappe.qb.DocType("Communication")
	query = (
		frappe.qb.from_(mail)
		.select(
			mail.name,
			mail.in_reply_to,
			mail.sender,
			Coalesce(mail.communication_date, mail.creation).as_("moment"),
		)
		.where((mail.sent_or_received == "Received") & (mail.communication_type == "Communication"))
		.orderby(mail.creation)
	)
	return mail, query


def answers_to(waiting: list[frappe._dict]) -> list[frappe._dict]:
	mail, query = received_mails()
	sent = [row.communication for row in waiting if row.communication]
	return query.where(is_one_of(mail.in_reply_to, sent)).run(as_dict=True) if sent else []


def mails_from(waiting: list[frappe._dict], since) -> list[frappe._dict]:
	mail, query = received_mails()
	addresses = {row.email.lower() for row in waiting if row.email}
	if not addresses:
		return []
	return query.where((mail.creation >= since) & is_one_of(Lower(mail.sender), addresses)).run(as_dict=True)


def earliest(row: frappe._dict, answers: list[frappe._dict]) -> frappe._dict | None:
	sent_on = get_datetime(row.sent_on)
	for answer in answers:
		is_answer = row.communication and answer.in_reply_to == row.communication
		is_theirs = (answer.sender or "").lower() == (row.email or "").lower()
		if is_answer or (is_theirs and get_datetime(answer.moment) >= sent_on):
			return answer
	return None
