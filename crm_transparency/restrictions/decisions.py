"""Who decides about a restriction: its business owner.

System Managers and Transparency Managers draft. What is in force is changed, and its status set, by the business owner;
Administrator may do it on the business owner's word, and has to write down how that was given.
"""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate, nowdate

from crm_transparency.restrictions import business_owners
from crm_transparency.restrictions.business_owners import may_decide
from crm_transparency.restrictions.exceptions import NotTheirDecision, UnfoundedRestriction
from crm_transparency.restrictions.register import REGISTER

OPEN_TO_ALL = ("Active", "Expired")
#: what is only taken back needs no reason, and nobody who is still there
ENDED = ("Expired", "Withdrawn")
#: set by a decision, and by nothing else
DECIDED_FIELDS = ("status", "approved_on", "approved_by", "approval_note", "withdrawn_on", "reminded_on")
FLOW = {
	"Draft": {"Active"},
	"Active": {"Active", "Expired", "Withdrawn"},
	"Expired": {"Active", "Withdrawn"},
	"Withdrawn": set(),
}


@frappe.whitelist(methods=["POST"])
def activate(restriction: str, approval_note: str | None = None, review_by: str | None = None) -> None:
	"""Put a restriction into force, or approve one again after its review, with a new review date.

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
	"""Take a restriction back: the data is open again."""
	doc = _to_decide(restriction)
	doc.approval_note = _approval_note(approval_note) or doc.approval_note
	doc.withdrawn_on = nowdate()
	_set_status(doc, "Withdrawn")


def expire(restriction: str) -> None:
	"""Write down that the review date has passed; a job does that."""
	_set_status(frappe.get_doc(REGISTER, restriction), "Expired")


def _to_decide(restriction: str) -> Document:
	doc = frappe.get_doc(REGISTER, restriction, for_update=True)
	if not may_decide(doc):
		frappe.throw(
			_("{0} decides about this restriction, and nobody else.").format(
				frappe.bold(frappe.utils.escape_html(frappe.utils.get_fullname(doc.business_owner)))
			),
			exc=NotTheirDecision,
		)
	return doc


def _approval_note(note: str | None) -> str | None:
	note = (note or "").strip() or None
	if frappe.session.user == "Administrator" and not note:
		frappe.throw(
			_("Please write down how the business owner approved, for example by a mail of a certain day."),
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
	"""Say whether the restriction is being ended by a decision, or by its date."""
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
			_("The status is changed by the business owner's decision: use the buttons of the form."),
			exc=NotTheirDecision,
		)
	for field in DECIDED_FIELDS:
		doc.set(field, before.get(field))


def check_who_changes(doc: Document) -> None:
	before = doc.get_doc_before_save()
	if doc.flags.decided or not before or before.status == "Draft" or may_decide(doc):
		return
	frappe.throw(
		_("This restriction is {0}. Only its business owner changes it.").format(_(before.status)),
		exc=NotTheirDecision,
	)


def check_deletable(doc: Document) -> None:
	if doc.status != "Draft" and not frappe.flags.in_uninstall:
		frappe.throw(
			_("The register keeps what was once in force. Withdraw the restriction instead of deleting it."),
			exc=NotTheirDecision,
		)


def condition(user: str, doctype: str) -> str:
	"""`ReadRule.condition` of the register: everybody sees what is in force."""
	return business_owners.condition(REGISTER, OPEN_TO_ALL, user)
