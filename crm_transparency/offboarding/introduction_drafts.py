"""Drafting introductions: letters by which the leaver introduces key accounts to their successors."""

import hashlib
from html import unescape
from typing import NamedTuple

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import (
	cint,
	cstr,
	format_date,
	get_datetime,
	get_fullname,
	now,
	now_datetime,
	strip_html,
	validate_email_address,
)

from crm_transparency.crm_transparency import formatting, registry
from crm_transparency.offboarding.exceptions import WrongMoment
from crm_transparency.offboarding.letter_texts import fill_in
from crm_transparency.offboarding.offboarding_permissions import facts_of
from crm_transparency.offboarding.offboarding_records import (
	ACCOUNT,
	APPROVED,
	DRAFT,
	INTRODUCTION,
	JOINTLY,
	LETTER,
	MEETING,
	NO_ADDRESS,
	SKIPPED,
	WENT_OUT,
	delete,
)

CONTACT_FIELDS = ("customer_primary_contact", "contact_person")
ADDRESS_FIELDS = ("email_id", "contact_email")
LONGEST_SUBJECT = 140
MEETING_MINUTES = 30
LONGEST_MEETING = 8 * 60
MOST_INTRODUCTIONS = 1000


class Recipient(NamedTuple):
	"""`email` is empty for somebody without a valid address."""

	contact: str | None
	first_name: str
	full_name: str
	email: str | None


def recipient_of(doctype: str, name: str) -> Recipient:
	"""Return the contact of an account to write to; the account's own address if it has none, as for leads."""
	contacts = candidates(doctype, name)
	for contact in contacts:
		if found := reachable(contact):
			return found
	columns = [field for field in ADDRESS_FIELDS if registry.has_column(doctype, field)]
	account = frappe.db.get_value(doctype, name, columns, as_dict=True) if columns else None
	email = next((account[field] for field in columns if account and is_address(account[field])), None)
	person = own_name(doctype, name) if email or not contacts else contact_named(contacts[0])
	return Recipient(contacts[0] if contacts and not email else None, *person, email)


def candidates(doctype: str, name: str) -> list[str]:
	"""Return the contacts of an account: the one it names, then the primary ones, then the others."""
	named = [field for field in CONTACT_FIELDS if registry.has_column(doctype, field)]
	first = [frappe.db.get_value(doctype, name, field) for field in named]
	link, contact = frappe.qb.DocType("Dynamic Link"), frappe.qb.DocType("Contact")
	linked = (
		frappe.qb.from_(link)
		.inner_join(contact)
		.on(contact.name == link.parent)
		.select(contact.name)
		.where((link.parenttype == "Contact") & (link.link_doctype == doctype) & (link.link_name == name))
		.orderby(contact.is_primary_contact, order=frappe.qb.desc)
		.orderby(contact.creation)
		.run(pluck=True)
	)
	return list(dict.fromkeys(filter(None, [*first, *linked])))


def reachable(contact: str) -> Recipient | None:
	"""Return a contact with its mail address, None if it has none."""
	row = frappe.db.get_value("Contact", contact, ["email_id", "unsubscribed"], as_dict=True)
	if not row:
		return None
	filters = {"parent": contact, "parenttype": "Contact"}
	others = frappe.get_all("Contact Email", filters, pluck="email_id", order_by="is_primary desc, idx")
	email = next((address for address in (row.email_id, *others) if is_address(address)), None)
	return Recipient(contact, *contact_named(contact), email) if email else None


def is_address(address: str | None) -> bool:
	return bool(address and validate_email_address(address))


def contact_named(contact: str) -> tuple[str, str]:
	first, last = frappe.db.get_value("Contact", contact, ["first_name", "last_name"]) or ("", "")
	full_name = " ".join(filter(None, (first, last)))
	return first or full_name, full_name or contact


