"""Handlers for ERPNext's Employee."""

from frappe.model.document import Document

from crm_transparency.offboarding import starting_offboardings

#: by the fields of Offboarding
DATES = {"resignation_date": "resignation_letter_date", "last_working_day": "relieving_date"}


def on_update(doc: Document, method: str | None = None) -> None:
	"""Draft an offboarding when a record says for the first time that somebody leaves or left; an open one follows its dates."""
	before = doc.get_doc_before_save() or {}
	if before and doc.status == "Left" != before.status and doc.user_id:
		starting_offboardings.draft_for_gone("Employee", doc.user_id, doc.name)
	dates = {own: doc.get(theirs) for own, theirs in DATES.items() if differs(before, doc, theirs)}
	if not dates or starting_offboardings.update_open(doc.name, doc.user_id, **dates):
		return
	resigned, last_day = (doc.get(field) for field in DATES.values())
	if starting_offboardings.says_leaving(resigned, last_day) and not starting_offboardings.was_completed(
		doc.name, None, resigned
	):
		starting_offboardings.draft(
			"Employee", employee=doc.name, resignation_date=resigned, last_working_day=last_day
		)


def differs(before: Document | dict, after: Document, field: str) -> bool:
	return str(before.get(field) or "") != str(after.get(field) or "")
