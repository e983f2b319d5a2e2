"""Where colleagues and customers meet: in mails, events, orders, notes … one function a kind.

Each is asked about many accounts of one DocType at once, and yields an `Encounter` for account and colleague, with how
often and when last. Nothing here adds up per colleague: the question is always who knows this customer.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

import frappe
from frappe.query_builder.functions import Coalesce, Count, Max
from frappe.utils import cstr, get_datetime
from pypika import Criterion
from pypika.queries import QueryBuilder, Table
from pypika.terms import EmptyCriterion, Field

from crm_transparency.crm_transparency import registry, report_parts
from crm_transparency.crm_transparency.database import is_one_of
from crm_transparency.relationships.colleagues import Colleagues

MAIL, EVENT, CALL = "Mail", "Event", "Call"
ORDER, QUOTATION, OPPORTUNITY, ISSUE = "Order", "Quotation", "Opportunity", "Issue"
NOTE, ASSIGNMENT, HIGH_CARD = "Note", "Assignment", "High card"
KINDS = (MAIL, EVENT, CALL, ORDER, QUOTATION, OPPORTUNITY, ISSUE, NOTE, ASSIGNMENT, HIGH_CARD)


class Encounter(NamedTuple):
	"""`user` met the account `count` times in this way, the last time at the moment `last`."""

	account: str
	user: str
	kind: str
	count: int
	last: datetime


class Question(NamedTuple):
	"""Who met these accounts of one DocType since then?"""

	doctype: str
	names: list[str]
	since: datetime
	colleagues: Colleagues

	def are(self, field: Field) -> Criterion:
		return is_one_of(field, self.names)


class Document(NamedTuple):
	"""A DocType whose documents are made for an account, and who of us they name."""

	kind: str
	doctype: str
	account_field: str
	#: the DocType of the account, or the field that names it
	account_doctype: str | None
	account_doctype_field: str | None = None
	people: tuple[str, ...] = ("owner",)
	moment: str = "creation"


DOCUMENTS = (
	Document(
		OPPORTUNITY, "Opportunity", "party_name", None, "opportunity_from", ("owner", "opportunity_owner")
	),
	Document(QUOTATION, "Quotation", "party_name", None, "quotation_to"),
	Document(ORDER, "Sales Order", "customer", "Customer"),
	Document(ISSUE, "Issue", "customer", "Customer"),
	Document(ISSUE, "Issue", "lead", "Lead"),
	Document(CALL, "Call Log", "customer", "Customer", None, ("employee_user_id",), "start_time"),
	# an Opportunity may itself be an account, and quotations are made for it
	Document(QUOTATION, "Quotation", "opportunity", "Opportunity"),
)


def of(question: Question) -> Iterator[Encounter]:
	for kind_of_encounter in (in_mails, in_events, in_documents, in_notes, in_assignments, in_high_cards):
		yield from kind_of_encounter(question)


def in_mails(question: Question) -> Iterator[Encounter]:
	"""Mails that refer to the account, or that Frappe put on its timeline or on that of one of its contacts."""
	met: dict[tuple[str, str], list] = {}
	seen: set[tuple[str, str]] = set()
	for query in (mails_about(question), mails_on_timeline(question), mails_of_contacts(question)):
		for account, mail, moment, user, *headers in query.run():
			if (account, mail) in seen:
				continue
			seen.add((account, mail))
			for colleague in question.colleagues.of_mail(headers, user):
				add_up(met, (account, colleague), 1, moment)
	yield from totals(met, MAIL)


def mails_about(question: Question) -> QueryBuilder:
	mail = frappe.qb.DocType("Communication")
	query = frappe.qb.from_(mail).where(mail.reference_doctype == question.doctype)
	return only_mails(query.where(question.are(mail.reference_name)), mail.reference_name, mail, question)


def mails_on_timeline(question: Question) -> QueryBuilder:
	mail, link = frappe.qb.DocType("Communication"), frappe.qb.DocType("Communication Link")
	query = frappe.qb.from_(link).inner_join(mail).on(mail.name == link.parent)
	query = query.where((link.link_doctype == question.doctype) & question.are(link.link_name))
	return only_mails(query, link.link_name, mail, question)


def mails_of_contacts(question: Question) -> QueryBuilder:
	mail, link = frappe.qb.DocType("Communication"), frappe.qb.DocType("Communication Link")
	contact = frappe.qb.DocType("Dynamic Link")
	query = (
		frappe.qb.from_(contact)
		.inner_join(link)
		.on((link.link_doctype == "Contact") & (link.link_name == contact.parent))
		.inner_join(mail)
		.on(mail.name == link.parent)
		.where(is_contact_of(contact, question))
	)
	return only_mails(query, contact.link_name, mail, question)


def is_contact_of(link: Table, question: Question) -> Criterion:
	return (
		(link.parenttype == "Contact")
		& (link.link_doctype == question.doctype)
		& question.are(link.link_name)
	)


def only_mails(query: QueryBuilder, account: Field, mail: Table, question: Question) -> QueryBuilder:
	moment = Coalesce(mail.communication_date, mail.creation)
	return (
		query.select(account, mail.name, moment, mail.user, mail.sender, mail.recipients, mail.cc)
		.where((mail.communication_type == "Communication") & (moment >= question.since))
		.where(Coalesce(mail.communication_medium, "") != "Event")
		.where(is_real(mail))
	)


def is_real(mail: Table) -> Criterion:
	"""Return the condition that a mail isn't one with an invented contact."""
	if not (invented := report_parts.left_out("Contact")):
		return EmptyCriterion()
	link = frappe.qb.DocType("Communication Link")
	with_them = frappe.qb.from_(link).select(link.parent)
	with_them = with_them.where((link.link_doctype == "Contact") & is_one_of(link.link_name, invented))
	return mail.name.notin(with_them)


