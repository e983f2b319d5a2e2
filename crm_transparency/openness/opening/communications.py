"""Colleagues read the communications on what is open, and no others.

A role permission on Communication alone would open the whole mail box of the company. So whoever reads communications
by the rule of colleagues only sees those about open documents; whoever has another role for it, what that role shows.
"""

import frappe
from frappe.model.document import Document

from crm_transparency.crm_transparency.colleagues import COLLEAGUE
from crm_transparency.crm_transparency.permission_results import pass_on, quoted
from crm_transparency.openness.opening import changes, choices

COMMUNICATION = "Communication"


def query_condition(user: str | None = None) -> str:
	"""`permission_query_conditions` of Communication."""
	user = user or frappe.session.user
	if not reads_as_colleague_only(user):
		return ""
	about = ", ".join(quoted(doctype) for doctype in sorted(documents_with_communications()))
	own = f"`tab{COMMUNICATION}`.owner = {quoted(user)}"
	return f"(`tab{COMMUNICATION}`.reference_doctype in ({about}) or {own})" if about else own


def has_permission(doc: Document, ptype: str | None = None, user: str | None = None) -> bool | None:
	"""`has_permission` of Communication. Frappe itself asks whether the document that it's about may be read."""
	user = user or frappe.session.user
	if not reads_as_colleague_only(user) or doc.owner == user:
		return pass_on()
	is_about_open_document = doc.reference_name and doc.reference_doctype in documents_with_communications()
	return pass_on() if is_about_open_document else False


def documents_with_communications() -> set[str]:
	return changes.open_doctypes() - {COMMUNICATION}


def reads_as_colleague_only(user: str) -> bool:
	"""Say whether the rule of colleagues is the only one by which the user reads others' communications."""
	if user == "Administrator":
		return False
	roles = set(frappe.get_roles(user))
	reading = [
		rule
		for rule in frappe.get_meta(COMMUNICATION).permissions
		if rule.role in roles and rule.read and not rule.permlevel and not rule.if_owner
	]
	return bool(reading) and all(
		rule.role == COLLEAGUE and choices.is_colleagues_rule(rule.as_dict()) for rule in reading
	)
