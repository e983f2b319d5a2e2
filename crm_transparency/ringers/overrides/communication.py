from frappe.model.document import Document

from crm_transparency.ringers.watching import incoming


def after_insert(doc: Document, method: str | None = None) -> None:
	incoming.look_at(doc)
