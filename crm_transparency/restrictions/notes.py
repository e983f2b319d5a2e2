"""Notes in the Desk: lists and forms say that something of them is restricted, why, and whom to ask."""

import frappe
from frappe import _
from frappe.model.document import Document

from crm_transparency.crm_transparency import registry
from crm_transparency.restrictions import business_owners, checks, explanation, filters
from crm_transparency.restrictions.register import HIDE_RECORDS, Restriction, in_force
from crm_transparency.restrictions.ways import hanging_doctypes


def tell_the_desk_what_is_restricted(bootinfo: frappe._dict) -> None:
	"""Put the notes into the Desk's boot info: the texts, and by DocType which of them its lists and forms show."""
	texts: list[dict] = []
	by_doctype: dict[str, list[int]] = {}
	for restriction in in_force():
		for doctype in doctypes_with_note(restriction):
			by_doctype.setdefault(doctype, []).append(len(texts))
		texts.append({"kind": restriction.restriction_kind, "text": text(restriction)})
	bootinfo.crm_transparency_restrictions = {"texts": texts, "by_doctype": by_doctype}


def doctypes_with_note(restriction: Restriction) -> list[str]:
	if restriction.restriction_kind != HIDE_RECORDS:
		return [restriction.document_type]
	return list(
		dict.fromkeys(
			(restriction.document_type, *registry.tracked_doctypes(), *hanging_doctypes(restriction))
		)
	)


def text(restriction: Restriction) -> str:
	"""Return the line above a list or a form, as HTML."""
	if restriction.restriction_kind != HIDE_RECORDS:
		return explanation.sentence(restriction)
	what = _("Some records of {0}, and what belongs to them, are restricted for you.").format(
		_(restriction.document_type)
	)
	return f"{what} {explanation.reason_and_owner(restriction)}"


def tell_what_is_hidden(doc: Document) -> None:
	"""Give the register's form what its reader may see of the filter, in words, and whether they decide.

	A filter may name customers. Whom the restriction is for, and everybody else, sees that some are hidden, not which.
	"""
	doc.set_onload("may_decide", business_owners.may_decide(doc))
	may_see = business_owners.is_drafter(frappe.session.user) or business_owners.may_decide(doc)
	if doc.restriction_kind != HIDE_RECORDS or not may_see or doc.is_new():
		return
	if not frappe.db.exists("DocType", doc.document_type):
		return
	conditions = filters.stored(doc)
	found, of = checks.how_many_are_hidden(doc)
	doc.set_onload(
		"hides", {"conditions": filters.in_words(doc.document_type, conditions), "found": found, "of": of}
	)
