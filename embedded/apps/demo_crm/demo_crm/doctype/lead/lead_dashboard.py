from frappe import _


def get_data() -> dict:
	"""What the Connections tab of a Lead counts."""
	return {
		"fieldname": "lead",
		"non_standard_fieldnames": {
			"Customer": "lead_name",
			"Opportunity": "party_name",
			"Quotation": "party_name",
		},
		"dynamic_links": {"party_name": ["Lead", "quotation_to"]},
		"transactions": [{"label": _("Became"), "items": ["Opportunity", "Quotation", "Customer"]}],
	}
