"""People who left or are about to: from employees' records, offboardings, disabled users, and who is watched.

The offboarding wizard calls `watch` and `unwatch`; both can be called twice. Sightings are compared with these people
first, until a day. What is kept here is read by Ringer Managers only, and of a person only that they leave.
"""

import json
from datetime import date, datetime, time
from typing import NamedTuple

import frappe
from frappe.utils import getdate

from crm_transparency.crm_transparency import employees
from crm_transparency.crm_transparency.encryption import decrypted
from crm_transparency.ringers.documents import LEAVER
from crm_transparency.ringers.fingerprints import international
from crm_transparency.ringers.senders import Person


class Leaver(NamedTuple):
	offboarding: str
	user: str | None
	employee: str | None
	until: date
	new_employer: str | None


def watch(
	offboarding: str, user: str | None, employee: str | None, until: date, new_employer: str | None
) -> None:
	"""Compare sightings until the day `until` first with the person whom the Offboarding `offboarding` is about.

	Asks for no permission: the caller is HR's wizard. Called again, it replaces what it was told before.
	"""
	person = json.dumps({"user": user, "employee": employee, "new_employer": new_employer})
	name = frappe.db.get_value(LEAVER, {"offboarding": offboarding})
	leaver = frappe.get_doc(LEAVER, name) if name else frappe.new_doc(LEAVER, offboarding=offboarding)
	leaver.update({"until": getdate(until), "person": person})
	leaver.save(ignore_permissions=True)


def unwatch(offboarding: str) -> None:
	"""Stop comparing with the person first, if that was asked for."""
	frappe.db.delete(LEAVER, {"offboarding": offboarding})


def watched(on: date | str | None = None) -> list[Leaver]:
	"""Return who is watched on a day, today by default. Asks for no permission."""
	rows = frappe.get_all(
		LEAVER,
		filters={"until": (">=", getdate(on))},
		fields=["offboarding", "until", "person"],
		order_by="offboarding",
	)
	return [
		Leaver(offboarding=row.offboarding, until=getdate(row.until), **json.loads(decrypted(row.person)))
		for row in rows
	]


# Who left

EMPLOYEE_FIELDS = (
	"name",
	"employee_name",
	"user_id",
	"status",
	"personal_email",
	"prefered_email",
	"cell_number",
	"resignation_letter_date",
	"relieving_date",
	"new_workplace",
)


def who_left() -> list[Person]:
	"""Return everybody who left, is about to, or can't log in any more; those who are watched come first."""
	known: dict[str, Person] = {}
	by_employee = _add_employees(known)
	_add_offboardings(known, by_employee)
	_add_watched(known, by_employee)
	_add_disabled_users(known)
	_add_users_own_data(known)
	for person in known.values():
		person.name = person.name or person.key
		person.employers = list(dict.fromkeys(person.employers))
	return sorted(known.values(), key=lambda person: (not person.is_watched, person.key))


def _of(known: dict[str, Person], user: str | None, otherwise: str) -> Person:
	key = user or otherwise
	person = known.setdefault(key, Person(key))
	person.user = user or person.user
	return person


def _add_employees(known: dict[str, Person]) -> dict[str, frappe._dict]:
	"""Add those who left or resigned; return all employees by name, for others to look up."""
	rows = employees.read(employees.EMPLOYEE, {}, EMPLOYEE_FIELDS)
	for row in rows:
		if row.get("status") == "Left" or row.get("relieving_date") or row.get("resignation_letter_date"):
			_add_employee(known, row)
	return {row.name: row for row in rows}


def _add_employee(known: dict[str, Person], row: frappe._dict) -> Person:
	person = _of(known, row.get("user_id"), row.name)
	person.name = row.get("employee_name") or person.name
	person.emails |= _lower(row.get("personal_email"), row.get("prefered_email"))
	person.phones |= _numbers(row.get("cell_number"))
	person.employers += filter(None, [row.get("new_workplace")])
	person.left_on = (
		_moment(row.get("relieving_date") or row.get("resignation_letter_date")) or person.left_on
	)
	return person


def _add_offboardings(known: dict[str, Person], by_employee: dict[str, frappe._dict]) -> None:
	fields = ("name", "user", "employee", "employee_name", "status", "last_working_day", "leaving_for")
	for row in employees.read(employees.OFFBOARDING, {}, fields):
		if row.get("status") == "Cancelled":
			continue
		person = _person_of(known, by_employee, row.get("user"), row.get("employee"), row.name)
		person.name = person.name or row.get("employee_name")
		person.employers += filter(None, [row.get("leaving_for")])
		person.left_on = person.left_on or _moment(row.get("last_working_day"))
		person.offboarding = row.name


def _add_watched(known: dict[str, Person], by_employee: dict[str, frappe._dict]) -> None:
	for leaver in watched():
		person = _person_of(known, by_employee, leaver.user, leaver.employee, leaver.offboarding)
		person.employers += filter(None, [leaver.new_employer])
		person.is_watched = True
		person.offboarding = leaver.offboarding


def _person_of(
	known: dict[str, Person],
	by_employee: dict[str, frappe._dict],
	user: str | None,
	employee: str | None,
	otherwise: str,
) -> Person:
	row = by_employee.get(employee or "")
	if row:
		return _add_employee(known, row if row.get("user_id") else frappe._dict(row, user_id=user))
	return _of(known, user, employee or otherwise)


def _add_disabled_users(known: dict[str, Person]) -> None:
	users = frappe.get_all(
		"User", filters={"enabled": 0, "user_type": "System User"}, fields=["name", "modified"]
	)
	for row in users:
		if row.name in frappe.STANDARD_USERS:
			continue
		person = _of(known, row.name, row.name)
		person.left_on = person.left_on or row.modified


def _add_users_own_data(known: dict[str, Person]) -> None:
	users = [person.user for person in known.values() if person.user]
	if not users:
		return
	fields = ["name", "full_name", "phone", "mobile_no"]
	for row in frappe.get_all("User", filters={"name": ("in", users)}, fields=fields):
		person = known[row.name]
		person.name = person.name or row.full_name
		person.phones |= _numbers(row.phone, row.mobile_no)


def _moment(day: object) -> datetime | None:
	return datetime.combine(getdate(day), time.max) if day else None


def _lower(*addresses: str | None) -> set[str]:
	return {address.strip().lower() for address in addresses if address}


def _numbers(*numbers: str | None) -> set[str]:
	return set(filter(None, map(international, numbers)))
