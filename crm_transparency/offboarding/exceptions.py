import frappe


class OffboardingIsClosed(frappe.ValidationError):
	"""The offboarding was cancelled, so none of its steps can be run."""


class MailNotSent(frappe.ValidationError):
	"""A mail of an offboarding can't be sent; nothing of it is recorded."""


class SiteSendsNoMails(MailNotSent):
	"""The site can't send any mail, whoever it is to."""


class StepNotPossible(frappe.ValidationError):
	"""A step lacks something that it requires, such as a mail address."""


class WrongMoment(frappe.ValidationError):
	"""The handover isn't in a state in which this is possible."""


class NotASuccessor(frappe.ValidationError):
	"""The person named can't get accounts."""


class NothingToDo(frappe.ValidationError):
	"""Nothing is left to do, or accounts have no successor."""
