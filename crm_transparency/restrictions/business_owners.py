"""Who sees and decides what a business owner answers for: restrictions and reviews of roles.

System Managers and Transparency Managers draft. What was decided is read by everybody; what isn't yet, by those who draft
and by its business owner, who alone decides.
"""

from collections.abc import Iterable

import frappe
from frappe.model.document import Document

from crm_transparency.crm_transparency import staff
from crm_transparency.crm_transparency.permissions import quoted

DRAFTERS = {"System Manager", "Transparency Manager"}
CHANGING = ("write", "create", "delete", "share")


def is_drafter(user: str) -> bool:
	return user == "Administrator" or bool(DRAFTERS & set(frappe.get_roles(user)))


def drafters() -> list[str]:
	"""Return the enabled people who draft."""
	holders = staff.holders(*DRAFTERS)
	return frappe.get_all(
		"User", filters={"name": ("in", holders), "enabled": 1, "user_type": "System User"}, pluck="name"
	)


def may_decide(doc: Document, user: str | None = None) -> bool:
	"""Return whether the user decides about a document; Administrator does on the business owner's word."""
	user = user or frappe.session.user
	return user in ("Administrator", stored_owner(doc))


def stored_owner(doc: Document) -> str | None:
	"""Return who owned the decision before this change: nobody becomes the business owner by saying so."""
	if before := doc.get_doc_before_save():
		return before.business_owner
	return (
		doc.business_owner if doc.is_new() else frappe.db.get_value(doc.doctype, doc.name, "business_owner")
	)


def condition(doctype: str, decided: Iterable[str], user: str) -> str:
	"""Return the condition under which a user reads a document; `decided`: the statuses in which everybody does."""
	if is_drafter(user):
		return ""
	statuses = ", ".join(quoted(status) for status in decided)
	return f"`tab{doctype}`.status in ({statuses}) or `tab{doctype}`.business_owner = {quoted(user)}"


def allows(doc: Document, ptype: str | None, user: str) -> bool:
	"""`ReadRule.allows`: only those who draft and the business owner change a document."""
	return ptype not in CHANGING or is_drafter(user) or stored_owner(doc) == user
