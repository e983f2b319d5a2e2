"""Keeping closed what only Ringer Managers may know: nobody grants, shares, customizes or attaches anything there."""

import frappe
from frappe import _
from frappe.model.document import Document

from crm_transparency.crm_transparency.permissions import rule_of
from crm_transparency.ringers import secrecy
from crm_transparency.ringers.exceptions import RingersAreClosed

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


def is_closed(doctype: str | None) -> bool:
	"""Say whether a DocType is one of those that this room closes to everybody but Ringer Managers."""
	return rule_of(doctype) is secrecy.READ_RULE


def refuse_opening_up(doc: Document) -> None:
	if is_closed(doc.get(OPENING_UP[doc.doctype])):
		frappe.throw(
			_("What is about ringers is read by Ringer Managers only, and that can't be changed."),
			exc=RingersAreClosed,
		)
