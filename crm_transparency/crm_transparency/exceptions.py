import frappe


class NotAnOwnerField(frappe.ValidationError):
	"""The field that should hold an account's owner isn't a link to a user."""


class NoOutgoingMail(frappe.ValidationError):
	"""The site has no account that mails are sent from."""


class NotTrackable(frappe.ValidationError):
	"""The DocType has no documents of its own whose owner could change."""
