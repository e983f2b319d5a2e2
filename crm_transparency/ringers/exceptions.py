import frappe


class CannotPlant(frappe.ValidationError):
	"""Ringers can't be made as asked."""


class RingersAreClosed(frappe.PermissionError):
	"""Somebody wants to open up what only Ringer Managers may know."""
