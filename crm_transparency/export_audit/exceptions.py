import frappe


class ManifestAltered(frappe.ValidationError):
	"""A manifest isn't the one whose hash the ledger keeps."""
