"""How an offboarding begins: by hand, or drafted when the records say that somebody leaves. One person has one at a time."""

from datetime import date

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_days, getdate, today

from crm_transparency.crm_transparency import registry
from crm_transparency.offboarding import notices, people
from crm_transparency.offboarding.words import COMPLETED, OFFBOARDING, UNDER_WAY

#: who left longer ago is history that somebody types in, or imports
MOST_DAYS_SINCE_LAST_DAY = 30
MOST_DAYS_SINCE_RESIGNATION = 365
DRAFTED_NOTICE = "{0} is leaving. An offboarding is drafted for you to look at."


def open_or_begin(
	employee: str | None = None, user: str | None = None, started_from: str = "Form", **dates
) -> Document:
	"""Return the open offboarding of a person, or begin one with what the records say.

	Two at the same moment make one: whoever comes second finds the first's. Raises ValidationError without a person.
	"""
	if not employee and not user:
		frappe.throw(_("Please choose an employee or a user."))
	leaver = people.leaver(employee, user)
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
		leaving_for=leaver.leaving_for,
		started_from=started_from,
	)
	frappe.db.savepoint("offboarding_begun")
	try:
		return doc.insert(ignore_permissions=True)
	except (frappe.UniqueValidationError, frappe.DuplicateEntryError):
		frappe.db.rollback(save_point="offboarding_begun")
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


def draft(started_from: str, employee: str | None = None, user: str | None = None, **dates) -> Document:
	"""Begin an offboarding because a record says that somebody leaves, and tell HR; bring an open one's dates up to date."""
	leaver = people.leaver(employee, user)
	existing = open_one(leaver.employee, leaver.user)
	doc = open_or_begin(employee, user, started_from, **dates)
	if existing:
		bring_dates_up_to_date(doc, leaver, dates)
	else:
		notices.tell_hr(doc, DRAFTED_NOTICE)
	return doc


def bring_dates_up_to_date(doc: Document, leaver: people.Leaver, dates: dict) -> None:
	told = {
		"resignation_date": dates.get("resignation_date") or leaver.resignation_date,
		"last_working_day": dates.get("last_working_day") or leaver.last_working_day,
		"leaving_for": leaver.leaving_for,
	}
	changed = {field: value for field, value in told.items() if value and str(value) != str(doc.get(field))}
	if changed:
		doc.update(changed)
		doc.save(ignore_permissions=True)


def says_leaving(resignation_date: str | date | None, last_working_day: str | date | None) -> bool:
	"""Say whether dates mean somebody who is leaving, and not somebody who left long ago."""
	if last_working_day:
		return getdate(last_working_day) >= getdate(add_days(today(), -MOST_DAYS_SINCE_LAST_DAY))
	if resignation_date:
		return getdate(resignation_date) >= getdate(add_days(today(), -MOST_DAYS_SINCE_RESIGNATION))
	return False


def was_completed(employee: str | None, user: str | None, since: str | date | None) -> bool:
	"""Say whether there is an offboarding already that was completed for this leaving."""
	for fieldname, value in (("employee", employee), ("user", user)):
		filters = {fieldname: value, "status": COMPLETED}
		if since:
			filters["creation"] = (">=", getdate(since))
		if value and frappe.db.exists(OFFBOARDING, filters):
			return True
	return False


def owned_accounts(user: str) -> int:
	"""Return how many accounts a user owns."""
	return sum(
		frappe.db.count(doctype, {tracked["owner_field"]: user})
		for doctype, tracked in registry.tracked_doctypes().items()
	)
