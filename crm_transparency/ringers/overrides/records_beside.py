"""Handlers for the records that Frappe keeps beside documents: comments, files, tasks, shares, tags."""

from frappe.model.document import Document

from crm_transparency.ringers import documents


def before_insert(doc: Document, method: str | None = None) -> None:
	documents.refuse_records_beside(doc)
