import frappe


class UnfoundedReview(frappe.ValidationError):
	"""A review lacks an answer, or somebody of the business who owns it."""


class SignedReview(frappe.ValidationError):
	"""A signed review is final; a new version takes its place."""


class NotTheirReview(frappe.PermissionError):
	"""Only the business owner signs a review."""
