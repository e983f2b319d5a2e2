"""Work that waits for the leaver: to-dos, meetings, issues, quotations, and mails that nobody answered."""

from collections.abc import Iterator

import frappe
from frappe import _
from frappe.utils import add_days, cstr, format_datetime, get_datetime, now, now_datetime, strip_html

from crm_transparency.crm_transparency import registry
from crm_transparency.offboarding.handover.belongings.kind import (
	Before,
	Found,
	Kind,
	Leaver,
	assign,
	gone_meanwhile,
	is_there,
	take_back_assignment,
)
from crm_transparency.offboarding.handover.business import OPEN_QUOTATION

OPEN_ISSUE = ("Open", "Replied", "On Hold")
DAYS_A_MAIL_WAITS = 60
MOST_MAILS = 500
TITLE_LENGTH = 140


def todos(leaver: Leaver) -> Iterator[Found]:
	"""Open to-dos, but those about accounts of the leaver: they move along with these."""
	fields = ["name", "description", "reference_type", "reference_name", "date"]
	filters = {"allocated_to": leaver.user, "status": "Open"}
	for todo in frappe.get_all("ToDo", filters=filters, fields=fields, limit_page_length=0):
		owner_field = registry.owner_field(todo.reference_type or "")
		if owner_field and is_of(todo.reference_type, todo.reference_name, owner_field, leaver):
			continue
		about = f"{_(todo.reference_type)} {todo.reference_name}" if todo.reference_name else ""
		yield Found("ToDo", todo.name, plain(todo.description) or todo.name, about)


def is_of(doctype: str, name: str, owner_field: str, leaver: Leaver) -> bool:
	return frappe.db.get_value(doctype, name, owner_field) == leaver.user


def move_todo(name: str, leaver: Leaver, to: str) -> Before:
	reallocate(name, leaver.user, to)
	return {}


def give_todo_back(name: str, leaver: Leaver, to: str, before: Before) -> None:
	reallocate(name, to, leaver.user)


def reallocate(name: str, current: str, to: str) -> None:
	todo = frappe.get_doc("ToDo", name, for_update=True) if frappe.db.exists("ToDo", name) else None
	if not todo or todo.status != "Open" or todo.allocated_to != current:
		gone_meanwhile()
	todo.allocated_to = to
	todo.save(ignore_permissions=True)


def events(leaver: Leaver) -> Iterator[Found]:
	"""Meetings to come that the leaver made."""
	filters = {"owner": leaver.user, "starts_on": (">=", now()), "status": "Open"}
	fields = ["name", "subject", "starts_on"]
	for event in frappe.get_all("Event", filters=filters, fields=fields, limit_page_length=0):
		yield Found("Event", event.name, plain(event.subject), format_datetime(event.starts_on, "medium"))


def move_event(name: str, leaver: Leaver, to: str) -> Before:
	change_owner("Event", name, leaver.user, to)
	return {}


def give_event_back(name: str, leaver: Leaver, to: str, before: Before) -> None:
	change_owner("Event", name, to, leaver.user)


def change_owner(doctype: str, name: str, current: str, to: str) -> None:
	if frappe.db.get_value(doctype, name, "owner", for_update=True) != current:
		gone_meanwhile()
	frappe.db.set_value(doctype, name, "owner", to, update_modified=False)


def issues(leaver: Leaver) -> Iterator[Found]:
	"""Open issues that the leaver wrote down for a customer."""
	if not is_there("Issue", "customer"):
		return
	filters = {"owner": leaver.user, "status": ("in", OPEN_ISSUE)}
	fields = ["name", "subject", "customer", "status"]
	for issue in frappe.get_all("Issue", filters=filters, fields=fields, limit_page_length=0):
		account = ("Customer", issue.customer) if issue.customer else None
		yield Found("Issue", issue.name, plain(issue.subject), _(issue.status), account=account)


def move_issue(name: str, leaver: Leaver, to: str) -> Before:
	return assign("Issue", name, to, _("Taken over from {0}").format(full_name(leaver)))


