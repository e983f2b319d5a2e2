"""Every DocType."""

from frappe.model.document import Document

from crm_transparency.restrictions import renaming


def after_rename(doc: Document, method: str | None, old: str, new: str, merge: bool = False) -> None:
	renaming.follow(doc.doctype, old, new, merge)
