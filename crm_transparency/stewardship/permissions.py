"""Who sees acknowledgements: HR and administrators all of them, everybody their own."""

import frappe

from crm_transparency.crm_transparency.permissions import quoted
from crm_transparency.stewardship.policies import ACKNOWLEDGEMENTS

SEES_ALL = {"HR Manager", "Offboarding Manager", "System Manager"}


def sees_all(user: str) -> bool:
	return user == "Administrator" or bool(SEES_ALL & set(frappe.get_roles(user)))


def condition(user: str, doctype: str) -> str:
	"""`ReadRule.condition` of the acknowledgements."""
	return "" if sees_all(user) else f"`tab{ACKNOWLEDGEMENTS}`.user = {quoted(user)}"
