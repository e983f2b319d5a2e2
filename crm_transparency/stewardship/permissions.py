"""Who sees acknowledgements: HR and administrators all of them, everybody their own."""

import frappe
from frappe.model.document import Document

from crm_transparency.crm_transparency.permission_results import pass_on, quoted
from crm_transparency.stewardship.policies import ACKNOWLEDGEMENTS

SEES_ALL = {"HR Manager", "Offboarding Manager", "System Manager"}


def sees_all(user: str) -> bool:
	return user == "Administrator" or bool(SEES_ALL & set(frappe.get_roles(user)))


def query_condition(user: str | None = None) -> str:
	"""`permission_query_conditions` of the acknowledgements."""
	user = user or frappe.session.user
	return "" if sees_all(user) else f"`tab{ACKNOWLEDGEMENTS}`.user = {quoted(user)}"


def has_permission(doc: Document, ptype: str | None = None, user: str | None = None) -> bool | None:
	"""`has_permission` of the acknowledgements."""
	user = user or frappe.session.user
	return pass_on() if sees_all(user) or doc.user == user else False
