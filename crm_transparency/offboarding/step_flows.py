"""The steps' flows, and what spans all of them: cancelling an offboarding, and its printed file."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import format_date, get_fullname, now_datetime
from frappe.utils.html_utils import sanitize_html

from crm_transparency.crm_transparency import formatting
from crm_transparency.offboarding import (
	access_ending,
	mail_once,
	offboarding_permissions,
	step_progress,
	steps,
)
from crm_transparency.offboarding.access_step import AccessEnds
from crm_transparency.offboarding.agreement_step import AgreementCheck
from crm_transparency.offboarding.farewell_step import Farewell
from crm_transparency.offboarding.interview_step import ExitInterview
from crm_transparency.offboarding.introductions_step import Introductions
from crm_transparency.offboarding.offboarding_records import (
	CANCELLED,
	IN_PROGRESS,
	OFFBOARDING,
	OPEN,
	SKIPPED,
	STEP,
)
from crm_transparency.offboarding.plan_step import HandoverPlan
from crm_transparency.offboarding.review_step import Review
from crm_transparency.offboarding.ringer_watch_step import RingerWatch
from crm_transparency.offboarding.steps import Step
from crm_transparency.offboarding.transfer_step import Transfer

LONGEST_REASON = 500
DATES = (
	("resignation_date", "Resigned on"),
	("last_working_day", "Last working day"),
	("cancelled_on", "Cancelled on"),
	("completed_on", "Completed on"),
)
FLOWS: dict[str, Step] = {
	step.key: step
	for step in (
		AgreementCheck(),
		ExitInterview(),
		Review(),
		HandoverPlan(),
		Introductions(),
		Transfer(),
		AccessEnds(),
		RingerWatch(),
		Farewell(),
	)
}


def get(key: str) -> Step:
	"""Return a step's flow. Raises ValidationError if there is no such step."""
	if key not in FLOWS:
		frappe.throw(_("There is no offboarding step {0}.").format(key))
	return FLOWS[key]


def record_of(doc: Document, row: Document) -> str | None:
	"""Return what a step's result says by now."""
	is_settled = row.status in (OPEN, SKIPPED) or doc.status == CANCELLED
	return row.result if is_settled else get(row.step).record(doc) or row.result


def follow() -> None:
	"""Scheduled job: let results follow what happens after a step ran: mails that are sent, plans that are calculated."""
	changed = mail_once.follow_queue()
	waiting = {"step": HandoverPlan.key, "status": IN_PROGRESS, "parenttype": OFFBOARDING}
	for name in changed.union(frappe.get_all(STEP, filters=waiting, pluck="parent")):
		access_ending.try_safely(
			follow_one, name, _("CRM Transparency: results of an offboarding are outdated")
		)


def follow_one(offboarding: str) -> None:
	doc = frappe.get_doc(OFFBOARDING, offboarding)
	for row in doc.steps:
		if (result := record_of(doc, row)) != row.result:
			frappe.db.set_value(STEP, row.name, "result", result, update_modified=False)


def cancel(doc: Document, reason: str) -> list[str]:
	"""Undo the steps of an offboarding, the last one first; return what couldn't be undone, in sentences.

	Cancelling a second time changes nothing, and returns the same.
	"""
	reason = (reason or "").strip()[:LONGEST_REASON]
	if not reason:
		frappe.throw(_("Please enter why the offboarding is cancelled."))
	rows = [step_progress.lock(doc.name, row.step) for row in reversed(doc.steps)]
	doc = frappe.get_doc(OFFBOARDING, doc.name)
	if doc.status == CANCELLED:
		return (doc.not_undone or "").splitlines()
	not_undone = []
	for row in rows:
		if row.status != OPEN:
			not_undone += get(row.step).undo(doc)
		step_progress.close_todo(row)
	# also where there is no step for access, or it was reopened
	if removal := access_ending.unfreeze(doc):
		not_undone += access_ending.not_restored(removal.items)
	mark_cancelled(doc, reason, not_undone)
	return not_undone


def mark_cancelled(doc: Document, reason: str, not_undone: list[str]) -> None:
	doc.reload()
	doc.update(
		{
			"status": CANCELLED,
			"cancelled_on": now_datetime(),
			"cancelled_by": frappe.session.user,
			"cancel_reason": reason,
			"not_undone": "\n".join(not_undone),
		}
	)
	doc.flags.by_app = True
	doc.save(ignore_permissions=True)
	doc.add_comment("Info", frappe.utils.escape_html(_("Cancelled: {0}").format(reason)))


def complete_file(doc: Document) -> dict:
	"""Return what the printed file shows. Raises PermissionError for whoever doesn't run the offboarding."""
	offboarding_permissions.check_runs(doc)
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
		(_("Reason for cancelling"), doc.cancel_reason),
		(_("Not undone"), doc.not_undone),
	]
	return [(label, value) for label, value in (*others, *dates) if value]


def as_printed(doc: Document, row: Document) -> dict:
	who_and_when = None
	if row.status != OPEN and row.done_by:
		who_and_when = f"{get_fullname(row.done_by)}, {formatting.moment(row.done_on)}"
	step = get(row.step)
	return {
		"label": steps.label(row.step),
		"status": _(row.status),
		"who_and_when": who_and_when,
		"result": record_of(doc, row),
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
			"when": formatting.moment(comment.creation),
			"who": comment.comment_by or comment.comment_email or comment.owner,
			"what": sanitize_html(comment.content or ""),
		}
		for comment in comments
	]
