import frappe


class LedgerEntryIsFinal(frappe.ValidationError):
	"""A ledger entry was to be changed, deleted, renamed or written by hand."""

	http_status_code = 403
