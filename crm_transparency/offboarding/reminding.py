"""Steps that are due become to-dos, once, for whoever does them."""

import frappe
from frappe import _
from frappe.utils import add_days, get_fullname, getdate, today

from crm_transparency.crm_transparency import languages
from crm_transparency.offboarding import people, progress, seen_steps
from crm_transparency.offboarding.steps import registry
from crm_transparency.offboarding.words import IN_PROGRESS, OFFBOARDING, OPEN, STEP, UNDER_WAY

#: a to-do appears so long before its day
DAYS_AHEAD = 3


def remind_of_due_steps() -> None:
	"""A daily job: make the to-dos of all steps that are due soon. Commits after each offboarding."""
	for name in frappe.get_all(OFFBOARDING, filters={"status": ("in", UNDER_WAY)}, pluck="name"):
		remind(name)
		frappe.db.commit()  # nosemgrep: a background job


def remind(offboarding: str) -> int:
	"""Make the to-dos of an offboarding's steps that are due soon; return how many."""
	soon = add_days(today(), DAYS_AHEAD)
	filters = {
		"parent": offboarding,
		"parenttype": OFFBOARDING,
		"status": ("in", (OPEN, IN_PROGRESS)),
		"todo": ("is", "not set"),
		"due_on": ("<=", soon),
	}
	steps = frappe.get_all(STEP, filters=filters, pluck="step", order_by="idx")
	return sum(remind_of(offboarding, step) for step in steps)


def remind_of(offboarding: str, step: str) -> bool:
	"""Make the to-do of a step, unless another job did at this moment."""
	row = progress.lock(offboarding, step)
	if row.todo:
		return False
	doc = frappe.get_doc(OFFBOARDING, offboarding)
	person = row.responsible if can_do(doc, step, row.responsible) else next(iter(people.hr(doc)), None)
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
	)
	todo.flags.ignore_permissions = True
	todo.insert(ignore_permissions=True)
	frappe.db.set_value(STEP, row.name, "todo", todo.name, update_modified=False)
	return True


def can_do(doc: frappe._dict, step: str, user: str | None) -> bool:
	return bool(user) and step in seen_steps.of(doc, user)


def description(doc: frappe._dict, step: str, person: str) -> str:
	language = languages.of_user(person)
	link = frappe.utils.get_url(f"/app/offboarding-wizard/{doc.name}/{step}")
	words = _("Offboarding of {0}: {1}", lang=language).format(
		doc.employee_name or get_fullname(doc.user), _(registry.get(step).label, lang=language)
	)
	return f'<a href="{link}">{frappe.utils.escape_html(words)}</a>'
