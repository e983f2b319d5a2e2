"""The review of a role, which the third article in the seeds asks for: its questions, and who may answer them.

"Not only should the business own the security requirements, but they should also document this ownership and their reason
for making these decisions: don't leave IT on the hook for a decision that the business team must make."
"""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import escape_html

#: the fields of both the register and the reviews that hold the answers
QUESTIONS = (
	"legal_or_compliance_reason",
	"needed_for_the_job",
	"extracts_or_syncs_data",
	"privacy_of_customers_or_employees",
)
#: roles that say nothing about somebody's business
TECHNICAL_ROLES = {
	"Administrator",
	"All",
	"CRM Colleague",
	"Dashboard Manager",
	"Desk User",
	"Guest",
	"Prepared Report User",
	"Report Manager",
	"Script Manager",
	"System Manager",
	"Translator",
	"Website Manager",
	"Workspace Manager",
}


def check_answers(doc: Document, exc: type[Exception]) -> None:
	for field in QUESTIONS:
		if not (doc.get(field) or "").strip():
			frappe.throw(
				_("Please answer all four questions of the role review. Missing: {0}").format(
					frappe.bold(_(doc.meta.get_label(field)))
				),
				exc=exc,
			)


def check_business_owner(owner: str, exc: type[Exception]) -> None:
	"""Refuse a business owner who isn't in the business: nobody of the Desk, disabled, or a System Manager only."""
	enabled, user_type = frappe.db.get_value("User", owner, ["enabled", "user_type"]) or (0, None)
	roles = set(frappe.get_roles(owner)) if enabled else set()
	has_only_technical_roles = "System Manager" in roles and not roles - TECHNICAL_ROLES
	if (
		owner in ("Administrator", "Guest")
		or user_type != "System User"
		or not enabled
		or has_only_technical_roles
	):
		frappe.throw(
			_(
				"{0} can't be the business owner: the business owns such a decision and its reason, not IT. "
				"Please choose a colleague with a role in the business."
			).format(frappe.bold(escape_html(owner))),
			exc=exc,
		)
