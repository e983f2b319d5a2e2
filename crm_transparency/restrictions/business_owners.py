"""Who sees and decides what a business owner answers for: restrictions and reviews of roles.

System Managers and Transparency Managers draft. What was decided is read by everybody; what isn't yet, by those who draft
and by its business owner, who alone decides.
"""

from collections.abc import Iterable

import frappe
from frappe.model.document import Document

from crm_transparency.crm_transparency.permission_results import pass_on, quoted

DRAFTERS = {"System Manager", "Transparency Manager"}
CHANGING = ("write", "create", "delete", "share")


def is_drafter(user: str) -> bool:
	return user == "Administrator" or bool(DRAFTERS & set(frappe.get_roles(user)))


def may_decide(doc: Document, user: str | None = None) -> bool:
	"""Say whether the user decides about a document; Administrator does on the business owner's word."""
	user = user or frappe.session.user
	return user in ("Administrator", stored_owner(doc))


def stored_owner(doc: Document) -> str | None:
	"""Return who owned the decision before this change: nobody becomes the business owner by saying so."""
	if before := doc.get_doc_before_save():
		return before.business_owner
	return (
		doc.business_owner if doc.is_new() else frappe.db.get_value(doc.doctype, doc.name, "business_owner")
	)


def query_condition(doctype: str, decided: Iterable[str], user: str | None) -> str:
	"""Return the condition of lists; `decided`: the statuses in which everybody sees a document."""
	user = user or frappe.session.user
	if is_drafter(user):
		return ""
	statuses = ", ".join(quoted(status) for status in decided)
	return f"(`tab{doctype}`.status in ({statuses}) or `tab{doctype}`.business_owner = {quoted(user)})"


def has_permission(doc: Document, decided: Iterable[str], ptype: str | None, user: str | None) -> bool | None:
	"""Check one document by the same rule; only those who draft and the business owner change it."""
	user = user or frappe.session.user
	if is_drafter(user) or stored_owner(doc) == user:
		return pass_on()
	return pass_on() if doc.status in decided and ptype not in CHANGING else False
