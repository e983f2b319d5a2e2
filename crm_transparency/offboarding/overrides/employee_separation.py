"""Handlers for HRMS's Employee Separation."""

from frappe.model.document import Document

from crm_transparency.offboarding import starting_offboardings


def on_change(doc: Document, method: str | None = None) -> None:
	resigned, last_day = doc.get("resignation_letter_date"), doc.get("boarding_begins_on")
	if doc.docstatus == 2:
		starting_offboardings.ask_whether_stays(doc.employee)
	if not doc.get("employee") or doc.docstatus == 2 or doc.get("boarding_status") == "Completed":
		return
	if starting_offboardings.was_completed(doc.employee, None, resigned or doc.creation):
		return
	if starting_offboardings.says_leaving(resigned, last_day) or not (resigned or last_day):
		starting_offboardings.draft(
			"Employee Separation", employee=doc.employee, resignation_date=resigned, last_working_day=None
		)
