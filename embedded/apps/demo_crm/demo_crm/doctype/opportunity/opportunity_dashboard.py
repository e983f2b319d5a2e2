from frappe import _


def get_data() -> dict:
	"""What the Connections tab of an Opportunity counts."""
	return {
		"fieldname": "opportunity",
		"transactions": [{"label": _("Became"), "items": ["Quotation"]}],
	}
