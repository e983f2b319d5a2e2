import frappe


class CannotBeOpened(frappe.ValidationError):
	"""The DocType has no documents of its own that could be opened."""


class AlreadyUndone(frappe.ValidationError):
	"""The change was undone before."""


class LaterChangesFirst(frappe.ValidationError):
	"""A later change touched the same permissions: it has to be undone first."""


class NothingToLift(frappe.ValidationError):
	"""These User Permissions hide none of the open documents (any more)."""


class IncompleteReview(frappe.ValidationError):
	"""A review lacks an answer, or a business owner."""


class SignedReview(frappe.ValidationError):
	"""A signed review is final; a new version replaces it."""


class NotTheirReview(frappe.PermissionError):
	"""Only the business owner signs a review."""
