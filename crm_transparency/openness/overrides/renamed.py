"""Every DocType."""

from frappe.model.document import Document

from crm_transparency.openness.opening import renaming as opening
from crm_transparency.restrictions import renaming as restrictions


def after_rename(doc: Document, method: str | None, old: str, new: str, merge: bool = False) -> None:
	restrictions.follow(doc.doctype, old, new, merge)
	opening.follow(doc.doctype, old, new)
