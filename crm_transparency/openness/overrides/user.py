from frappe.model.document import Document

from crm_transparency.openness.opening import witness


def on_update(user: Document, method: str | None = None) -> None:
	witness.note_roles(user)
