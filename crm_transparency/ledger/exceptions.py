import frappe


class LedgerEntryIsFinal(frappe.ValidationError):
	"""A ledger entry was to be changed, deleted, renamed or written by hand."""

	http_status_code = 403


class SealedMeanwhile(Exception):
	"""Entries about to be sealed were sealed by another job. The next run goes on where that one ended."""
