"""Managers: those who see what concerns everybody, whatever the settings keep from others."""

import frappe
from frappe import _

MANAGER_ROLES = {"Transparency Manager", "Offboarding Manager", "HR Manager", "System Manager"}


def is_manager(user: str | None = None) -> bool:
	user = user or frappe.session.user
	return user == "Administrator" or bool(MANAGER_ROLES & set(frappe.get_roles(user)))


def roles_in_words() -> str:
	"""Return the roles of managers as a list in the reader's language."""
	return ", ".join(_(role) for role in sorted(MANAGER_ROLES))