def own_name(doctype: str, name: str) -> tuple[str, str]:
	"""Return first and full name of a lead, which is a person, or the title of the account."""
	if doctype == "Lead" and registry.has_column("Lead", "first_name"):
		first, full = frappe.db.get_value("Lead", name, ["first_name", "lead_name"])
		return first or full or "", full or first or name
	title_field = registry.title_field(doctype)
	title = cstr(frappe.db.get_value(doctype, name, title_field)) if title_field else name
	return title, title


def templates(plan: Document, language: str | None) -> tuple[str, str]:
	"""Return the templates of subject and letter: the plan's, the settings' Email Template, or the default."""
	if plan.subject and plan.message:
		return plan.subject, plan.message
	chosen = frappe.db.get_single_value(registry.SETTINGS, "introduction_template")
	if chosen and frappe.db.exists("Email Template", chosen):
		template = frappe.get_doc("Email Template", chosen)
		message = template.response_html if template.use_html else template.response
		return template.subject or default_subject(language), message or default_letter(plan.voice, language)
	return default_subject(language), default_letter(plan.voice, language)


def default_subject(language: str | None) -> str:
	return _("{{ successor.full_name }} will be your contact at {{ company }}", lang=language)


def default_letter(voice: str, language: str | None) -> str:
	paragraphs = [
		_("Dear {{ contact.full_name }},", lang=language),
		_(
			"I am leaving {{ company }}{% if last_day %}; my last day is {{ last_day }}{% endif %}. Thank you for "
			"working with me, and for your trust.",
			lang=language,
		),
		_(
			"From now on, {{ successor.full_name }} is your contact. {{ successor.first_name }} is copied on this email: "
			"just reply to it, or write to {{ successor.email }}{% if successor.phone %} or call "
			"{{ successor.phone }}{% endif %}.",
			lang=language,
		),
	]
	if voice == JOINTLY:
		paragraphs.append(
			_(
				"I look forward to working with you. I will be in touch soon, and you can reach me at any time. – "
				"{{ successor.full_name }}",
				lang=language,
			)
		)
	paragraphs.append(_("Kind regards", lang=language) + "<br>{{ leaver.full_name }}")
	if voice == JOINTLY:
		paragraphs[-1] += "<br>{{ successor.full_name }}"
	return "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


def values_for(
	plan: Document, facts: frappe._dict, account_title: str, recipient: Recipient, to: str
) -> dict:
	"""Return the values that a letter can use."""
	return {
		"contact": {"first_name": recipient.first_name, "full_name": recipient.full_name},
		"customer": account_title,
		"leaver": colleague(plan.leaver),
		"successor": colleague(to),
		"company": company_of(facts),
		"last_day": format_date(facts.last_working_day) if facts.last_working_day else "",
	}


def colleague(user: str) -> dict[str, str]:
	fields = ["first_name", "email", "phone", "mobile_no"]
	row = frappe.db.get_value("User", user, fields, as_dict=True) or frappe._dict()
	return {
		"first_name": row.first_name or get_fullname(user),
		"full_name": get_fullname(user),
		"email": row.email or user,
		"phone": row.phone or row.mobile_no or "",
	}


def company_of(facts: frappe._dict) -> str:
	company = facts.employee and frappe.db.get_value("Employee", facts.employee, "company")
	return company or frappe.db.get_default("company") or _("our company")


def language_of(doctype: str, name: str) -> str | None:
	"""Return the language of an account; the site's if it has none."""
	own = registry.has_column(doctype, "language") and frappe.db.get_value(doctype, name, "language")
	return own or frappe.db.get_single_value("System Settings", "language")


def written(
	plan: Document, facts: frappe._dict, account: frappe._dict, recipient: Recipient
) -> dict[str, str]:
	"""Return subject and letter for an account of the plan."""
	language = language_of(account.reference_doctype, account.reference_name)
	subject, message = templates(plan, language)
	values = values_for(plan, facts, account.account_title, recipient, account.successor)
	return {
		"subject": in_one_line(fill_in(subject, values, as_html=False))[:LONGEST_SUBJECT],
		"message": frappe.utils.sanitize_html(fill_in(message, values)),
	}


