"""The checklist for what no software can do: who does each item, and who did it when.

Whoever is named for an item sees nothing else of the offboarding, but gets a to-do; closing it marks the item.
"""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, escape_html, get_fullname, now_datetime

from crm_transparency.crm_transparency import languages
from crm_transparency.offboarding import progress
from crm_transparency.offboarding.access import REMOVAL, ending
from crm_transparency.offboarding.access.outcome import outcome
from crm_transparency.offboarding.exceptions import StepNotPossible
from crm_transparency.offboarding.words import CANCELLED, OFFBOARDING

ITEM, TASK, STEP = "Access Checklist Item", "ToDo", "access"
UNSETTLED, DONE, NOT_NEEDED = "Open", "Done", "Not needed"
LONGEST_ITEM = 140


def as_shown(removal: Document | frappe._dict) -> list[dict]:
	rows = removal.get("checklist") or [
		frappe._dict(item=item, status=UNSETTLED) for item in ending.CHECKLIST
	]
	return [
		{
			"item": row.item,
			"label": _(row.item),
			"status": row.status,
			"note": row.note,
			"responsible_name": get_fullname(row.responsible) if row.responsible else None,
			"done_by_name": get_fullname(row.done_by) if row.done_by else None,
			"done_on": row.done_on,
		}
		for row in rows
	]


def find(removal: Document, item: str | None) -> Document:
	row = next((row for row in removal.checklist if row.item == (item or "").strip()), None)
	if row is None:
		frappe.throw(_("Please choose an item of the checklist."))
	return row


def check_off(
	removal: Document, item: str, status: str = DONE, note: str | None = None, is_new: int | str = 0
) -> Document:
	"""Note who did what and when; a `status` of "Open" takes it back. With `is_new` the item is added to the list."""
	item = (item or "").strip()[:LONGEST_ITEM]
	if status not in (UNSETTLED, DONE, NOT_NEEDED) or not item:
		frappe.throw(_("Please choose an item of the checklist."))
	if cint(is_new):
		if item not in [row.item for row in removal.checklist]:
			removal.append("checklist", {"item": item, "status": UNSETTLED})
		removal.save(ignore_permissions=True)
		return removal
	row = find(removal, item)
	mark(row, status, note)
	removal.save(ignore_permissions=True)
	if status != UNSETTLED:
		# after saving: the to-do's own handler finds the item marked
		end_todo(row, "Closed")
	return removal


def mark(row: Document, status: str, note: str | None) -> None:
	if row.status == status:
		return
	is_settled = status != UNSETTLED
	row.update(
		{
			"status": status,
			"note": (note or "").strip() or None,
			"done_by": frappe.session.user if is_settled else None,
			"done_on": now_datetime() if is_settled else None,
		}
	)


def name_somebody(offboarding: Document, removal: Document, item: str, user: str) -> Document:
	"""Say who does an item: that person gets a to-do. The same person a second time gets no other."""
	row = find(removal, item)
	if user == offboarding.user or not frappe.db.get_value("User", user, "enabled"):
		frappe.throw(_("Please choose somebody who stays and has an enabled user."), exc=StepNotPossible)
	if row.status != UNSETTLED or (row.responsible == user and is_open(row.todo)):
		return removal
	end_todo(row, "Cancelled")
	language = languages.of_user(user)
	words = _("{0} is leaving. Please see to this and close the to-do then: {1}", lang=language)
	todo = frappe.get_doc(
		doctype=TASK,
		allocated_to=user,
		assigned_by=frappe.session.user,
		reference_type=OFFBOARDING,
		reference_name=offboarding.name,
		date=offboarding.last_working_day,
		description=escape_html(words.format(offboarding.employee_name, _(row.item, lang=language))),
	).insert(ignore_permissions=True)
	row.update({"responsible": user, "todo": todo.name})
	removal.save(ignore_permissions=True)
	return removal


def is_open(todo: str | None) -> bool:
	return bool(todo) and frappe.db.get_value(TASK, todo, "status") == "Open"


def end_todo(row: Document, status: str) -> None:
	if is_open(row.todo):
		todo = frappe.get_doc(TASK, row.todo)
		todo.status = status
		todo.save(ignore_permissions=True)


def release(offboarding: Document) -> None:
	"""Take the to-dos back: the person stays."""
	if frappe.db.exists(REMOVAL, offboarding.name):
		for row in frappe.get_doc(REMOVAL, offboarding.name).checklist:
			end_todo(row, "Cancelled")


def todo_was_closed(todo: Document) -> None:
	"""Mark the item that a to-do stands for, in the name of whoever closed it."""
	item = frappe.db.get_value(ITEM, {"todo": todo.name, "parenttype": REMOVAL}, ["parent", "item"])
	if not item:
		return
	name, text = item
	step = progress.lock(name, STEP)
	offboarding = frappe.get_doc(OFFBOARDING, name)
	if offboarding.status == CANCELLED:
		return
	removal = ending.removal_of(offboarding)
	if find(removal, text).status == UNSETTLED:
		progress.note(name, step, outcome(check_off(removal, text)))
