"""A leaver's open work and views: to-dos, meetings, issues, quotations, unanswered mails, filters, reports and dashboards."""

from collections.abc import Iterator

import frappe
from frappe import _
from frappe.utils import add_days, cstr, get_datetime, get_fullname, now, now_datetime, strip_html

from crm_transparency.crm_transparency import formatting, registry
from crm_transparency.offboarding.account_business import (
	OPEN_QUOTATION,
	currency_of,
	currency_of_company,
	exchange_rate,
)
from crm_transparency.offboarding.belonging_kind import (
	Before,
	Found,
	Kind,
	Leaver,
	assign,
	changed_meanwhile,
	is_there,
	swap,
	unassign,
)

OPEN_ISSUE = ("Open", "Replied", "On Hold")
DAYS_A_MAIL_WAITS = 60
MOST_MAILS = 500
TITLE_LENGTH = 140
#: views that belong to their owner, with the filters that leave out those of apps
OWN_VIEWS = {
	"Report": {"is_standard": "No"},
	"Dashboard": {"is_standard": 0},
	"Dashboard Chart": {"is_standard": 0},
	"Number Card": {"is_standard": 0},
	"Kanban Board": {},
}
FILTER = "List Filter"


def todos(leaver: Leaver) -> Iterator[Found]:
	"""Yield open to-dos, except those about accounts of the leaver: they move along with these."""
	fields = ["name", "description", "reference_type", "reference_name", "date"]
	filters = {"allocated_to": leaver.user, "status": "Open"}
	for todo in frappe.get_all("ToDo", filters=filters, fields=fields, limit_page_length=0):
		owner_field = registry.owner_field(todo.reference_type or "")
		if owner_field:
			owner = frappe.db.get_value(todo.reference_type, todo.reference_name, owner_field)
			if owner == leaver.user:
				continue
		about = f"{_(todo.reference_type)} {todo.reference_name}" if todo.reference_name else ""
		yield Found("ToDo", todo.name, plain(todo.description) or todo.name, about)


def move_todo(doctype: str, name: str, leaver: Leaver, to: str) -> Before:
	reallocate(name, leaver.user, to)
	return {}


def give_todo_back(doctype: str, name: str, leaver: Leaver, to: str, before: Before) -> None:
	reallocate(name, to, leaver.user)


def reallocate(name: str, current: str, to: str) -> None:
	todo = frappe.get_doc("ToDo", name, for_update=True) if frappe.db.exists("ToDo", name) else None
	if not todo or todo.status != "Open" or todo.allocated_to != current:
		changed_meanwhile()
	todo.allocated_to = to
	todo.save(ignore_permissions=True)


def events(leaver: Leaver) -> Iterator[Found]:
	"""Yield upcoming meetings that the leaver created."""
	filters = {"owner": leaver.user, "starts_on": (">=", now()), "status": "Open"}
	fields = ["name", "subject", "starts_on"]
	for event in frappe.get_all("Event", filters=filters, fields=fields, limit_page_length=0):
		yield Found("Event", event.name, plain(event.subject), formatting.moment(event.starts_on))


def change_owner(doctype: str, name: str, leaver: Leaver, to: str) -> Before:
	return swap(doctype, name, {"owner": leaver.user}, {"owner": to})


def issues(leaver: Leaver) -> Iterator[Found]:
	"""Yield open issues that the leaver created for a customer."""
	if not is_there("Issue", "customer"):
		return
	filters = {"owner": leaver.user, "status": ("in", OPEN_ISSUE)}
	fields = ["name", "subject", "customer", "status"]
	for issue in frappe.get_all("Issue", filters=filters, fields=fields, limit_page_length=0):
		account = ("Customer", issue.customer) if issue.customer else None
		yield Found("Issue", issue.name, plain(issue.subject), _(issue.status), account=account)


