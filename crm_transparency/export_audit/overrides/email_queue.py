from frappe.model.document import Document

from crm_transparency.export_audit.ways_out import mails


def after_insert(doc: Document, method: str | None = None) -> None:
	mails.record(doc)
