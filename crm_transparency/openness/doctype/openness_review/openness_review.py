"""Reviews of roles: four questions, answered by managers or the business owner, who signs them.

A signed review is final; a new version replaces it.
"""

from datetime import datetime
from typing import TypedDict

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import (
	add_months,
	escape_html,
	get_fullname,
	get_link_to_form,
	getdate,
	now_datetime,
	nowdate,
)

from crm_transparency.crm_transparency import effective_permissions, formatting, registry
from crm_transparency.crm_transparency.permissions import ReadRule
from crm_transparency.openness.exceptions import IncompleteReview, NotTheirReview, SignedReview
from crm_transparency.restrictions import business_owners, register, role_review

REVIEW = "Openness Review"
DRAFT, SIGNED, REPLACED = "Draft", "Signed", "Replaced"
SET_BY_SIGNING = ("signed_by", "signed_on", "approval_note")


def read_condition(user: str, doctype: str) -> str:
	"""`ReadRule.condition`: everybody reads signed reviews."""
	return business_owners.condition(REVIEW, (SIGNED, REPLACED), user)


class OpennessReview(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		approval_note: DF.SmallText | None
		business_owner: DF.Link
		conclusion: DF.SmallText
		extracts_or_syncs_data: DF.SmallText
		legal_or_compliance_reason: DF.SmallText
		needed_for_the_job: DF.SmallText
		previous_version: DF.Link | None
		privacy_of_customers_or_employees: DF.SmallText
		role: DF.Link
		signed_by: DF.Link | None
		signed_on: DF.Datetime | None
		status: DF.Literal["Draft", "Signed", "Replaced"]
		version: DF.Int

	# end: auto-generated types

	read_rule = ReadRule(read_condition, business_owners.allows)

	def onload(self):
		self.set_onload("may_sign", business_owners.may_decide(self))

	def before_insert(self):
		self.check_only_draft()
		self.start_version()

	def autoname(self):
		self.name = f"{self.role} v{self.version}"

	def validate(self):
		self.check_final()
		if self.status != REPLACED:  # then it was complete when it was signed
			role_review.check_answers(self, IncompleteReview)
			role_review.check_business_owner(self.business_owner, IncompleteReview)

	def on_trash(self):
		if self.status != DRAFT and not frappe.flags.in_uninstall:
			frappe.throw(_("Signed reviews can't be deleted."), exc=SignedReview)

	def check_only_draft(self) -> None:
		if draft := frappe.db.get_value(REVIEW, {"role": self.role, "status": DRAFT}):
			frappe.throw(
				_("This role already has a draft. Please continue with it: {0}").format(
					get_link_to_form(REVIEW, draft)
				),
				exc=IncompleteReview,
			)

	def start_version(self) -> None:
		"""Become a draft that refers to the role's latest version."""
		latest = frappe.get_all(
			REVIEW, filters={"role": self.role}, fields=["name", "version"], order_by="version desc", limit=1
		)
		self.version = latest[0].version + 1 if latest else 1
		self.previous_version = latest[0].name if latest else None
		self.status = DRAFT
		self.update(dict.fromkeys(SET_BY_SIGNING))

	def check_final(self) -> None:
		"""Refuse changes of a signed review, and of what only signing sets."""
		before = self.get_doc_before_save()
		if self.flags.signing or not before:
			return
		if before.status != DRAFT:
			frappe.throw(_("This review is signed and final. Please create a new version."), exc=SignedReview)
		fixed = ("role", "version", "previous_version", "status", *SET_BY_SIGNING)
		if any(self.get(field) != before.get(field) for field in fixed):
			frappe.throw(
				_("The role, the version and the signature can't be changed by hand."), exc=SignedReview
			)

	def sign(self, approval_note: str | None) -> None:
		self.save_signing(
			status=SIGNED,
			signed_by=frappe.session.user,
			signed_on=now_datetime(),
			approval_note=approval_note,
		)
		if self.previous_version:
			frappe.get_doc(REVIEW, self.previous_version, for_update=True).save_signing(status=REPLACED)

	def save_signing(self, **values: str | datetime | None) -> None:
		self.update(values)
		self.flags.signing = True
		self.save(ignore_permissions=True)

	def restrictions(self) -> list[register.Restriction]:
		"""Return the active restrictions of the role, for the print format."""
		return [each for each in register.all_in_force() if each.role == self.role]

	def signature(self) -> str:
		"""Return who signed it and when, for the print format."""
		owner = get_fullname(self.business_owner)
		if not self.signed_on:
			return _("Not signed yet. Business owner: {0}").format(owner)
		signed = _("Signed by {0} on {1}").format(
			get_fullname(self.signed_by), formatting.moment(self.signed_on)
		)
		if self.signed_by == self.business_owner:
			return signed
		return _("{0}, for the business owner {1}: {2}").format(signed, owner, self.approval_note or "")


@frappe.whitelist(methods=["POST"])
def sign(review: str, approval_note: str | None = None) -> None:
	"""Sign a review, which replaces the version before. Raises NotTheirReview for others than the business owner.

	`approval_note`: how the business owner approved, required if Administrator signs on their behalf.
	"""
	doc = frappe.get_doc(REVIEW, review, for_update=True)
	if not business_owners.may_decide(doc):
		owner = frappe.bold(escape_html(get_fullname(doc.business_owner)))
		frappe.throw(_("Only {0} can sign this review.").format(owner), exc=NotTheirReview)
	if doc.status != DRAFT:
		frappe.throw(_("This review is already signed."), exc=SignedReview)
	note = (approval_note or "").strip() or None
	if frappe.session.user == "Administrator" and not note:
		frappe.throw(_("Please enter how the business owner approved this."), exc=IncompleteReview)
	doc.sign(note)


class RoleToReview(TypedDict):
	role: str
	#: how many people have it
	users: int
	#: when the last review was signed, None if none was
	signed_on: str | None
	#: a draft, if the reader may see it
	draft: str | None
	is_restricted: bool


@frappe.whitelist(methods=["GET"])
def roles_to_review() -> list[RoleToReview]:
	"""Return the roles without a review signed in the months that the settings say; restricted ones first.

	They are roles that read tracked documents, and roles that restrictions name.
	"""
	frappe.only_for("Desk User")
	months = frappe.db.get_single_value(registry.SETTINGS, "openness_review_months") or 12
	current_since = getdate(add_months(nowdate(), -months))
	restricted = {each.role for each in register.all_in_force() if each.role}
	signed = frappe.get_all(
		REVIEW, filters={"status": SIGNED}, fields=["role", "signed_on"], order_by="signed_on"
	)
	signed_on = {row.role: getdate(row.signed_on) for row in signed}
	drafts = frappe.get_list(REVIEW, filters={"status": DRAFT}, fields=["role", "name"], limit=0)
	draft_of = {row.role: row.name for row in drafts}
	found = [
		RoleToReview(
			role=role,
			users=held["users"],
			signed_on=str(signed_on[role]) if role in signed_on else None,
			draft=draft_of.get(role),
			is_restricted=role in restricted,
		)
		for held in effective_permissions.role_holders(restricted | reading_roles())
		if ((role := held["role"]) in restricted or held["users"])
		and not (role in signed_on and signed_on[role] >= current_since)
	]
	return sorted(found, key=lambda each: (not each["is_restricted"], -each["users"], each["role"]))


def reading_roles() -> set[str]:
	rules = effective_permissions.role_permissions(list(registry.tracked_doctypes()), ["read"])
	return {rule.role for rule in rules if rule.read} - role_review.TECHNICAL_ROLES
