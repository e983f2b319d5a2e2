from frappe.model.document import Document

from crm_transparency.crm_transparency import staff


def validate(doc: Document, method: str | None = None) -> None:
	staff.give_colleague_role(doc)
