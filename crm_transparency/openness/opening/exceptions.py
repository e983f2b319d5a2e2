import frappe


class NotToBeOpened(frappe.ValidationError):
	"""The DocType has no documents of its own that could be opened."""


class AlreadyUndone(frappe.ValidationError):
	"""The change was undone before."""


class LaterChangesFirst(frappe.ValidationError):
	"""A later change touched the same permissions: it has to be undone first."""


class NotAClosingPermission(frappe.ValidationError):
	"""These User Permissions close none of the open documents (any more)."""
