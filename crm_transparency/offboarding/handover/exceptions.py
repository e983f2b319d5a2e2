import frappe


class WrongMoment(frappe.ValidationError):
	"""What was asked for can't be done while the handover is where it is."""


class NotASuccessor(frappe.ValidationError):
	"""The person named can't get accounts."""


class NothingToDo(frappe.ValidationError):
	"""There is nothing that the step could do."""
