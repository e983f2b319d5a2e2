"""Which steps an offboarding has, when each is due and who does it: by the template for the department or country."""

from datetime import date

import frappe
from frappe.model.document import Document
from frappe.utils import add_days, getdate, today

from crm_transparency.offboarding import people
from crm_transparency.offboarding.steps import registry
from crm_transparency.offboarding.words import OPEN, TEMPLATE

HR, MANAGER, ONE_PERSON = "HR", "Leaver's manager", "One person"


def lay_out(doc: Document) -> None:
	"""Add the steps to a new offboarding, in their order."""
	template = doc.offboarding_template or template_for(doc)
	doc.offboarding_template = template
	wanted = {row.step: row for row in frappe.get_doc(TEMPLATE, template).steps} if template else {}
	for step in registry.all_steps():
		if template and step.key not in wanted:
			continue
		doc.append("steps", {"step": step.key, "status": OPEN})
	set_dates(doc)


def set_dates(doc: Document) -> None:
	"""Set when open steps are due and who does them, from the template and the last working day; keep what people chose."""
	if not doc.offboarding_template:
		return
	wanted = {row.step: row for row in frappe.get_doc(TEMPLATE, doc.offboarding_template).steps}
	for row in doc.steps:
		planned = wanted.get(row.step)
		if planned is None or row.status != OPEN:
			continue
		row.due_on = due_on(doc, planned.due_days)
		row.responsible = row.responsible or responsible(doc, planned)


def due_on(doc: Document, due_days: int | None) -> date | None:
	"""Return the day so many days before (negative) or after the last working day, or the day it began if that is later."""
	if not doc.last_working_day:
		return None
	began = getdate(doc.creation or today())
	return max(getdate(add_days(doc.last_working_day, due_days or 0)), began)


def responsible(doc: Document, planned: Document) -> str | None:
	"""Return who does a step. The leaver never does, whatever the template says."""
	person = {
		HR: frappe.session.user if frappe.session.user in people.hr(doc) else None,
		MANAGER: doc.manager,
		ONE_PERSON: planned.person,
	}[planned.done_by]
	return None if person == doc.user else person


def template_for(doc: Document) -> str | None:
	"""Return the template that fits a leaver best: for the department and the country, for one of them, for everybody."""
	leaver = people.leaver(doc.employee, doc.user)
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


def add_standard_template() -> None:
	"""Add the template that comes with the app, unless the site has any."""
	if frappe.db.count(TEMPLATE):
		return
	steps = [{"step": step, "due_days": days, "done_by": who} for step, days, who in STANDARD_STEPS]
	frappe.get_doc(doctype=TEMPLATE, title=STANDARD, steps=steps).insert(ignore_permissions=True)
