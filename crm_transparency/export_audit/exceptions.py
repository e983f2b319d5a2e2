import frappe


class ManifestAltered(frappe.ValidationError):
	"""A manifest isn't the one whose hash the ledger keeps."""


class NoteMissing(frappe.MandatoryError):
	"""An alert is set to Explained without an explanation."""


class NotYoursToSettle(frappe.PermissionError):
	"""Somebody settles an alert about themselves."""


class AlertIsKept(frappe.ValidationError):
	"""Somebody deletes an alert."""
