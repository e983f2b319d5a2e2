"""Who decides about a restriction: its business owner.

System Managers and Transparency Managers draft. An active restriction is changed, and its status set, by the business owner;
Administrator may do it on the business owner's word, and has to write down how that was given. What every exception to
openness needs before it may be registered is checked here, too.
"""

import frappe
from frappe import _
from frappe.model import no_value_fields, table_fields
from frappe.model.document import Document
from frappe.query_builder.functions import Count
from frappe.utils import add_months, escape_html, getdate, nowdate

from crm_transparency.crm_transparency import formatting
from crm_transparency.crm_transparency.permissions import Condition
from crm_transparency.ledger import ledgers
from crm_transparency.restrictions import business_owners, filters, role_review
from crm_transparency.restrictions.business_owners import may_decide
from crm_transparency.restrictions.exceptions import (
	InvalidRecordFilter,
	NotTheirDecision,
	UnfoundedRestriction,
)
from crm_transparency.restrictions.linked_records import NEVER_HIDDEN
from crm_transparency.restrictions.register import HIDE_DOCTYPE, HIDE_FIELDS, HIDE_RECORDS, REGISTER

OPEN_TO_ALL = ("Active", "Expired")
#: what is only withdrawn needs no reason, and nobody who is still there
ENDED = ("Expired", "Withdrawn")
#: set by a decision, and by nothing else
DECIDED_FIELDS = ("status", "approved_on", "approved_by", "approval_note", "withdrawn_on", "reminded_on")
FLOW = {
	"Draft": {"Active"},
	"Active": {"Active", "Expired", "Withdrawn"},
	"Expired": {"Active", "Withdrawn"},
	"Withdrawn": set(),
}
MOST_MONTHS = 12
#: a sentence has a subject, a verb and something to say
FEWEST_WORDS = 4
FEWEST_LETTERS = 20
#: modules whose DocTypes keep the platform itself running
PLATFORM = (
	"Core",
	"Custom",
	"Printing",
	"Website",
	"Workflow",
	"Desk",
	"Automation",
	"Email",
	"Integrations",
)
#: what people work with, in these modules
NO_PLATFORM = ("Communication", "Event", "File", "ToDo", "Note")


@frappe.whitelist(methods=["POST"])
def activate(restriction: str, approval_note: str | None = None, review_by: str | None = None) -> None:
	"""Activate a restriction, or approve one again after its review, with a new review date.

	`approval_note` is what Administrator writes down about the business owner's approval.
	"""
	doc = _to_decide(restriction)
	note = _approval_note(approval_note)
	if review_by:
		doc.review_by = getdate(review_by)
	doc.approved_on = doc.reminded_on = nowdate()
	doc.approved_by = frappe.session.user
	doc.approval_note = note
	_set_status(doc, "Active")


@frappe.whitelist(methods=["POST"])
def withdraw(restriction: str, approval_note: str | None = None) -> None:
	"""Withdraw a restriction: the data is open again."""
	doc = _to_decide(restriction)
	doc.approval_note = _approval_note(approval_note) or doc.approval_note
	doc.withdrawn_on = nowdate()
	_set_status(doc, "Withdrawn")


def expire(restriction: str) -> None:
	"""Mark a restriction whose review date has passed."""
	_set_status(frappe.get_doc(REGISTER, restriction), "Expired")


def _to_decide(restriction: str) -> Document:
	doc = frappe.get_doc(REGISTER, restriction, for_update=True)
	if not may_decide(doc):
		frappe.throw(
			_("Only {0} decides about this restriction.").format(
				frappe.bold(frappe.utils.escape_html(frappe.utils.get_fullname(doc.business_owner)))
			),
			exc=NotTheirDecision,
		)
	return doc


def _approval_note(note: str | None) -> str | None:
	note = (note or "").strip() or None
	if frappe.session.user == "Administrator" and not note:
		frappe.throw(
			_("Please write down how the business owner approved, for example: by email on May 4."),
			exc=UnfoundedRestriction,
		)
	return note


