from frappe.model.document import Document

from crm_transparency.crm_transparency import colleagues


def validate(doc: Document, method: str | None = None) -> None:
	colleagues.welcome(doc)
