"""Access restrictions over real HTTP, put into force the way people do it."""

import json
from datetime import date, timedelta

from tests.http.client import Client, checked

DECISIONS = "crm_transparency.restrictions.decisions"
REASON = "The contract with this customer names the people who may know of it."
ANSWERS = {
	"legal_or_compliance_reason": "Yes, the contract.",
	"needed_for_the_job": "No, another team serves them.",
	"extracts_or_syncs_data": "No.",
	"privacy_of_customers_or_employees": "Yes, of the customer.",
}


def restrict(drafter: Client, decider: Client, user: str, **values) -> str:
	"""Put a restriction of a user into force, drafted by one person and decided by another; return its name."""
	name = drafter.create(
		"Access Restriction",
		applies_to="User",
		user=user,
		reason_category="Contract",
		reason=REASON,
		business_owner=decider.user,
		review_by=str(date.today() + timedelta(days=100)),
		**ANSWERS,
		**values,
	)["name"]
	checked(decider.call(f"{DECISIONS}.activate", restriction=name))
	return name


def withdraw(decider: Client, restriction: str) -> None:
	checked(decider.call(f"{DECISIONS}.withdraw", restriction=restriction))


def hiding_customer(name: str) -> dict:
	"""Return what a restriction says that hides one customer."""
	record_filter = json.dumps([["Customer", "name", "=", name]])
	return {
		"document_type": "Customer",
		"restriction_kind": "Hide Records",
		"record_filter": record_filter,
	}
