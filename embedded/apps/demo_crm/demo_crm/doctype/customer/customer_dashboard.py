from frappe import _


def get_data() -> dict:
	"""What the Connections tab of a Customer counts."""
	return {
		"fieldname": "customer",
		"non_standard_fieldnames": {"Opportunity": "party_name", "Quotation": "party_name"},
		"dynamic_links": {"party_name": ["Customer", "quotation_to"]},
		"transactions": [
			{"label": _("Sales"), "items": ["Opportunity", "Quotation", "Sales Order"]},
			{"label": _("Support"), "items": ["Issue", "Call Log"]},
		],
	}
