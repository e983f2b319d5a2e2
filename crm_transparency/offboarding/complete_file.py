"""The whole offboarding on paper: what is known, every step with what it did, and the timeline."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import format_date, format_datetime, get_fullname
from frappe.utils.html_utils import sanitize_html

from crm_transparency.offboarding import permissions
from crm_transparency.offboarding.steps import registry
from crm_transparency.offboarding.words import OFFBOARDING, OPEN

DATES = (
	("resignation_date", "Resigned on"),
	("last_working_day", "Last working day"),
	("cancelled_on", "Cancelled on"),
	("completed_on", "Completed on"),
)


def of(doc: Document) -> dict:
	"""Return what the file shows. Raises PermissionError for whoever doesn't run the offboarding."""
	permissions.check_runs(doc)
	return {
		"facts": facts(doc),
		"steps": [as_printed(doc, row) for row in doc.steps],
		"timeline": timeline(doc),
	}


def facts(doc: Document) -> list[tuple[str, str]]:
	dates = [(_(label), format_date(doc.get(field))) for field, label in DATES if doc.get(field)]
	others = [
		(_("Status"), _(doc.status)),
		(_("Employee"), doc.employee),
		(_("User"), doc.user),
		(_("Manager"), get_fullname(doc.manager) if doc.manager else None),
		(_("Leaving for"), doc.leaving_for),
		(_("Why it was cancelled"), doc.cancel_reason),
		(_("What couldn't be undone"), doc.not_undone),
	]
	return [(label, value) for label, value in (*others, *dates) if value]


def as_printed(doc: Document, row: Document) -> dict:
	who_and_when = None
	if row.status != OPEN and row.done_by:
		who_and_when = f"{get_fullname(row.done_by)}, {format_datetime(row.done_on, 'medium')}"
	step = registry.get(row.step)
	return {
		"label": registry.label(row.step),
		"status": _(row.status),
		"who_and_when": who_and_when,
		"result": row.result,
		"printed": step.printed(doc),
	}


def timeline(doc: Document) -> list[dict]:
	comments = frappe.get_all(
		"Comment",
		filters={
			"reference_doctype": OFFBOARDING,
			"reference_name": doc.name,
			"comment_type": ("in", ("Info", "Comment")),
		},
		fields=["creation", "comment_by", "comment_email", "owner", "content"],
		order_by="creation",
	)
	return [
		{
			"when": format_datetime(comment.creation, "medium"),
			"who": comment.comment_by or comment.comment_email or comment.owner,
			"what": sanitize_html(comment.content or ""),
		}
		for comment in comments
	]
