"""How tests register restrictions: drafted by somebody, activated by their business owner."""

import frappe
from frappe.utils import add_months, nowdate

from crm_transparency.restrictions import decisions
from tests.people_and_accounts import acting_as

REASON = "The contract with this customer names the people who may know of it."
ANSWERS = {
	"legal_or_compliance_reason": "Yes, the contract.",
	"needed_for_the_job": "No, another team serves them.",
	"extracts_or_syncs_data": "Yes, to their phones.",
	"privacy_of_customers_or_employees": "Yes, of the customer.",
}


def draft(document_type: str, business_owner: str, **values):
	"""Return a restriction that isn't saved yet."""
	record_filter = values.pop("record_filter", None)
	return frappe.get_doc(
		{
			"doctype": "Access Restriction",
			"document_type": document_type,
			"restriction_kind": "Hide Records",
			"applies_to": "User" if values.get("user") else "Role",
			"record_filter": frappe.as_json(record_filter) if record_filter is not None else None,
			"reason_category": "Contract",
			"reason": REASON,
			"business_owner": business_owner,
			"review_by": add_months(nowdate(), 6),
			**ANSWERS,
			**values,
		}
	)


def restrict(document_type: str, business_owner: str, **values):
	"""Register a restriction and activate it; return it."""
	restriction = draft(document_type, business_owner, **values).insert()
	with acting_as(business_owner):
		decisions.activate(restriction.name)
	restriction.reload()  # which returns nothing on v15
	return restriction


def hide_customers(names: list[str], business_owner: str, **whom):
	return restrict("Customer", business_owner, record_filter=[["Customer", "name", "in", names]], **whom)
