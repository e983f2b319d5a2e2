"""What transfers refuse, and how a save is told to stop."""

import frappe


class TransferNotPossible(frappe.ValidationError):
	"""The transfer, as it is described, can't be planned or run; the message says what to change."""


class WrongMoment(frappe.ValidationError):
	"""The transfer isn't in a state in which this can be done."""


class ListNotReadable(TransferNotPossible):
	"""The list of accounts isn't a table that can be understood."""


class HandedBack(frappe.ValidationError):
	"""Something that ran when the account was saved set another owner."""