def quotations(leaver: Leaver) -> Iterator[Found]:
	"""Open quotations of the leaver's."""
	if not is_there("Quotation", "party_name"):
		return
	filters = {"owner": leaver.user, "docstatus": ("!=", 2), "status": ("in", OPEN_QUOTATION)}
	fields = ["name", "customer_name", "quotation_to", "party_name", "base_grand_total", "status"]
	for each in frappe.get_all("Quotation", filters=filters, fields=fields, limit_page_length=0):
		title = f"{each.name} {each.customer_name or each.party_name or ''}".strip()
		account = (each.quotation_to, each.party_name) if each.party_name else None
		yield Found("Quotation", each.name, title, _(each.status), each.base_grand_total or 0, account)


def move_quotation(name: str, leaver: Leaver, to: str) -> Before:
	return assign("Quotation", name, to, _("Quotation taken over from {0}").format(full_name(leaver)))


def mails(leaver: Leaver) -> Iterator[Found]:
	"""Mails to the leaver from outside that got no answer, of the last 60 days."""
	mail = frappe.qb.DocType("Communication")
	address = f"%{leaver.email}%"
	received = (
		frappe.qb.from_(mail)
		.select(mail.name, mail.subject, mail.sender, mail.reference_doctype, mail.reference_name)
		.select(mail.communication_date, mail.creation)
		.where((mail.communication_type == "Communication") & (mail.communication_medium == "Email"))
		.where((mail.sent_or_received == "Received") & mail.status.notin(("Closed", "Replied")))
		.where(mail.recipients.like(address) | mail.cc.like(address))
		.where(mail.creation >= add_days(now_datetime(), -DAYS_A_MAIL_WAITS))
		.orderby(mail.creation, order=frappe.qb.desc)
		.limit(MOST_MAILS)
		.run(as_dict=True)
	)
	for each in received:
		if not is_answered(each):
			account = (each.reference_doctype, each.reference_name) if each.reference_name else None
			yield Found("Communication", each.name, plain(each.subject), each.sender or "", account=account)


def is_answered(mail: frappe._dict) -> bool:
	"""Say whether somebody wrote later in the same place, or answered this very mail."""
	if frappe.db.exists("Communication", {"in_reply_to": mail.name, "sent_or_received": "Sent"}):
		return True
	if not mail.reference_name:
		return False
	moment = get_datetime(mail.communication_date or mail.creation)
	later = {
		"reference_doctype": mail.reference_doctype,
		"reference_name": mail.reference_name,
		"sent_or_received": "Sent",
		"communication_date": (">=", moment),
	}
	return bool(frappe.db.exists("Communication", later))


def move_mail(name: str, leaver: Leaver, to: str) -> Before:
	mail = frappe.db.get_value(
		"Communication", name, ["subject", "sender", "reference_doctype", "reference_name"], as_dict=True
	)
	if not mail:
		gone_meanwhile()
	about = (mail.reference_doctype, mail.reference_name) if mail.reference_name else ("Communication", name)
	sentence = _("Answer the mail “{0}” from {1}, which was to {2}")
	return assign(*about, to, sentence.format(plain(mail.subject), mail.sender, full_name(leaver)))


def plain(text: str | None) -> str:
	return " ".join(strip_html(cstr(text)).split())[:TITLE_LENGTH]


def full_name(leaver: Leaver) -> str:
	return frappe.utils.get_fullname(leaver.user)


KINDS = (
	Kind("Quotation", lambda: _("Open quotations"), quotations, move_quotation, take_back_assignment),
	Kind("Mail", lambda: _("Mails that wait for an answer"), mails, move_mail, take_back_assignment),
	Kind("ToDo", lambda: _("Open to-dos"), todos, move_todo, give_todo_back),
	Kind("Event", lambda: _("Meetings to come"), events, move_event, give_event_back),
	Kind("Issue", lambda: _("Open issues"), issues, move_issue, take_back_assignment),
)