def in_one_line(text: str) -> str:
	return " ".join(unescape(strip_html(text)).split())


def introduction_name(offboarding: str, doctype: str, name: str) -> str:
	"""Return the name of an account's introduction, derived from its account, so there can't be a second one."""
	return hashlib.sha256(f"{offboarding}\n{doctype}\n{name}".encode()).hexdigest()[:32]


def draft(plan: Document) -> int:
	"""Update the introductions from the plan's key accounts; return how many wait for approval.

	Letters that were edited or sent stay as they are.
	"""
	facts = facts_of(plan.name)
	accounts = key_accounts(plan.name)
	there = {row.name: row for row in all_of(plan.name)}
	wanted = set()
	for account in accounts:
		name = introduction_name(plan.name, account.reference_doctype, account.reference_name)
		wanted.add(name)
		if name in there:
			bring_up_to_date(plan, facts, account, frappe.get_doc(INTRODUCTION, name))
		else:
			write(plan, facts, account, name)
	for name, row in there.items():
		if name not in wanted and row.status not in WENT_OUT:
			delete(INTRODUCTION, name)
	write_once_to_each_address(plan.name)
	return frappe.db.count(INTRODUCTION, {"offboarding": plan.name, "status": DRAFT})


def key_accounts(offboarding: str) -> list[frappe._dict]:
	"""Return the key accounts that have a successor, by value."""
	return frappe.get_all(
		ACCOUNT,
		filters={"offboarding": offboarding, "is_key_account": 1, "successor": ("is", "set")},
		fields=["name", "reference_doctype", "reference_name", "account_title", "successor"],
		order_by="worth desc, name",
		limit=MOST_INTRODUCTIONS,
	)


def all_of(offboarding: str) -> list[frappe._dict]:
	fields = ["name", "status", "email", "account_title", "successor"]
	return frappe.get_all(
		INTRODUCTION, filters={"offboarding": offboarding}, fields=fields, order_by="creation, name"
	)


def write(plan: Document, facts: frappe._dict, account: frappe._dict, name: str) -> None:
	introduction = frappe.new_doc(
		INTRODUCTION,
		offboarding=plan.name,
		leaver=plan.leaver,
		reference_doctype=account.reference_doctype,
		reference_name=account.reference_name,
		account_title=account.account_title,
		meeting_minutes=MEETING_MINUTES,
	)
	write_text(plan, facts, account, introduction)
	introduction.insert(ignore_permissions=True, ignore_links=True, set_name=name)


def bring_up_to_date(plan: Document, facts: frappe._dict, account: frappe._dict, row: Document) -> None:
	if row.status in WENT_OUT:
		return
	is_for_another = row.successor != account.successor
	if row.is_edited or row.status == APPROVED:
		if is_for_another:
			row.successor = account.successor
			row.status = DRAFT
			row.approved_by = row.approved_on = None
			row.note = _("The successor is now {0}. Please check the text.").format(
				get_fullname(account.successor)
			)
			if not row.is_edited:
				write_text(plan, facts, account, row)
			row.save(ignore_permissions=True)
		return
	if row.status != SKIPPED:
		write_text(plan, facts, account, row)
		row.save(ignore_permissions=True)


def write_text(plan: Document, facts: frappe._dict, account: frappe._dict, row: Document) -> None:
	"""Set recipient and text of an introduction from the template."""
	recipient = recipient_of(account.reference_doctype, account.reference_name)
	row.update(
		{
			"contact": recipient.contact,
			"contact_name": recipient.full_name,
			"email": recipient.email,
			"successor": account.successor,
			"voice": plan.voice,
			"status": DRAFT if recipient.email else NO_ADDRESS,
			"note": None
			if recipient.email
			else _("There is no email address. Please add one to the contact."),
			**written(plan, facts, account, recipient),
		}
	)


