import frappe


class OffboardingIsClosed(frappe.ValidationError):
	"""The offboarding was cancelled, so none of its steps can be done."""


class MailNotSent(frappe.ValidationError):
	"""The site can't send a mail of an offboarding; nothing of it is on record then."""


class StepNotPossible(frappe.ValidationError):
	"""A step lacks something that it needs, such as a last working day or a mail address."""
