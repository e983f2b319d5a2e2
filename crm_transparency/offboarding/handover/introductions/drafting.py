"""Writing introductions down, and what people do with them before they go."""

import hashlib

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, get_datetime, get_fullname, now, now_datetime

from crm_transparency.crm_transparency import languages
from crm_transparency.offboarding.handover.exceptions import WrongMoment
from crm_transparency.offboarding.handover.introductions import letters, recipients
from crm_transparency.offboarding.handover.permissions import of as facts_of
from crm_transparency.offboarding.handover.words import (
	ACCOUNT,
	APPROVED,
	DRAFT,
	INTRODUCTION,
	LETTER,
	MEETING,
	NO_ADDRESS,
	SKIPPED,
	WENT_OUT,
)

MEETING_MINUTES = 30
LONGEST_MEETING = 8 * 60
MOST_INTRODUCTIONS = 1000


def name_of(offboarding: str, doctype: str, name: str) -> str:
	"""Return the name of an account's introduction: made of what it is, so there can't be a second one."""
	return hashlib.sha256(f"{offboarding}\n{doctype}\n{name}".encode()).hexdigest()[:32]


def draft(plan: Document) -> int:
	"""Bring the introductions up to date with the plan's key accounts; return how many wait for approval.

	What somebody worded by hand, and what went out, stays as it is.
	"""
	facts = facts_of(plan.name)
	accounts = key_accounts(plan.name)
	there = {row.name: row for row in all_of(plan.name)}
	wanted = set()
	for account in accounts:
		name = name_of(plan.name, account.reference_doctype, account.reference_name)
		wanted.add(name)
		if name in there:
			bring_up_to_date(plan, facts, account, frappe.get_doc(INTRODUCTION, name))
		else:
			write(plan, facts, account, name)
	for name, row in there.items():
		if name not in wanted and row.status not in WENT_OUT:
			frappe.delete_doc(
				INTRODUCTION, name, force=True, ignore_permissions=True, delete_permanently=True
			)
	write_once_to_each_address(plan.name)
	return frappe.db.count(INTRODUCTION, {"offboarding": plan.name, "status": DRAFT})


def key_accounts(offboarding: str) -> list[frappe._dict]:
	"""Return the key accounts that have a successor, those worth most first."""
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
	introduction = frappe.new_doc(INTRODUCTION)
	introduction.update(
		{
			"offboarding": plan.name,
			"leaver": plan.leaver,
			"reference_doctype": account.reference_doctype,
			"reference_name": account.reference_name,
			"account_title": account.account_title,
			"meeting_minutes": MEETING_MINUTES,
		}
	)
	word(plan, facts, account, introduction)
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
			row.note = _("The successor is {0} now. Please check the wording.").format(
				get_fullname(account.successor)
			)
			if not row.is_edited:
				word(plan, facts, account, row)
			row.save(ignore_permissions=True)
		return
	if row.status != SKIPPED:
		word(plan, facts, account, row)
		row.save(ignore_permissions=True)


def word(plan: Document, facts: frappe._dict, account: frappe._dict, row: Document) -> None:
	"""Address an introduction, and word it from the template."""
	recipient = recipients.of_account(account.reference_doctype, account.reference_name)
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
			else _("There is no mail address. Please add one to the contact."),
			**letters.written(plan, facts, account, recipient),
		}
	)


def write_once_to_each_address(offboarding: str) -> None:
	"""Skip the introductions to addresses that another one goes to already: a person gets one letter."""
	first: dict[str, frappe._dict] = {}
	rows = all_of(offboarding)
	for row in sorted(rows, key=lambda row: row.status not in WENT_OUT):
		address = (row.email or "").lower()
		if not address or row.status in (NO_ADDRESS, SKIPPED):
			continue
		if address not in first:
			first[address] = row
		elif row.status == DRAFT:
			sentence = _("The letter about {0} goes to the same address.").format(
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
	introduction.subject = letters.in_one_line(subject)[: letters.LONGEST_SUBJECT]
	introduction.message = frappe.utils.sanitize_html(message)
	introduction.is_edited = 1
	introduction.note = None
	if introduction.status == APPROVED:
		introduction.status = DRAFT
		introduction.approved_by = introduction.approved_on = None
	return introduction.save(ignore_permissions=True)


def word_anew(plan: Document, name: str) -> Document:
	"""Throw away what somebody worded by hand, and word the introduction from the template."""
	introduction = unsent(name)
	account = frappe._dict(
		reference_doctype=introduction.reference_doctype,
		reference_name=introduction.reference_name,
		account_title=introduction.account_title,
		successor=introduction.successor,
	)
	introduction.is_edited = 0
	introduction.approved_by = introduction.approved_on = None
	word(plan, facts_of(plan.name), account, introduction)
	return introduction.save(ignore_permissions=True)


def approve(name: str) -> bool:
	"""Let an introduction go; return whether it wasn't before. One without an address can't."""
	introduction = unsent(name)
	if introduction.status != DRAFT:
		return False
	introduction.update({"status": APPROVED, "approved_by": frappe.session.user, "approved_on": now()})
	introduction.save(ignore_permissions=True)
	return True


def hold_back(name: str, is_skipped: bool = False) -> None:
	"""Take an approval back; or leave the introduction out altogether."""
	introduction = unsent(name)
	status = SKIPPED if is_skipped else (DRAFT if introduction.email else NO_ADDRESS)
	introduction.update({"status": status, "approved_by": None, "approved_on": None, "note": None})
	introduction.save(ignore_permissions=True)


def as_meeting(name: str, meeting_on: str | None, minutes: int = MEETING_MINUTES) -> Document:
	"""Make an introduction an invitation to a meeting of three, or a letter again if no time is given."""
	introduction = unsent(name)
	if meeting_on and get_datetime(meeting_on) < now_datetime():
		frappe.throw(_("The meeting would be in the past. Please choose another time."))
	introduction.way = MEETING if meeting_on else LETTER
	introduction.meeting_on = meeting_on or None
	introduction.meeting_minutes = min(max(cint(minutes), 5), LONGEST_MEETING)
	if introduction.status == APPROVED:
		introduction.status = DRAFT
		introduction.approved_by = introduction.approved_on = None
	return introduction.save(ignore_permissions=True)


def ask_leaver(plan: Document) -> None:
	"""Tell the leaver in the app that letters in their name wait for them, unless they were told and haven't looked yet."""
	told = {"for_user": plan.leaver, "document_type": INTRODUCTION, "read": 0}
	if frappe.db.exists("Notification Log", told):
		return
	language = languages.of_user(plan.leaver)
	frappe.get_doc(
		doctype="Notification Log",
		type="Alert",
		subject=_("Letters that introduce your customers to colleagues wait for your words", lang=language),
		for_user=plan.leaver,
		from_user=frappe.session.user,
		document_type=INTRODUCTION,
		link="/app/handover-introduction",
	).insert(ignore_permissions=True)