def in_events(question: Question) -> Iterator[Encounter]:
	"""Meetings with the account or one of its contacts: who made them, and who else of us takes part."""
	event, guest, contact = (
		frappe.qb.DocType(doctype) for doctype in ("Event", "Event Participants", "Dynamic Link")
	)
	with_event = (
		frappe.qb.from_(guest)
		.inner_join(event)
		.on((event.name == guest.parent) & (guest.parenttype == "Event"))
		.select(event.name, event.owner, event.starts_on)
		.where((event.starts_on >= question.since) & (event.status != "Cancelled"))
	)
	themselves = with_event.select(guest.reference_docname).where(
		(guest.reference_doctype == question.doctype) & question.are(guest.reference_docname)
	)
	contacts = (
		with_event.inner_join(contact)
		.on((guest.reference_doctype == "Contact") & (guest.reference_docname == contact.parent))
		.select(contact.link_name)
		.where(is_contact_of(contact, question))
	)
	meetings = {
		(account, name): (owner, moment)
		for query in (themselves, contacts)
		for name, owner, moment, account in query.run()
	}
	guests = guests_of({name for _account, name in meetings}, question.colleagues)
	met: dict[tuple[str, str], list] = {}
	for (account, name), (owner, moment) in meetings.items():
		for colleague in {question.colleagues.named(owner), *guests.get(name, ())} - {None}:
			add_up(met, (account, colleague), 1, moment)
	yield from totals(met, EVENT)


def guests_of(events: set[str], colleagues: Colleagues) -> dict[str, set[str]]:
	"""Return the colleagues who take part in events."""
	if not events:
		return {}
	guest = frappe.qb.DocType("Event Participants")
	query = frappe.qb.from_(guest).select(
		guest.parent, guest.reference_doctype, guest.reference_docname, guest.email
	)
	found: dict[str, set[str]] = {}
	for event, doctype, name, address in query.where(is_one_of(guest.parent, events)).run():
		person = colleagues.named(name) if doctype == "User" else None
		for colleague in {person, *colleagues.in_header(address or "")} - {None}:
			found.setdefault(event, set()).add(colleague)
	return found