def quotations(leaver: Leaver) -> Iterator[Found]:
	if not is_there("Quotation", "party_name"):
		return
	filters = {"owner": leaver.user, "docstatus": ("!=", 2), "status": ("in", OPEN_QUOTATION)}
	fields = ["name", "customer_name", "quotation_to", "party_name", "base_grand_total", "status", "company"]
	currency = currency_of(leaver.user)
	for each in frappe.get_all("Quotation", filters=filters, fields=fields, limit_page_length=0):
		title = f"{each.name} {each.customer_name or each.party_name or ''}".strip()
		account = (each.quotation_to, each.party_name) if each.party_name else None
		own = (each.company and currency_of_company(each.company)) or currency
		value = (each.base_grand_total or 0) * (exchange_rate(own, currency) or 0)
		yield Found("Quotation", each.name, title, _(each.status), value, account)


def assign_document(doctype: str, name: str, leaver: Leaver, to: str) -> Before:
	return assign(doctype, name, to, _("Taken over from {0}").format(get_fullname(leaver.user)))


def mails(leaver: Leaver) -> Iterator[Found]:
	"""Yield mails to the leaver from outside that weren't answered, of the last 60 days."""
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
	"""Return whether somebody answered this very mail, or wrote later about the same document."""
	if frappe.db.exists("Communication", {"in_reply_to": mail.name, "sent_or_received": "Sent"}):
		return True
	if not mail.reference_name:
		return False
	later = {
		"reference_doctype": mail.reference_doctype,
		"reference_name": mail.reference_name,
		"sent_or_received": "Sent",
		"communication_date": (">=", get_datetime(mail.communication_date or mail.creation)),
	}
	return bool(frappe.db.exists("Communication", later))


def assign_mail(doctype: str, name: str, leaver: Leaver, to: str) -> Before:
	fields = ["subject", "sender", "reference_doctype", "reference_name"]
	mail = frappe.db.get_value(doctype, name, fields, as_dict=True)
	if not mail:
		changed_meanwhile()
	about = (mail.reference_doctype, mail.reference_name) if mail.reference_name else (doctype, name)
	sentence = _("Answer the email “{0}” from {1} to {2}")
	return assign(*about, to, sentence.format(plain(mail.subject), mail.sender, get_fullname(leaver.user)))


def views(leaver: Leaver) -> Iterator[Found]:
	for doctype, filters in OWN_VIEWS.items():
		if is_there(doctype, *filters):
			for name in frappe.get_all(doctype, filters={"owner": leaver.user, **filters}, pluck="name"):
				yield Found(doctype, name, name, _(doctype))


def list_filters(leaver: Leaver) -> Iterator[Found]:
	fields = ["name", "filter_name", "reference_doctype"]
	for row in frappe.get_all(FILTER, filters={"for_user": leaver.user}, fields=fields):
		yield Found(FILTER, row.name, row.filter_name or row.name, _(row.reference_doctype or ""))


def move_filter(doctype: str, name: str, leaver: Leaver, to: str) -> Before:
	return swap(doctype, name, {"for_user": leaver.user}, {"for_user": to})


def plain(text: str | None) -> str:
	return " ".join(strip_html(cstr(text)).split())[:TITLE_LENGTH]


# labels are functions, translated for each reader
WORK = (  # nosemgrep: frappe-breaks-multitenancy
	Kind("Quotation", lambda: _("Open quotations"), quotations, assign_document, unassign),
	Kind("Mail", lambda: _("Unanswered emails"), mails, assign_mail, unassign),
	Kind("ToDo", lambda: _("Open to-dos"), todos, move_todo, give_todo_back),
	Kind("Event", lambda: _("Upcoming meetings"), events, change_owner),
	Kind("Issue", lambda: _("Open issues"), issues, assign_document, unassign),
)
VIEWS = (  # nosemgrep: frappe-breaks-multitenancy
	Kind("View", lambda: _("Reports and dashboards"), views, change_owner),
	Kind("List Filter", lambda: _("Private filters"), list_filters, move_filter),
)
