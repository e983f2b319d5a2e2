"""Sending introductions: approved ones, at the pace that the plan sets, and each of them once.

The mail in Frappe's queue, the record of it (`offboarding.mails`, whose name is made of what the mail is) and the
introduction's new status are one transaction, in which the introduction is locked. So it doesn't matter when a process
dies, or how many of them send.
"""

from email.utils import formataddr
from math import ceil

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_to_date, cstr, now_datetime, strip_html, validate_email_address

from crm_transparency.offboarding import mails
from crm_transparency.offboarding.exceptions import MailNotSent, SiteSendsNoMails
from crm_transparency.offboarding.handover.introductions import replies
from crm_transparency.offboarding.handover.words import (
	APPROVED,
	DRAFT,
	INTRODUCTION,
	MEETING,
	NO_ADDRESS,
	PLAN,
	SENT,
	SKIPPED,
	WENT_OUT,
)
from crm_transparency.offboarding.interviews import calendar
from crm_transparency.offboarding.words import CANCELLED, OFFBOARDING

#: how often the scheduler calls `send_due`
RUNS_PER_HOUR = 6


def send_due() -> None:
	"""Send what is due of every plan that is sending, and look for replies. Scheduled; commits after each mail."""
	for plan in frappe.get_all(PLAN, filters={"is_sending": 1}, pluck="name"):
		send_due_of(plan)
	replies.see()
	frappe.db.commit()


def send_due_of(offboarding: str) -> None:
	"""Send what is due of one plan; a job that commits after each mail."""
	fields = ["name", "letters_per_hour"]
	plan = frappe.db.get_value(PLAN, {"name": offboarding, "is_sending": 1}, fields, as_dict=True)
	for name in due(plan) if plan else []:
		if not send_or_note(name):
			break


def due(plan: frappe._dict) -> list[str]:
	"""Return the introductions that may go now: an hour's letters are spread over the hour."""
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


def send_or_note(name: str) -> bool:
	"""Send an introduction and commit; return False if the others needn't be tried now.

	Why it couldn't be sent stands in its note then. If that says nothing about the others, it makes room for them.
	"""
	try:
		# what this transaction sees must be what others have committed up to now
		frappe.db.commit()
		send(name)
		frappe.db.commit()
		return True
	except Exception as error:
		frappe.db.rollback()
		is_about_this_one = isinstance(error, MailNotSent) and not isinstance(error, SiteSendsNoMails)
		note(name, error, hold_back=is_about_this_one)
		return is_about_this_one


def note(name: str, error: Exception, hold_back: bool) -> None:
	"""Note why an introduction didn't go, and commit. One that is held back waits until somebody approves it again."""
	values = {"note": strip_html(cstr(error)) or type(error).__name__}
	if hold_back:
		values |= {"status": DRAFT, "approved_by": None, "approved_on": None}
	frappe.db.set_value(INTRODUCTION, {"name": name, "status": APPROVED}, values, update_modified=False)
	frappe.db.commit()
	frappe.clear_messages()


def send(name: str) -> bool:
	"""Send an introduction in the running transaction; return whether it went out now."""
	row = frappe.get_doc(INTRODUCTION, name, for_update=True)
	if row.status != APPROVED or not is_wanted(row):
		return False
	if not row.email:
		return set_aside(row, NO_ADDRESS, _("There is no mail address. Please add one to the contact."))
	if not validate_email_address(row.email):
		return set_aside(
			row, NO_ADDRESS, _("The mail address isn't valid. Please correct it in the contact.")
		)
	if other := written_to_already(row):
		return set_aside(row, SKIPPED, _("The letter about {0} went to the same address.").format(other))
	offboarding = frappe.get_doc(OFFBOARDING, row.offboarding)
	kind = f"introduction {row.reference_doctype}/{row.reference_name}"
	if not mails.was_sent(row.offboarding, kind):
		queue_mail(row, offboarding, kind)
	row.update({"status": SENT, "sent_on": now_datetime(), "note": None})
	row.save(ignore_permissions=True)
	return True


def queue_mail(row: Document, offboarding: Document, kind: str) -> None:
	leaver, successor = calendar.person(row.leaver), calendar.person(row.successor)
	attachments = [invite(row, leaver, successor)] if row.way == MEETING else None
	communication = record(row, leaver)
	row.communication = communication.name
	mails.send_once(
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
	"""Say whether introductions are being sent, and the leaver is still leaving."""
	if frappe.db.get_value(OFFBOARDING, row.offboarding, "status") == CANCELLED:
		return False
	return bool(frappe.db.get_value(PLAN, row.offboarding, "is_sending"))


def written_to_already(row: Document) -> str | None:
	"""Return the account about which this address was written to in this handover."""
	same = {"offboarding": row.offboarding, "email": row.email, "status": ("in", WENT_OUT)}
	return frappe.db.get_value(INTRODUCTION, {**same, "name": ("!=", row.name)}, "account_title")


def set_aside(row: Document, status: str, remark: str) -> bool:
	row.update({"status": status, "note": remark})
	row.save(ignore_permissions=True)
	return False


def record(row: Document, leaver: calendar.Person) -> Document:
	"""Write the mail onto the account's timeline, where everybody reads it."""
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


def invite(row: Document, leaver: calendar.Person, successor: calendar.Person) -> dict:
	"""Make the event, and return the invitation that calendars accept."""
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
	return calendar.Invitation(
		uid=f"{row.name}@{frappe.local.site}",
		sequence=0,
		summary=row.subject,
		starts_on=row.meeting_on,
		minutes=row.meeting_minutes,
		place=None,
		organizer=leaver,
		attendees=(successor, calendar.Person(row.contact_name or row.email, row.email)),
	).as_attachment()


def pace(plan: Document, letters_per_hour: int) -> None:
	"""Let approved introductions go from now on, so many an hour; the first of them at once."""
	plan.db_set({"is_sending": 1, "letters_per_hour": letters_per_hour}, update_modified=False)
	frappe.enqueue(send_due_of, queue="short", enqueue_after_commit=True, offboarding=plan.name)


def stop(plan: Document) -> None:
	plan.db_set("is_sending", 0, update_modified=False)
