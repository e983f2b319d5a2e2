"""Who reads a bundle: managers, but none that somebody else made about themselves, which would tell how their leaving is
looked at; and where it holds what only one role may know, only those of them who have that role."""

import frappe
from frappe.model.document import Document

from crm_transparency.crm_transparency.permission_results import pass_on, quoted

BUNDLE = "Evidence Bundle"


def query_condition(user: str | None = None) -> str:
	"""`permission_query_conditions`"""
	user = user or frappe.session.user
	if user == "Administrator":
		return ""
	roles = ", ".join(quoted(role) for role in ["", *frappe.get_roles(user)])
	by_role = f"ifnull(`tab{BUNDLE}`.`only_for_role`, '') in ({roles})"
	name = quoted(user)
	return f"({by_role} and (`tab{BUNDLE}`.person != {name} or `tab{BUNDLE}`.asked_by = {name}))"


def has_permission(doc: Document, ptype: str | None = None, user: str | None = None) -> bool | None:
	"""`has_permission`"""
	user = user or frappe.session.user
	if doc.get("person") == user and doc.get("asked_by") != user:
		return False
	role = doc.get("only_for_role")
	return pass_on() if not role or user == "Administrator" or role in frappe.get_roles(user) else False
