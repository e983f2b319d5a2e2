from frappe.model.document import Document

from crm_transparency.crm_transparency import registry


def on_update(doc: Document, method: str | None = None) -> None:
	registry.forget()


def after_rename(doc: Document, method: str | None, old: str, new: str, merge: bool = False) -> None:
	registry.forget()