def write_once_to_each_address(offboarding: str) -> None:
	"""Skip introductions to an address that gets another one: a person gets one letter."""
	first: dict[str, frappe._dict] = {}
	rows = all_of(offboarding)
	for row in sorted(rows, key=lambda row: row.status not in WENT_OUT):
		address = (row.email or "").lower()
		if not address or row.status in (NO_ADDRESS, SKIPPED):
			continue
		if address not in first:
			first[address] = row
		elif row.status == DRAFT:
			sentence = _("The letter about {0} is sent to the same address.").format(
				first[address].account_title
			)
			values = {"status": SKIPPED, "note": sentence}
			frappe.db.set_value(INTRODUCTION, row.name, values, update_modified=False)


def unsent(name: str) -> Document:
	"""Return an introduction, locked. Raises WrongMoment if it went out."""
	introduction = frappe.get_doc(INTRODUCTION, name, for_update=True)
	if introduction.status in WENT_OUT:
		frappe.throw(_("This introduction has been sent already."), exc=WrongMoment)
	return introduction


def edit(name: str, subject: str, message: str) -> Document:
	"""Word an introduction by hand; an approval of other words doesn't count any more."""
	introduction = unsent(name)
	introduction.subject = in_one_line(subject)[:LONGEST_SUBJECT]
	introduction.message = frappe.utils.sanitize_html(message)
	introduction.is_edited = 1
	introduction.note = None
	if introduction.status == APPROVED:
		introduction.status = DRAFT
		introduction.approved_by = introduction.approved_on = None
	return introduction.save(ignore_permissions=True)


def reset_text(plan: Document, name: str) -> Document:
	"""Discard edits, and write the introduction from the template again."""
	introduction = unsent(name)
	introduction.is_edited = 0
	introduction.approved_by = introduction.approved_on = None
	write_text(plan, facts_of(plan.name), introduction, introduction)
	return introduction.save(ignore_permissions=True)


def approve(name: str) -> bool:
	"""Approve a draft; return whether it was one."""
	introduction = unsent(name)
	if introduction.status != DRAFT:
		return False
	introduction.update({"status": APPROVED, "approved_by": frappe.session.user, "approved_on": now()})
	introduction.save(ignore_permissions=True)
	return True


def hold_back(name: str, is_skipped: bool = False) -> None:
	"""Withdraw an approval; or skip the introduction."""
	introduction = unsent(name)
	status = SKIPPED if is_skipped else (DRAFT if introduction.email else NO_ADDRESS)
	introduction.update({"status": status, "approved_by": None, "approved_on": None, "note": None})
	introduction.save(ignore_permissions=True)


def as_meeting(name: str, meeting_on: str | None, minutes: int = MEETING_MINUTES) -> Document:
	"""Turn an introduction into an invitation to a meeting, or back into a letter if no time is given."""
	introduction = unsent(name)
	if meeting_on and get_datetime(meeting_on) < now_datetime():
		frappe.throw(_("This time is in the past. Please choose a later one."))
	introduction.way = MEETING if meeting_on else LETTER
	introduction.meeting_on = meeting_on or None
	introduction.meeting_minutes = min(max(cint(minutes), 5), LONGEST_MEETING)
	if introduction.status == APPROVED:
		introduction.status = DRAFT
		introduction.approved_by = introduction.approved_on = None
	return introduction.save(ignore_permissions=True)


def ask_leaver(plan: Document) -> None:
	"""Notify the leaver that letters in their name wait for approval, unless an earlier notification is unread."""
	told = {"for_user": plan.leaver, "document_type": INTRODUCTION, "read": 0}
	if frappe.db.exists("Notification Log", told):
		return
	language = formatting.language_of(plan.leaver)
	frappe.get_doc(
		doctype="Notification Log",
		type="Alert",
		subject=_(
			"Letters that introduce your customers to colleagues are waiting for your approval", lang=language
		),
		for_user=plan.leaver,
		from_user=frappe.session.user,
		document_type=INTRODUCTION,
		link="/app/handover-introduction",
	).insert(ignore_permissions=True)
