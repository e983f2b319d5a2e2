"""How an offboarding starts: by hand, or drafted when the records say that somebody leaves. One person has one at a time.

Its steps, their due dates and who is responsible come from the template for the department or country.
"""

from datetime import date

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_days, getdate, today

from crm_transparency.offboarding import access_ending, leaver_details, step_progress, steps
from crm_transparency.offboarding.offboarding_records import (
	COMPLETED,
	IN_PROGRESS,
	OFFBOARDING,
	OPEN,
	TEMPLATE,
	UNDER_WAY,
)

#: whoever left longer ago is history that somebody enters or imports
MOST_DAYS_SINCE_LAST_DAY = 30
MOST_DAYS_SINCE_RESIGNATION = 365
HR, MANAGER, ONE_PERSON = "HR", "Leaver's manager", "One person"
STANDARD = "Standard"
STANDARD_STEPS = (
	("agreement", -30, HR),
	("interview", -30, HR),
	("review", -21, HR),
	("handover_plan", -21, MANAGER),
	("introductions", -14, MANAGER),
	("transfer", -1, HR),
	("access", 0, HR),
	("ringer_watch", 1, HR),
	("ending", 1, HR),
)
CANCELLED_NOTICE = "The Employee Separation of {0} was canceled. If {0} stays, please cancel the offboarding."
DRAFTED_NOTICE = "{0} is leaving. An offboarding was drafted for your review."
STILL_ACTIVE_NOTICE = (
	"{0} is gone, but this is still active: {1}. Remove it in the offboarding, in the step Access removal."
)


def open_or_start(
	employee: str | None = None, user: str | None = None, started_from: str = "Form", **dates
) -> Document:
	"""Return the open offboarding of a person, or start one with what the records say.

	Two requests at once start one: the second finds the first's. Raises ValidationError without a person, or with two.
	"""
	if not employee and not user:
		frappe.throw(_("Please choose an employee or a user."))
	if not leaver_details.is_of(employee, user):
		frappe.throw(_("Please choose either the employee or the user: they aren't the same person."))
	leaver = leaver_details.read(employee, user)
	existing = open_one(leaver.employee, leaver.user)
	if existing:
		return frappe.get_doc(OFFBOARDING, existing)
	doc = frappe.get_doc(
		doctype=OFFBOARDING,
		employee=leaver.employee,
		user=leaver.user,
		employee_name=leaver.full_name,
		manager=leaver.manager,
		resignation_date=dates.get("resignation_date") or leaver.resignation_date,
		last_working_day=dates.get("last_working_day") or leaver.last_working_day,
		leaving_for=dates.get("leaving_for") or leaver.leaving_for,
		started_from=started_from,
	)
	frappe.db.savepoint("offboarding_started")
	try:
		return doc.insert(ignore_permissions=True)
	except (frappe.UniqueValidationError, frappe.DuplicateEntryError):
		frappe.db.rollback(save_point="offboarding_started")
		frappe.clear_last_message()
		# the other's is newer than what this transaction sees, unless it is read with a lock
		first = open_one(leaver.employee, leaver.user, for_update=True)
		return frappe.get_doc(OFFBOARDING, first, for_update=True)


def open_one(employee: str | None, user: str | None, for_update: bool = False) -> str | None:
	"""Return the offboarding under way of an employee or a user."""
	for fieldname, value in (("user", user), ("employee", employee)):
		if not value:
			continue
		filters = {fieldname: value, "status": ("in", UNDER_WAY)}
		if name := frappe.db.get_value(OFFBOARDING, filters, for_update=for_update):
			return name
	return None


def draft(
	started_from: str,
	employee: str | None = None,
	user: str | None = None,
	active: list[tuple[str, int]] | None = None,
	**dates,
) -> Document:
	"""Start an offboarding because a record says that somebody leaves, and notify HR; update the dates of an open one.

	`active` is the access that somebody still has who is gone already: label, and how much of it.
	"""
	existing = update_open(employee, user, **{field: day for field, day in dates.items() if day})
	doc = existing or open_or_start(employee, user, started_from, **dates)
	if active:
		step_progress.notify_hr(doc, (STILL_ACTIVE_NOTICE, active))
	elif not existing:
		step_progress.notify_hr(doc, DRAFTED_NOTICE)
	return doc


def draft_for_gone(started_from: str, user: str, employee: str | None = None) -> None:
	"""Draft an offboarding of somebody who is gone already, if they own accounts or still have access."""
	active = access_ending.still_active(user)
	owns_accounts = leaver_details.owned_accounts(user) and not was_completed(employee, user, None)
	if active or owns_accounts:
		draft(started_from, employee, user, active)


