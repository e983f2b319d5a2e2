"""Versions of reviews: drafted by managers or the business owner, signed by the business owner, final from then on."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import escape_html, get_fullname, now_datetime

from crm_transparency.openness.reviews.exceptions import NotTheirReview, SignedReview, UnfoundedReview
from crm_transparency.restrictions import business_owners, role_review
from crm_transparency.restrictions.business_owners import may_decide

REVIEW = "Openness Review"
DRAFT, SIGNED, REPLACED = "Draft", "Signed", "Replaced"
#: set by signing, and by nothing else
SET_BY_SIGNING = ("signed_by", "signed_on", "approval_note")


@frappe.whitelist(methods=["POST"])
def sign(review: str, approval_note: str | None = None) -> None:
	"""Sign a review; the version before is replaced by it. Raises NotTheirReview for others than the business owner.

	`approval_note`: how the business owner approved, where Administrator signs on their word.
	"""
	doc = to_sign(review)
	note = (approval_note or "").strip() or None
	if frappe.session.user == "Administrator" and not note:
		frappe.throw(_("Please write down how the business owner approved."), exc=UnfoundedReview)
	doc.update(
		{
			"status": SIGNED,
			"signed_by": frappe.session.user,
			"signed_on": now_datetime(),
			"approval_note": note,
		}
	)
	save(doc)
	if doc.previous_version:
		replace(doc.previous_version)


def to_sign(review: str) -> Document:
	doc = frappe.get_doc(REVIEW, review, for_update=True)
	if not may_decide(doc):
		owner = frappe.bold(escape_html(get_fullname(doc.business_owner)))
		frappe.throw(_("{0} signs this review, and nobody else.").format(owner), exc=NotTheirReview)
	if doc.status != DRAFT:
		frappe.throw(_("This review is signed already."), exc=SignedReview)
	return doc


def replace(review: str) -> None:
	doc = frappe.get_doc(REVIEW, review, for_update=True)
	doc.status = REPLACED
	save(doc)


def save(doc: Document) -> None:
	doc.flags.signing = True
	doc.save(ignore_permissions=True)


def start_version(doc: Document) -> None:
	"""Begin as a draft that refers to the version before for the role."""
	if draft := frappe.db.get_value(REVIEW, {"role": doc.role, "status": DRAFT}):
		frappe.throw(
			_("There is a draft for this role already: {0}. Please go on with that.").format(
				frappe.utils.get_link_to_form(REVIEW, draft)
			),
			exc=UnfoundedReview,
		)
	newest = frappe.get_all(
		REVIEW, filters={"role": doc.role}, fields=["name", "version"], order_by="version desc", limit=1
	)
	doc.version = newest[0].version + 1 if newest else 1
	doc.previous_version = newest[0].name if newest else None
	doc.status = DRAFT
	for field in SET_BY_SIGNING:
		doc.set(field, None)


def check(doc: Document) -> None:
	"""Refuse a review that lacks something. One that is replaced was complete when it was signed."""
	if doc.status == REPLACED:
		return
	role_review.check_answers(doc, UnfoundedReview)
	role_review.check_business_owner(doc.business_owner, UnfoundedReview)


def check_final(doc: Document) -> None:
	"""Refuse to change what is signed, or to write by hand what only signing writes."""
	before = doc.get_doc_before_save()
	if doc.flags.signing or not before:
		return
	if before.status != DRAFT:
		frappe.throw(_("This review is signed and final. Please start a new version."), exc=SignedReview)
	fixed = ("role", "version", "previous_version", "status", *SET_BY_SIGNING)
	if any(doc.get(field) != before.get(field) for field in fixed):
		frappe.throw(_("The role, the version and the signature can't be changed by hand."), exc=SignedReview)


def check_deletable(doc: Document) -> None:
	if doc.status != DRAFT and not frappe.flags.in_uninstall:
		frappe.throw(_("Signed reviews are kept."), exc=SignedReview)


def condition(user: str, doctype: str) -> str:
	"""`ReadRule.condition` of the reviews: everybody sees what is signed."""
	return business_owners.condition(REVIEW, (SIGNED, REPLACED), user)
