import frappe

TITLE_FIELDS = {"Customer": "customer_name", "Prospect": "company_name"}


def title_of(party_type: str, party: str) -> str:
	"""The name people know a Customer, Lead or Prospect by; for a Lead its company, else its person."""
	if party_type == "Lead":
		company, person = frappe.db.get_value("Lead", party, ["company_name", "lead_name"]) or (None, None)
		return company or person or party
	return frappe.db.get_value(party_type, party, TITLE_FIELDS[party_type]) or party
