"""Keeping closed what only Ringer Managers may know: nobody grants, shares, customizes or attaches anything there."""

import frappe
from frappe import _
from frappe.model.document import Document

from crm_transparency.ringers.exceptions import RingersAreClosed

CLOSED_BY = "crm_transparency.ringers.secrecy.has_permission"
#: what would open a DocType up or carry it out, by the field that names the DocType
OPENING_UP = {
	"Client Script": "dt",
	"Custom DocPerm": "parent",
	"Custom Field": "dt",
	"Dashboard Chart": "document_type",
	"DocShare": "share_doctype",
	"Notification": "document_type",
	"Number Card": "document_type",
	"Print Format": "doc_type",
	"Property Setter": "doc_type",
	"Report": "ref_doctype",
	"Web Form": "doc_type",
	"Webhook": "webhook_doctype",
}
#: what Frappe keeps beside documents for others to read, by the field that names their DocType
BESIDE = {
	"Comment": "reference_doctype",
	"Communication": "reference_doctype",
	"Document Follow": "ref_doctype",
	"File": "attached_to_doctype",
	"Tag Link": "document_type",
	"ToDo": "reference_type",
	"Version": "ref_doctype",
}


def is_closed(doctype: str | None) -> bool:
	"""Say whether a DocType is one of those that this room closes to everybody but Ringer Managers."""
	return bool(doctype) and CLOSED_BY in frappe.get_hooks("has_permission", {}).get(doctype, ())


def refuse_opening_up(doc: Document) -> None:
	if is_closed(doc.get(OPENING_UP[doc.doctype])):
		frappe.throw(
			_("What is about ringers is read by Ringer Managers only, and that can't be changed."),
			exc=RingersAreClosed,
		)


def refuse_records_beside(doc: Document) -> None:
	if is_closed(doc.get(BESIDE[doc.doctype])) and doc.get("comment_type") != "Deleted":
		frappe.throw(
			_("Nothing can be attached here, because others could read it. Please write it into the story."),
			exc=RingersAreClosed,
		)