def _set_status(doc: Document, status: str) -> None:
	if status not in FLOW[doc.status]:
		frappe.throw(_("A restriction that is {0} can't become {1}.").format(_(doc.status), _(status)))
	doc.status = status
	doc.flags.decided = True
	# what it speaks of may be gone by now
	doc.flags.ignore_links = is_ending(doc)
	doc.save(ignore_permissions=True)


def is_ending(doc: Document) -> bool:
	"""Return whether the restriction is being ended by a decision, or by its date."""
	return bool(doc.flags.decided) and doc.status in ENDED


def start_as_draft(doc: Document) -> None:
	for field in DECIDED_FIELDS:
		doc.set(field, None)
	doc.status = "Draft"


def check_decided(doc: Document) -> None:
	"""Only a decision changes what a decision writes, whoever saves the document by whatever way."""
	before = doc.get_doc_before_save()
	if doc.flags.decided or not before:
		return
	if doc.status != before.status:
		frappe.throw(
			_("Only the business owner changes the status, with the buttons on the form."),
			exc=NotTheirDecision,
		)
	for field in DECIDED_FIELDS:
		doc.set(field, before.get(field))


def check_who_changes(doc: Document) -> None:
	before = doc.get_doc_before_save()
	if doc.flags.decided or not before or before.status == "Draft" or may_decide(doc):
		return
	frappe.throw(
		_("This restriction is {0}. Only its business owner can change it.").format(_(before.status)),
		exc=NotTheirDecision,
	)


def check_deletable(doc: Document) -> None:
	if doc.status != "Draft" and not frappe.flags.in_uninstall:
		frappe.throw(
			_("The register keeps what was once active. Withdraw the restriction instead of deleting it."),
			exc=NotTheirDecision,
		)


def condition(user: str, doctype: str) -> str:
	"""`ReadRule.condition` of the register: everybody sees what is active."""
	return business_owners.condition(REGISTER, OPEN_TO_ALL, user)


def check_what_is_hidden(restriction: Document) -> None:
	check_document_type(restriction.document_type)
	if restriction.restriction_kind == HIDE_RECORDS:
		conditions = filters.parse(restriction.document_type, restriction.record_filter)
		if not conditions:
			frappe.throw(
				_("Please choose which records to hide. To hide all of them, choose {0}.").format(
					frappe.bold(_(HIDE_DOCTYPE))
				),
				exc=InvalidRecordFilter,
			)
		restriction.record_filter = frappe.as_json(conditions, indent=None)
	else:
		restriction.record_filter = None
	restriction.fields = fields_to_hide(restriction) if restriction.restriction_kind == HIDE_FIELDS else None


def check_document_type(doctype: str) -> None:
	meta = frappe.get_meta(doctype)
	is_platform = meta.module in PLATFORM and doctype not in NO_PLATFORM
	is_ledger = ledgers.is_ledger(doctype)
	if (
		meta.istable
		or meta.issingle
		or meta.get("is_virtual")
		or is_platform
		or is_ledger
		or doctype in NEVER_HIDDEN
	):
		frappe.throw(
			_("{0} can't be restricted. Please choose a document type with records of your business.").format(
				frappe.bold(_(doctype))
			),
			exc=UnfoundedRestriction,
		)


def fields_to_hide(restriction: Document) -> str:
	"""Return the names of the fields to hide, one a line."""
	meta = frappe.get_meta(restriction.document_type)
	names = list(dict.fromkeys((restriction.fields or "").replace(",", " ").split()))
	for name in names:
		field = meta.get_field(name)
		if not field or (field.fieldtype in no_value_fields and field.fieldtype not in table_fields):
			frappe.throw(
				_("{0} has no field {1} that could be hidden. Please choose another one.").format(
					frappe.bold(_(restriction.document_type)), frappe.bold(escape_html(name))
				),
				exc=UnfoundedRestriction,
			)
	if not names:
		frappe.throw(_("Please choose the fields to hide."), exc=UnfoundedRestriction)
	return "\n".join(names)


