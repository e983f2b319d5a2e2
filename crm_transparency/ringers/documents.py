"""The documents of sightings, by name, and what others may keep beside them: nothing."""

import frappe
from frappe import _
from frappe.model.document import Document

SIGHTING, CASE, CASE_SIGHTING = "Ringer Sighting", "Ringer Case", "Ringer Case Sighting"
TIP, LEAVER, LINK, WEBHOOK = "Ringer Tip", "Watched Leaver", "Ringer Watch Link", "Ringer Webhook"
ALL = (SIGHTING, CASE, CASE_SIGHTING, TIP, LEAVER, LINK, WEBHOOK)
#: records that Frappe keeps beside a document, by the field that names its DocType; others could read them
RECORDS_BESIDE = {
	"Comment": "reference_doctype",
	"Communication": "reference_doctype",
	"DocShare": "share_doctype",
	"Document Follow": "ref_doctype",
	"File": "attached_to_doctype",
	"Tag Link": "document_type",
	"ToDo": "reference_type",
	"Version": "ref_doctype",
}


def refuse_records_beside(record: Document) -> None:
	"""Let nothing be kept beside these documents: comments, files, tasks and tags have readers of their own."""
	doctype = record.get(RECORDS_BESIDE[record.doctype])
	if doctype not in ALL or record.get("comment_type") == "Deleted":
		return
	frappe.throw(
		_(
			"Nothing can be attached here, because others could read it. Please write it into the document itself."
		),
		exc=frappe.PermissionError,
	)
