"""Who reads a bundle: managers, but none that somebody else made about themselves, which would tell how their leaving is
looked at; and where it holds what only one role may know, only those of them who have that role. Bundles keep the names
that people had when they were made, so whoever was renamed since is known by their former ones."""

import frappe
from frappe.model.document import Document
from frappe.utils import now_datetime

from crm_transparency.crm_transparency.permission_results import pass_on, quoted
from crm_transparency.ledger import names

BUNDLE = "Evidence Bundle"


def query_condition(user: str | None = None) -> str:
	"""`permission_query_conditions`"""
	user = user or frappe.session.user
	if user == "Administrator":
		return ""
	roles = ", ".join(quoted(role) for role in ["", *frappe.get_roles(user)])
	by_role = f"ifnull(`tab{BUNDLE}`.`only_for_role`, '') in ({roles})"
	spans = names.spans("User", user)
	is_about, is_own = (
		names.condition(spans, f"`tab{BUNDLE}`.{field}", f"`tab{BUNDLE}`.creation")
		for field in ("person", "asked_by")
	)
	return f"({by_role} and (not ({is_about}) or {is_own}))"


def has_permission(doc: Document, ptype: str | None = None, user: str | None = None) -> bool | None:
	"""`has_permission`"""
	user = user or frappe.session.user
	spans, moment = names.spans("User", user), doc.get("creation") or now_datetime()
	is_about, is_own = (names.is_meant(spans, doc.get(field), moment) for field in ("person", "asked_by"))
	if is_about and not is_own:
		return False
	role = doc.get("only_for_role")
	return pass_on() if not role or user == "Administrator" or role in frappe.get_roles(user) else False
