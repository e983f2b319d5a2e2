"""Step 7: access is removed, at a set time or at once, and that is proved; and a checklist for what software can't do.

Whoever is assigned an item sees nothing else of the offboarding, but gets a to-do; closing it completes the item.
"""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, escape_html, get_fullname, now_datetime

from crm_transparency.crm_transparency import formatting
from crm_transparency.offboarding import access_ending, leaver_details, step_progress
from crm_transparency.offboarding.access_ending import outcome
from crm_transparency.offboarding.exceptions import StepNotPossible
from crm_transparency.offboarding.offboarding_records import CANCELLED, OFFBOARDING, REMOVAL
from crm_transparency.offboarding.steps import Outcome, Step, html_table

LAST_HOUR = "18:00:00"
PROVE = "crm_transparency.offboarding.access_ending.prove_safely"
ITEM, TASK = "Access Checklist Item", "ToDo"
UNSETTLED, DONE, NOT_NEEDED = "Open", "Done", "Not needed"
LONGEST_ITEM = 140


class AccessEnds(Step):
	key = "access"

	def known(self, offboarding: Document) -> dict:
		exists = frappe.db.exists(REMOVAL, offboarding.name)
		removal = frappe.get_doc(REMOVAL, offboarding.name) if exists else frappe._dict()
		last_day = offboarding.last_working_day
		return {
			"has_user": bool(offboarding.user),
			"status": removal.get("status"),
			"ends_at": removal.get("ends_at") or (f"{last_day} {LAST_HOUR}" if last_day else None),
			"ended_on": removal.get("ended_on"),
			"proved_on": removal.get("proved_on"),
			"frozen_on": removal.get("frozen_on"),
			"still_active": still_active(offboarding, removal),
			"left": access_ending.left_with_nobody(removal, offboarding.employee),
			"warnings": step_progress.warnings(offboarding, before="access"),
			"jobs_to": removal.get("jobs_to") or access_ending.jobs_to_by_default(offboarding),
			"items": [
				{"what": _(item.what), "number": item.number, "ended_on": item.ended_on}
				for item in removal.get("items") or []
			],
			"proofs": [
				{
					"attempt": proof.attempt,
					"is_refused": bool(proof.is_refused),
					"answer": proof.answer,
					"tried_on": proof.tried_on,
				}
				for proof in removal.get("proofs") or []
			],
			"checklist": as_shown(removal),
		}

	def run(self, offboarding: Document, action: str = "plan", **arguments) -> Outcome:
		"""`action`: "plan" (`ends_at`, `jobs_to`), "now" (`jobs_to`), "check" (`item`, `status`, `note`), or
		"name" (`item`, `user`), which assigns an item as a to-do.
		"""
		if action == "plan":
			removal = access_ending.plan(offboarding, arguments.get("ends_at"), arguments.get("jobs_to"))
		elif action == "now":
			removal = access_ending.end(offboarding, arguments.get("jobs_to"))
			frappe.enqueue(PROVE, queue="short", enqueue_after_commit=True, name=offboarding.name)
		elif action == "check":
			removal = check_off(access_ending.removal_of(offboarding), **arguments)
		elif action == "name":
			removal = assign_item(offboarding, access_ending.removal_of(offboarding), **arguments)
		else:
			frappe.throw(_("This step has no action {0}.").format(action))
		return outcome(removal)

	def undo(self, offboarding: Document) -> list[str]:
		# the person stays, so nobody has to do the items that they were assigned
		if frappe.db.exists(REMOVAL, offboarding.name):
			for row in frappe.get_doc(REMOVAL, offboarding.name).checklist:
				end_todo(row, "Cancelled")
		return access_ending.restore(offboarding)

	def printed(self, offboarding: Document) -> str:
		known = self.known(offboarding)
		rows = [(f"{item['what']}: {item['number']}", item["ended_on"], "") for item in known["items"]]
		rows += [(proof["attempt"], proof["tried_on"], proof["answer"]) for proof in known["proofs"]]
		rows += [
			(
				item["label"],
				item["done_on"],
				" ".join(filter(None, (_(item["status"]), item["done_by_name"], item["note"]))),
			)
			for item in known["checklist"]
		]
		return html_table((what, formatting.moment(moment), words) for what, moment, words in rows)


def still_active(offboarding: Document, removal: Document | frappe._dict) -> list[dict]:
	"""Return the access that somebody has who is gone already: disabled by hand, or an employee who left."""
	if not offboarding.user or removal.get("status") == access_ending.ENDED or removal.get("frozen_on"):
		return []
	has_left = leaver_details.employee_record(offboarding.employee, offboarding.user).get("status") == "Left"
	if frappe.db.get_value("User", offboarding.user, "enabled") and not has_left:
		return []
	found = access_ending.still_active(offboarding.user)
	return [{"what": _(label), "number": number} for label, number in found]


def as_shown(removal: Document | frappe._dict) -> list[dict]:
	rows = removal.get("checklist") or [
		frappe._dict(item=item, status=UNSETTLED) for item in access_ending.CHECKLIST
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
	"""Set an item's status, with who did it and when. With `is_new` the item is added to the list."""
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


def assign_item(offboarding: Document, removal: Document, item: str, user: str) -> Document:
	"""Assign an item: that person gets a to-do. Assigning the same person again creates no other."""
	row = find(removal, item)
	if user == offboarding.user or not frappe.db.get_value("User", user, "enabled"):
		frappe.throw(_("Please choose somebody who stays and has an enabled user."), exc=StepNotPossible)
	if row.status != UNSETTLED or (row.responsible == user and is_open(row.todo)):
		return removal
	end_todo(row, "Cancelled")
	language = formatting.language_of(user)
	words = _("{0} is leaving. Please take care of this and then close the to-do: {1}", lang=language)
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


def todo_was_closed(todo: Document) -> None:
	"""Complete the item that a to-do is about, in the name of whoever closed it."""
	item = frappe.db.get_value(ITEM, {"todo": todo.name, "parenttype": REMOVAL}, ["parent", "item"])
	if not item:
		return
	name, text = item
	step = step_progress.lock(name, access_ending.STEP)
	offboarding = frappe.get_doc(OFFBOARDING, name)
	if offboarding.status == CANCELLED:
		return
	removal = access_ending.removal_of(offboarding)
	if find(removal, text).status == UNSETTLED:
		step_progress.log(name, step, outcome(check_off(removal, text)))
