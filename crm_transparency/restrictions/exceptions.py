import frappe


class InvalidRecordFilter(frappe.ValidationError):
	"""A restriction's filter isn't one that can be enforced."""


class NotTheirDecision(frappe.PermissionError):
	"""Somebody else than the business owner decides about a restriction."""


class UnfoundedRestriction(frappe.ValidationError):
	"""A restriction lacks what every exception to openness needs: a reason, an owner, answers, an end."""