def check_whom(restriction: Document) -> None:
	is_for_role = restriction.applies_to == "Role"
	restriction.user = None if is_for_role else restriction.user
	restriction.role = restriction.role if is_for_role else None
	if not (restriction.role or restriction.user):
		frappe.throw(_("Please choose a role or a user for the restriction."), exc=UnfoundedRestriction)
	if "Administrator" in (restriction.role, restriction.user):
		frappe.throw(
			_("Administrator can't be restricted: Administrator could withdraw any restriction."),
			exc=UnfoundedRestriction,
		)


def check_why(restriction: Document) -> None:
	reason = (restriction.reason or "").strip()
	if len(reason) < FEWEST_LETTERS or len(reason.split()) < FEWEST_WORDS:
		frappe.throw(
			_(
				"Please give the reason in at least one sentence. Everyone who meets the restriction reads it."
			),
			exc=UnfoundedRestriction,
		)
	role_review.check_answers(restriction, UnfoundedRestriction)


def check_business_owner(restriction: Document) -> None:
	role_review.check_business_owner(restriction.business_owner, UnfoundedRestriction)


def check_review_date(restriction: Document) -> None:
	approved_on = getdate(restriction.approved_on or nowdate())
	latest = getdate(add_months(approved_on, MOST_MONTHS))
	is_activated = restriction.status == "Active" and restriction.flags.decided
	is_open = is_activated or (
		restriction.status in ("Draft", "Active") and restriction.has_value_changed("review_by")
	)
	if getdate(restriction.review_by) > latest:
		frappe.throw(
			_("Please review the restriction within {0} months: choose a date until {1}.").format(
				MOST_MONTHS, frappe.bold(formatting.day(latest))
			),
			exc=UnfoundedRestriction,
		)
	if is_open and getdate(restriction.review_by) < getdate(nowdate()):
		frappe.throw(_("Please choose a review date in the future."), exc=UnfoundedRestriction)


def warn_of_empty_effect(restriction: Document) -> None:
	"""Tell when a filter finds nothing, or everything: most likely it isn't what was meant."""
	if restriction.restriction_kind != HIDE_RECORDS or restriction.status not in ("Draft", "Active"):
		return
	found, of = how_many_are_hidden(restriction)
	doctype = frappe.bold(_(restriction.document_type))
	if not found:
		frappe.msgprint(
			_("At the moment, this filter hides no {0}.").format(doctype), indicator="orange", alert=True
		)
	elif found == of:
		frappe.msgprint(_("At the moment, this filter hides every {0}.").format(doctype), indicator="orange")


def how_many_are_hidden(restriction: Document) -> tuple[int, int]:
	"""Return how many records the filter itself finds, and how many there are."""
	doctype = restriction.document_type
	is_found = Condition(filters.as_sql(doctype, filters.stored(restriction)))
	[[found]] = frappe.qb.from_(frappe.qb.DocType(doctype)).select(Count("*")).where(is_found).run()
	return found, frappe.db.count(doctype)


def show_what_is_hidden(doc: Document) -> None:
	"""Give the register's form what its reader may see of the filter, in words, and whether they decide.

	A filter may name customers. Whom the restriction is for, and everybody else, sees that some are hidden, not which.
	"""
	doc.set_onload("may_decide", may_decide(doc))
	may_see = business_owners.is_drafter(frappe.session.user) or may_decide(doc)
	if doc.restriction_kind != HIDE_RECORDS or not may_see or doc.is_new():
		return
	if not frappe.db.exists("DocType", doc.document_type):
		return
	conditions = filters.stored(doc)
	found, of = how_many_are_hidden(doc)
	doc.set_onload(
		"hides", {"conditions": filters.in_words(doc.document_type, conditions), "found": found, "of": of}
	)
