from frappe.model.document import Document


def as_lines(address: Document) -> str:
	"""An Address as it stands on an envelope, as plain text."""
	lines = [address.address_line1, address.city, address.pincode, address.country]
	return "\n".join(filter(None, lines))
