import frappe


class OffboardingIsClosed(frappe.ValidationError):
	"""The offboarding was cancelled, so none of its steps can be done."""


class MailNotSent(frappe.ValidationError):
	"""A mail of an offboarding can't be sent; nothing of it is on record then."""


class SiteSendsNoMails(MailNotSent):
	"""The site can't send any mail, whoever it is to."""


class StepNotPossible(frappe.ValidationError):
	"""A step lacks something that it needs, such as a last working day or a mail address."""
