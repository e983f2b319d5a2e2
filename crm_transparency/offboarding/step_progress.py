"""How far an offboarding is: locking a step, logging its outcome, the timeline, and notifying HR.

A step is a row of the offboarding, locked while somebody runs it. Rows are written one by one instead of saving the
document, so two people can run two steps at the same moment.
"""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import date_diff, escape_html, now, now_datetime, today

from crm_transparency.crm_transparency import formatting, mail
from crm_transparency.offboarding import leaver_details, steps
from crm_transparency.offboarding.offboarding_records import (
	APPROVED,
	CANCELLED,
	COMPLETED,
	DONE,
	DRAFT,
	IN_PROGRESS,
	INTRODUCTION,
	OFFBOARDING,
	OPEN,
	SKIPPED,
	STEP,
)
from crm_transparency.offboarding.steps import Outcome

TASK = "ToDo"
#: so long before the last working day, moving accounts and removing access are early
DAYS_EARLY = 7


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


def warnings(offboarding: Document, before: str) -> list[str]:
	"""Return in sentences, with numbers, what speaks against taking a step now: "transfer" or "access"."""
	found = []
	day = offboarding.last_working_day
	owned = leaver_details.owned_accounts(offboarding.user) if offboarding.user else 0
	approved = frappe.db.count(INTRODUCTION, {"offboarding": offboarding.name, "status": APPROVED})
	if day and (days := date_diff(day, today())) > DAYS_EARLY:
		found.append(
			_("The last working day is {0}, {1} days from now.").format(
				formatting.day(day), formatting.number(days)
			)
		)
	if before == "access" and owned:
		name = offboarding.employee_name
		one, many = _("One account still belongs to {0}."), _("{1} accounts still belong to {0}.")
		found.append((one if owned == 1 else many).format(name, formatting.number(owned)))
	if approved:
		one = _("One approved letter of introduction hasn't been sent.")
		found.append(
			formatting.count(approved, one, _("{0} approved letters of introduction haven't been sent."))
		)
	return found


def close_todo(row: frappe._dict) -> None:
	"""Close the to-do that reminded somebody of the step."""
	if row.todo and frappe.db.get_value(TASK, row.todo, "status") == "Open":
		todo = frappe.get_doc(TASK, row.todo)
		todo.status = "Closed"
		todo.save(ignore_permissions=True)


def notify_hr(
	offboarding: Document, *sentences: str | tuple[str, str | list[tuple[str, int]]], but: str | None = None
) -> None:
	"""Notify HR in the Desk, each in their language, except the user `but`.

	Of the sentences, which are translated, {0} is the leaver's name, and {1} a value that comes with the sentence, or labels
	with numbers.
	"""
	name = f"<strong>{escape_html(offboarding.employee_name)}</strong>"
	for reader in leaver_details.hr(offboarding):
		if reader == but:
			continue
		language = formatting.language_of(reader)
		pairs = [(it, "") if isinstance(it, str) else it for it in sentences]
		subject = " ".join(
			_(text, lang=language).format(name, escape_html(in_words(value, language)))
			for text, value in pairs
		)
		mail.notify(reader, subject, (OFFBOARDING, offboarding.name))


def in_words(value: str | list[tuple[str, int]], language: str) -> str:
	if isinstance(value, str):
		return value
	return ", ".join(f"{_(label, lang=language)} ({number})" for label, number in value)
