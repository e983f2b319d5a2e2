import frappe


class NotAnOwnerField(frappe.ValidationError):
	"""The field that should hold an account's owner isn't a link to a user."""


class MailNotQueued(frappe.ValidationError):
	"""A mail couldn't be put into the queue. The text says why, and names nobody; so does `cause`, for administrators."""

	cause: str | None = None


class NoOutgoingMail(MailNotQueued):
	"""The site has no account that mails are sent from."""


class NoMailAddress(MailNotQueued):
	"""There is no address to write to, or what stands there isn't one."""


class NotTrackable(frappe.ValidationError):
	"""The DocType has no documents of its own whose owner could change."""
