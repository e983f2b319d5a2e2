"""Handlers for ERPNext's Employee."""

from frappe.model.document import Document

from crm_transparency.offboarding import starting_offboardings

DATES = ("resignation_letter_date", "relieving_date")


def on_update(doc: Document, method: str | None = None) -> None:
	"""Draft an offboarding when a record says for the first time that somebody leaves, or when the day changes."""
	before = doc.get_doc_before_save()
	if not any(doc.get(field) and (before is None or differs(before, doc, field)) for field in DATES):
		return
	resigned, last_day = (doc.get(field) for field in DATES)
	if starting_offboardings.says_leaving(resigned, last_day) and not starting_offboardings.was_completed(
		doc.name, None, resigned
	):
		starting_offboardings.draft(
			"Employee", employee=doc.name, resignation_date=resigned, last_working_day=last_day
		)


def differs(before: Document, after: Document, field: str) -> bool:
	return str(before.get(field) or "") != str(after.get(field) or "")