def in_documents(question: Question) -> Iterator[Encounter]:
	for document in DOCUMENTS:
		if document.account_doctype in (None, question.doctype) and exists(document):
			for person in document.people:
				if registry.has_column(document.doctype, person) or person == "owner":
					yield from counted(question, document.kind, *documents_naming(question, document, person))


def exists(document: Document) -> bool:
	return bool(frappe.db.exists("DocType", document.doctype, cache=True)) and registry.has_column(
		document.doctype, document.account_field
	)


def documents_naming(question: Question, document: Document, person: str) -> tuple:
	table = frappe.qb.DocType(document.doctype)
	query = frappe.qb.from_(table).where(question.are(table[document.account_field]))
	query = query.where(table.docstatus != 2)
	if document.account_doctype_field:
		query = query.where(table[document.account_doctype_field] == question.doctype)
	if person != "owner":
		# who both made a document and is named in it, met the customer once
		query = query.where(table[person] != table.owner)
	return query, table[document.account_field], table[person], table[document.moment]


def in_notes(question: Question) -> Iterator[Encounter]:
	"""Comments on the account, and ERPNext's notes in leads, prospects and opportunities."""
	comment = frappe.qb.DocType("Comment")
	query = frappe.qb.from_(comment).where(
		(comment.comment_type == "Comment") & (comment.reference_doctype == question.doctype)
	)
	query = query.where(question.are(comment.reference_name))
	yield from counted(question, NOTE, query, comment.reference_name, comment.owner, comment.creation)
	if frappe.db.exists("DocType", "CRM Note", cache=True):
		note = frappe.qb.DocType("CRM Note")
		query = frappe.qb.from_(note).where((note.parenttype == question.doctype) & question.are(note.parent))
		yield from counted(question, NOTE, query, note.parent, note.added_by, note.added_on)


def in_assignments(question: Question) -> Iterator[Encounter]:
	"""To-dos about the account."""
	todo = frappe.qb.DocType("ToDo")
	query = frappe.qb.from_(todo).where(
		(todo.reference_type == question.doctype) & question.are(todo.reference_name)
	)
	query = query.where(todo.status != "Cancelled")
	yield from counted(question, ASSIGNMENT, query, todo.reference_name, todo.allocated_to, todo.creation)


def in_high_cards(question: Question) -> Iterator[Encounter]:
	if not frappe.db.exists("DocType", "High Card", cache=True):
		return
	card = frappe.qb.DocType("High Card")
	query = frappe.qb.from_(card).where(
		(card.reference_doctype == question.doctype) & question.are(card.reference_name)
	)
	yield from counted(question, HIGH_CARD, query, card.reference_name, card.owner, card.creation)


def counted(
	question: Question, kind: str, query: QueryBuilder, account: Field, person: Field, moment: Field
) -> Iterator[Encounter]:
	"""Let the database count what a query finds, by account and person."""
	rows = (
		query.select(account, person, Count("*"), Max(moment))
		.where(moment >= question.since)
		.groupby(account, person)
		.run()
	)
	for name, user, count, last in rows:
		if colleague := question.colleagues.named(user):
			yield Encounter(cstr(name), colleague, kind, count, get_datetime(last))


def add_up(met: dict[tuple[str, str], list], key: tuple[str, str], count: int, moment: datetime) -> None:
	known = met.setdefault(key, [0, moment])
	known[0] += count
	known[1] = max(known[1], moment)


def totals(met: dict[tuple[str, str], list], kind: str) -> Iterable[Encounter]:
	for (account, user), (count, last) in met.items():
		yield Encounter(cstr(account), user, kind, count, get_datetime(last))
