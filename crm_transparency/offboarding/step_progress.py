"""How far an offboarding is: locking a step, logging its outcome, the timeline, and notifying HR.

A step is a row of the offboarding, locked while somebody runs it. Rows are written one by one instead of saving the
document, so two people can run two steps at the same moment.
"""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import escape_html, now, now_datetime

from crm_transparency.crm_transparency import formatting, mail
from crm_transparency.offboarding import leaver_details, steps
from crm_transparency.offboarding.offboarding_records import (
	CANCELLED,
	COMPLETED,
	DONE,
	DRAFT,
	IN_PROGRESS,
	OFFBOARDING,
	OPEN,
	SKIPPED,
	STEP,
)
from crm_transparency.offboarding.steps import Outcome

TASK = "ToDo"


def lock(offboarding: str, step: str) -> frappe._dict:
	"""Lock a step until the transaction ends, and return its row. Raises ValidationError if the offboarding has no such step.

	Whoever waited here must see what the other did. MariaDB fixes what a transaction sees when it first reads, so a
	transaction that has written nothing starts over before it locks.
	"""
	row = frappe.db.get_value(STEP, {"parent": offboarding, "parenttype": OFFBOARDING, "step": step})
	if not row:
		frappe.throw(_("This offboarding doesn't have the step {0}.").format(steps.label(step)))
	if not frappe.db.transaction_writes:
		frappe.db.rollback()
	return frappe.db.get_value(STEP, row, "*", as_dict=True, for_update=True)


def log(offboarding: str, row: frappe._dict, outcome: Outcome, by: str | None = None) -> None:
	"""Log the outcome of a step, and complete the offboarding with its last step.

	`by` is who ran it, if not the session's user: a leaver who answers through the personal link has no session.
	"""
	status = DONE if outcome.is_done else IN_PROGRESS
	is_news = (row.status, row.result) != (status, outcome.result)
	if row.status == DONE and not is_news:
		return
	write(row, status, outcome.result, by or frappe.session.user)
	add_to_timeline(offboarding, row.step, _("Done") if outcome.is_done else _("In progress"), outcome.result)


def skip(offboarding: str, row: frappe._dict, reason: str) -> None:
	write(row, SKIPPED, reason, frappe.session.user)
	add_to_timeline(offboarding, row.step, _("Skipped"), reason)


def reopen(offboarding: str, row: frappe._dict) -> None:
	if row.status == OPEN:
		return
	frappe.db.set_value(STEP, row.name, {"status": OPEN, "done_by": None, "done_on": None, "result": None})
	update_status(offboarding)
	add_to_timeline(offboarding, row.step, _("Reopened"), row.result)


def write(row: frappe._dict, status: str, result: str, by: str) -> None:
	values = {"status": status, "result": result, "done_by": by, "done_on": now_datetime()}
	frappe.db.set_value(STEP, row.name, values)
	if status in (DONE, SKIPPED):
		close_todo(row)
	update_status(row.parent)


def update_status(offboarding: str) -> None:
	"""Set the offboarding's status from its steps; whoever has its form open has to reload it to save."""
	status = frappe.db.get_value(OFFBOARDING, offboarding, "status")
	if status == CANCELLED:
		return
	of_steps = frappe.get_all(
		STEP, filters={"parent": offboarding, "parenttype": OFFBOARDING}, pluck="status"
	)
	is_complete = bool(of_steps) and all(one in (DONE, SKIPPED) for one in of_steps)
	values = {"status": COMPLETED if is_complete else IN_PROGRESS, "modified": now()}
	if status == DRAFT or values["status"] != status:
		values["completed_on"] = now_datetime() if is_complete else None
	doc = frappe.get_doc(OFFBOARDING, offboarding)
	values["open_for"] = None if is_complete else doc.whom_it_is_for()
	values["modified_by"] = frappe.session.user
	frappe.db.set_value(OFFBOARDING, offboarding, values, update_modified=False)


def add_to_timeline(offboarding: str, step: str, what: str, text: str | None = None) -> None:
	"""Add a line to the timeline of the Offboarding's form."""
	line = f"<b>{escape_html(steps.label(step))}</b>: {escape_html(what)}"
	if text:
		line += f"<br>{escape_html(text)}"
	doc: Document = frappe.get_doc(OFFBOARDING, offboarding)
	doc.add_comment("Info", line)


def close_todo(row: frappe._dict) -> None:
	"""Close the to-do that reminded somebody of the step."""
	if row.todo and frappe.db.get_value(TASK, row.todo, "status") == "Open":
		todo = frappe.get_doc(TASK, row.todo)
		todo.status = "Closed"
		todo.save(ignore_permissions=True)


def notify_hr(offboarding: Document, *sentences: str | tuple[str, str]) -> None:
	"""Notify HR in the Desk, each in their language.

	Of the sentences, which are translated, {0} is the leaver's name, and {1} a value that comes with the sentence.
	"""
	name = f"<strong>{escape_html(offboarding.employee_name)}</strong>"
	for reader in leaver_details.hr(offboarding):
		language = formatting.language_of(reader)
		pairs = [(it, "") if isinstance(it, str) else it for it in sentences]
		subject = " ".join(_(text, lang=language).format(name, escape_html(value)) for text, value in pairs)
		mail.notify(reader, subject, (OFFBOARDING, offboarding.name))
