from frappe.model.document import Document

from crm_transparency.ringers.watching import calls


def after_insert(doc: Document, method: str | None = None) -> None:
	calls.look_at(doc)