def update_open(employee: str | None, user: str | None, **dates) -> Document | None:
	"""Set the dates of somebody's open offboarding, also to none, and return it; None if there is none."""
	leaver = leaver_details.read(employee, user)
	name = open_one(leaver.employee, leaver.user)
	if not name:
		return None
	doc = frappe.get_doc(OFFBOARDING, name)
	known = {**dates, **({"leaving_for": leaver.leaving_for} if leaver.leaving_for else {})}
	changed = {field: day for field, day in known.items() if str(day or "") != str(doc.get(field) or "")}
	if changed:
		doc.update(changed)
		doc.save(ignore_permissions=True)
	return doc


def ask_whether_stays(employee: str) -> None:
	"""Notify HR that the Employee Separation of somebody with an open offboarding was cancelled."""
	if name := open_one(employee, None):
		step_progress.notify_hr(frappe.get_doc(OFFBOARDING, name), CANCELLED_NOTICE)


def says_leaving(resignation_date: str | date | None, last_working_day: str | date | None) -> bool:
	"""Return whether dates are those of somebody who is leaving, not of somebody who left long ago."""
	if last_working_day:
		return getdate(last_working_day) >= getdate(add_days(today(), -MOST_DAYS_SINCE_LAST_DAY))
	if resignation_date:
		return getdate(resignation_date) >= getdate(add_days(today(), -MOST_DAYS_SINCE_RESIGNATION))
	return False


def was_completed(employee: str | None, user: str | None, since: str | date | None) -> bool:
	"""Return whether an offboarding was already completed since somebody resigned."""
	for fieldname, value in (("employee", employee), ("user", user)):
		filters = {fieldname: value, "status": COMPLETED}
		if since:
			filters["creation"] = (">=", getdate(since))
		if value and frappe.db.exists(OFFBOARDING, filters):
			return True
	return False


def add_steps(doc: Document) -> None:
	"""Add the steps to a new offboarding, in their order."""
	template = doc.offboarding_template or template_for(doc)
	doc.offboarding_template = template
	wanted = {row.step: row for row in frappe.get_doc(TEMPLATE, template).steps} if template else {}
	for step in steps.LABELS:
		if template and step not in wanted:
			continue
		doc.append("steps", {"step": step, "status": OPEN})
	set_dates(doc)


def set_dates(doc: Document) -> None:
	"""Set due dates and responsible users of open steps, from template and last working day; keep what people chose."""
	if not doc.offboarding_template:
		return
	wanted = {row.step: row for row in frappe.get_doc(TEMPLATE, doc.offboarding_template).steps}
	for row in doc.steps:
		planned = wanted.get(row.step)
		if planned is None or row.status not in (OPEN, IN_PROGRESS):
			continue
		row.due_on = due_on(doc, planned.due_days)
		row.responsible = row.responsible or responsible(doc, planned)


def due_on(doc: Document, due_days: int | None) -> date | None:
	"""Return the day so many days before (negative) or after the last working day, or the day it was created if that is later."""
	if not doc.last_working_day:
		return None
	created = getdate(doc.creation or today())
	return max(getdate(add_days(doc.last_working_day, due_days or 0)), created)


def responsible(doc: Document, planned: Document) -> str | None:
	"""Return who is responsible for a step: never the leaver, whatever the template says."""
	person = {
		HR: frappe.session.user if frappe.session.user in leaver_details.hr(doc) else None,
		MANAGER: doc.manager,
		ONE_PERSON: planned.person,
	}[planned.done_by]
	return None if person == doc.user else person


def template_for(doc: Document) -> str | None:
	"""Return the template that fits a leaver best: for the department and the country, for one of them, for everybody."""
	leaver = leaver_details.read(doc.employee, doc.user)
	candidates = [
		template
		for template in frappe.get_all(
			TEMPLATE, filters={"enabled": 1}, fields=["name", "department", "in_country"], order_by="creation"
		)
		if template.department in (None, "", leaver.department)
		and template.in_country in (None, "", leaver.country)
	]
	best = max(candidates, key=lambda it: (bool(it.department), bool(it.in_country)), default=None)
	return best.name if best else None


def add_standard_template() -> None:
	"""Add the template that comes with the app, unless the site has any."""
	if frappe.db.count(TEMPLATE):
		return
	steps = [{"step": step, "due_days": days, "done_by": who} for step, days, who in STANDARD_STEPS]
	frappe.get_doc(doctype=TEMPLATE, title=STANDARD, steps=steps).insert(ignore_permissions=True)
