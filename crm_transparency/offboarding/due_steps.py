"""Steps that are due become to-dos, once, for whoever is responsible."""

from functools import partial

import frappe
from frappe import _
from frappe.utils import add_days, get_fullname, getdate, today

from crm_transparency.crm_transparency import formatting
from crm_transparency.crm_transparency.jobs import persistently
from crm_transparency.offboarding import leaver_details, offboarding_permissions, step_progress, steps
from crm_transparency.offboarding.offboarding_records import IN_PROGRESS, OFFBOARDING, OPEN, STEP, UNDER_WAY

#: how long before a step is due its to-do appears
DAYS_AHEAD = 3


def remind_of_due_steps() -> None:
	"""Daily job: create the to-dos of all steps that are due soon. Commits after each offboarding."""
	for name in frappe.get_all(OFFBOARDING, filters={"status": ("in", UNDER_WAY)}, pluck="name"):
		persistently(partial(remind, name))


def remind(offboarding: str) -> int:
	"""Create the to-dos of an offboarding's steps that are due soon; return how many."""
	soon = add_days(today(), DAYS_AHEAD)
	filters = {
		"parent": offboarding,
		"parenttype": OFFBOARDING,
		"status": ("in", (OPEN, IN_PROGRESS)),
		"todo": ("is", "not set"),
		"due_on": ("<=", soon),
	}
	due = frappe.get_all(STEP, filters=filters, pluck="step", order_by="idx")
	return sum(remind_of(offboarding, step) for step in due)


def remind_of(offboarding: str, step: str) -> bool:
	"""Create the to-do of a step, unless another job just did; return whether it did."""
	row = step_progress.lock(offboarding, step)
	if row.todo:
		return False
	doc = frappe.get_doc(OFFBOARDING, offboarding)
	person = (
		row.responsible if can_do(doc, step, row.responsible) else next(iter(leaver_details.hr(doc)), None)
	)
	if not person:
		return False
	todo = frappe.get_doc(
		doctype="ToDo",
		allocated_to=person,
		assigned_by=None,
		reference_type=OFFBOARDING,
		reference_name=offboarding,
		date=getdate(row.due_on),
		description=description(doc, step, person),
	).insert(ignore_permissions=True)
	frappe.db.set_value(STEP, row.name, "todo", todo.name, update_modified=False)
	return True


def can_do(doc: frappe._dict, step: str, user: str | None) -> bool:
	return bool(
		user and frappe.db.get_value("User", user, "enabled")
	) and step in offboarding_permissions.visible_steps(doc, user)


def description(doc: frappe._dict, step: str, person: str) -> str:
	language = formatting.language_of(person)
	link = frappe.utils.get_url(f"/app/offboarding-wizard/{doc.name}/{step}")
	words = _("Offboarding of {0}: {1}", lang=language).format(
		doc.employee_name or get_fullname(doc.user), _(steps.LABELS[step], lang=language)
	)
	return f'<a href="{link}">{frappe.utils.escape_html(words)}</a>'
