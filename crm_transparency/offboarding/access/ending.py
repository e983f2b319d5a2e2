"""Ending access: every door is closed in one transaction, and what it takes to give things back is noted with it.

Killed in the middle, nothing has happened, and the next attempt does all of it. Done a second time, it closes what was
opened since.
"""

import json

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_datetime, now_datetime

from crm_transparency.offboarding.access import ENDED, GIVEN_BACK, NOT_PLANNED, PLANNED, REMOVAL, trying
from crm_transparency.offboarding.access import doors_of_login as login
from crm_transparency.offboarding.access import doors_of_records as records
from crm_transparency.offboarding.access.door import Door
from crm_transparency.offboarding.exceptions import StepNotPossible

#: the user first, because saving it shares it with itself; sessions last, in case one was opened meanwhile
DOORS: tuple[Door, ...] = (
	login.TheUser(),
	login.RoleProfile(),
	login.ApiKey(),
	login.OAuthTokens(),
	login.TokensElsewhere(),
	login.SocialLogins(),
	login.SecondFactor(),
	login.PasswordLinks(),
	records.Shares(),
	records.DocumentLinks(),
	records.MailAccounts(),
	records.ScheduledReports(),
	records.ReportRecipients(),
	records.ScheduledScripts(),
	records.DoorsOfOthers(),
	login.Sessions(),
)
CHECKLIST = (
	"Laptop",
	"Phone",
	"Badge and keys",
	"Server room",
	"Company data on personal devices",
	"Mailbox: forwarding and absence note",
)


def removal_of(offboarding: Document) -> Document:
	"""Return the offboarding's Access Removal, locked; make it if there is none."""
	if frappe.db.exists(REMOVAL, offboarding.name):
		return frappe.get_doc(REMOVAL, offboarding.name, for_update=True)
	removal = frappe.get_doc(
		doctype=REMOVAL, offboarding=offboarding.name, user=offboarding.user, status=NOT_PLANNED
	)
	for item in CHECKLIST:
		removal.append("checklist", {"item": item, "status": "Open"})
	return removal.insert(ignore_permissions=True, set_name=offboarding.name)


def plan(offboarding: Document, ends_at: str, jobs_to: str | None) -> Document:
	"""Have access end at a moment, by the job that runs every five minutes."""
	check_is_a_person(offboarding)
	removal = removal_of(offboarding)
	if removal.status == ENDED:
		return removal
	moment = get_datetime(ends_at) if ends_at else None
	if not moment or moment < now_datetime():
		frappe.throw(_("Please choose a moment that is still ahead, or end access now."), exc=StepNotPossible)
	removal.update({"status": PLANNED, "ends_at": moment, "planned_by": frappe.session.user})
	removal.jobs_to = check_takes_over(offboarding, jobs_to)
	return save(removal)


def check_is_a_person(offboarding: Document) -> None:
	if not offboarding.user:
		frappe.throw(
			_("{0} has no user, so there is no access to end here.").format(offboarding.employee_name),
			exc=StepNotPossible,
		)
	if offboarding.user in frappe.STANDARD_USERS:
		frappe.throw(_("{0} isn't a person and can't be disabled.").format(offboarding.user))


def check_takes_over(offboarding: Document, user: str | None) -> str | None:
	if not user:
		return None
	if user == offboarding.user or not frappe.db.get_value("User", user, "enabled"):
		frappe.throw(_("Please choose somebody who stays and has an enabled user."), exc=StepNotPossible)
	return user


def end(offboarding: Document, jobs_to: str | None = None) -> Document:
	"""Close every door now, and keep, encrypted, what is tried afterwards."""
	check_is_a_person(offboarding)
	removal = removal_of(offboarding)
	if jobs_to:
		removal.jobs_to = check_takes_over(offboarding, jobs_to)
	keys = trying.collect(offboarding.user)
	moment = now_datetime()
	for door in DOORS:
		closed = door.close(offboarding.user, removal)
		if closed.number:
			item = {"what": door.label, "number": closed.number, "ended_on": moment, "door": door.key}
			removal.append("items", {**item, "was": json.dumps(closed.was, default=str)})
	trying.keep(removal, keys)
	removal.update({"status": ENDED, "ended_on": moment, "proved_on": None, "proofs": []})
	removal.ends_at = removal.ends_at or moment
	removal.planned_by = removal.planned_by or frappe.session.user
	frappe.clear_cache(user=offboarding.user)
	return save(removal)


def give_back(offboarding: Document) -> list[str]:
	"""Open again what can be opened, last closed first; return what can't, in sentences."""
	if not frappe.db.exists(REMOVAL, offboarding.name):
		return []
	removal = frappe.get_doc(REMOVAL, offboarding.name, for_update=True)
	was_ended = removal.status == ENDED
	doors = {door.key: door for door in DOORS}
	lost = []
	for item in reversed(removal.items if was_ended else []):
		door = doors.get(item.door)
		if door is None or not door.reopen(removal.user, json.loads(item.was or "[]")):
			lost.append(item.what)
	if was_ended:
		frappe.clear_cache(user=removal.user)
	removal.update({"status": GIVEN_BACK if was_ended else NOT_PLANNED, "to_try": None, "ends_at": None})
	save(removal)
	return sentences(offboarding, lost) if was_ended else []


def sentences(offboarding: Document, lost: list[str]) -> list[str]:
	name = offboarding.employee_name
	stays = [_("{0} has to set a new password: the old one is gone.").format(name)]
	return stays + [_("Not given back: {0}.").format(_(what)) for what in dict.fromkeys(reversed(lost))]


def save(removal: Document) -> Document:
	removal.save(ignore_permissions=True)
	return removal


def jobs_to_by_default(offboarding: Document) -> str | None:
	manager = offboarding.manager
	return manager if manager and frappe.db.get_value("User", manager, "enabled") else None
