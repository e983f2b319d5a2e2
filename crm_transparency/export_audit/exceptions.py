import frappe


class ManifestAltered(frappe.ValidationError):
	"""A manifest isn't the one whose hash the ledger keeps."""


class ExportNotRecorded(frappe.ValidationError):
	"""What was about to leave couldn't be recorded, so it stays."""


class NoteMissing(frappe.MandatoryError):
	"""An alert is set to Explained without an explanation."""


class NotYoursToSettle(frappe.PermissionError):
	"""Somebody settles an alert about themselves."""


class AlertIsKept(frappe.ValidationError):
	"""Somebody deletes an alert."""
