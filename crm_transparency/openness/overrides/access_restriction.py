from frappe.model.document import Document

from crm_transparency.openness.opening import replacing


def on_update(restriction: Document, method: str | None = None) -> None:
	replacing.follow(restriction)


def on_trash(restriction: Document, method: str | None = None) -> None:
	replacing.drop(restriction)
