import frappe


class OffboardingIsClosed(frappe.ValidationError):
	"""The offboarding was cancelled, so none of its steps can be done."""


class StepNotPossible(frappe.ValidationError):
	"""A step lacks something that it needs, such as a last working day or a mail address."""
