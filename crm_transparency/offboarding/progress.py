"""How far an offboarding is: locking a step, noting what came of it, and the timeline that tells it afterwards.

A step is a row of the offboarding, locked while somebody does it. Rows are written one by one and not by saving the
document, so two people can do two steps at the same moment.
"""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import escape_html, now, now_datetime

from crm_transparency.offboarding.steps import registry
from crm_transparency.offboarding.steps.step import Outcome
from crm_transparency.offboarding.words import (
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

TASK = "ToDo"


def lock(offboarding: str, step: str) -> frappe._dict:
	"""Lock a step until the transaction ends, and return its row. Raises ValidationError if the offboarding has no such step.

	Whoever waited here must see what the other did. MariaDB fixes what a transaction sees when it first reads, so a
	transaction that has written nothing starts anew before it locks.
	"""
	row = frappe.db.get_value(STEP, {"parent": offboarding, "parenttype": OFFBOARDING, "step": step})
	if not row:
		frappe.throw(_("This offboarding doesn't have the step {0}.").format(registry.label(step)))
	if not frappe.db.transaction_writes:
		frappe.db.rollback()
	return frappe.db.get_value(STEP, row, "*", as_dict=True, for_update=True)


def note(offboarding: str, row: frappe._dict, outcome: Outcome, by: str | None = None) -> None:
	"""Write down what doing a step came to, and complete the offboarding with its last step.

	`by` is who did it, if that isn't the session's user: a leaver who answers through the personal link has no session.
	"""
	status = DONE if outcome.is_done else IN_PROGRESS
	is_news = (row.status, row.result) != (status, outcome.result)
	if row.status == DONE and not is_news:
		return
	write(row, status, outcome.result, by or frappe.session.user)
	tell_timeline(offboarding, row.step, _("Done") if outcome.is_done else _("Under way"), outcome.result)


def note_by_key(offboarding: str, step: str, outcome: Outcome) -> None:
	"""Do as `note`, for jobs that finish a step some time after it was begun."""
	note(offboarding, lock(offboarding, step), outcome)


def skip(offboarding: str, row: frappe._dict, reason: str) -> None:
	write(row, SKIPPED, reason, frappe.session.user)
	tell_timeline(offboarding, row.step, _("Skipped"), reason)


def reopen(offboarding: str, row: frappe._dict) -> None:
	if row.status == OPEN:
		return
	frappe.db.set_value(STEP, row.name, {"status": OPEN, "done_by": None, "done_on": None, "result": None})
	follow_status(offboarding)
	tell_timeline(offboarding, row.step, _("Opened again"), row.result)


def write(row: frappe._dict, status: str, result: str, by: str) -> None:
	values = {"status": status, "result": result, "done_by": by, "done_on": now_datetime()}
	frappe.db.set_value(STEP, row.name, values)
	if status in (DONE, SKIPPED):
		close_todo(row)
	follow_status(row.parent)


def follow_status(offboarding: str) -> None:
	"""Let the offboarding's status follow from its steps; whoever has its form open has to load it again to save."""
	status = frappe.db.get_value(OFFBOARDING, offboarding, "status")
	if status == CANCELLED:
		return
	steps = frappe.get_all(STEP, filters={"parent": offboarding, "parenttype": OFFBOARDING}, pluck="status")
	is_complete = bool(steps) and all(step in (DONE, SKIPPED) for step in steps)
	values = {"status": COMPLETED if is_complete else IN_PROGRESS, "modified": now()}
	if status == DRAFT or values["status"] != status:
		values["completed_on"] = now_datetime() if is_complete else None
	doc = frappe.get_doc(OFFBOARDING, offboarding)
	values["open_for"] = None if is_complete else doc.whom_it_is_for()
	values["modified_by"] = frappe.session.user
	frappe.db.set_value(OFFBOARDING, offboarding, values, update_modified=False)


def tell_timeline(offboarding: str, step: str, what: str, text: str | None = None) -> None:
	"""Add a line to the timeline of the Offboarding's form."""
	line = f"<b>{escape_html(registry.label(step))}</b>: {escape_html(what)}"
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
