import frappe


class CannotPlant(frappe.ValidationError):
	"""Ringers can't be made as asked."""


class DidNotWork(frappe.ValidationError):
	"""Something went wrong that is told by its kind only, because others read the Error Log."""


class JobFailed(Exception):
	"""A background job failed; its name and the kind of failure, and nothing that it held."""


class RingersAreClosed(frappe.PermissionError):
	"""Somebody wants to open up what only Ringer Managers may know."""
