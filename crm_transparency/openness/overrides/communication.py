"""Colleagues read the communications on open documents, and no others.

The role permission that opens Communication would open all mail of the company. So whoever reads communications only
because everybody may sees those on open documents; whoever has another role for it sees what that role shows.
"""

import frappe
from frappe.model.document import Document

from crm_transparency.crm_transparency.permissions import pass_on, quoted
from crm_transparency.openness import open_doctypes

COMMUNICATION = "Communication"


def query_condition(user: str | None = None) -> str:
	"""`permission_query_conditions` of Communication."""
	user = user or frappe.session.user
	if not reads_as_colleague_only(user):
		return ""
	doctypes = ", ".join(quoted(doctype) for doctype in sorted(doctypes_with_communications()))
	own = f"`tab{COMMUNICATION}`.owner = {quoted(user)}"
	return f"(`tab{COMMUNICATION}`.reference_doctype in ({doctypes}) or {own})" if doctypes else own


def has_permission(doc: Document, ptype: str | None = None, user: str | None = None) -> bool | None:
	"""`has_permission` of Communication. Frappe itself checks whether the document it is about may be read."""
	user = user or frappe.session.user
	if not reads_as_colleague_only(user) or doc.owner == user:
		return pass_on()
	is_on_open_document = doc.reference_name and doc.reference_doctype in doctypes_with_communications()
	return pass_on() if is_on_open_document else False


def doctypes_with_communications() -> set[str]:
	return open_doctypes.current() - {COMMUNICATION}


def reads_as_colleague_only(user: str) -> bool:
	"""Return whether the user reads others' communications by the rule of colleagues alone."""
	if user == "Administrator":
		return False
	roles = set(frappe.get_roles(user))
	reading = [
		rule
		for rule in frappe.get_meta(COMMUNICATION).permissions
		if rule.role in roles and rule.read and not rule.permlevel and not rule.if_owner
	]
	return bool(reading) and all(open_doctypes.is_colleague_rule(rule.as_dict()) for rule in reading)
