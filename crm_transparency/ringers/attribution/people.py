"""People who left or are about to: from employees' records, offboardings, disabled users, and who is watched."""

from collections.abc import Iterable
from datetime import datetime, time

import frappe
from frappe.utils import getdate

from crm_transparency.crm_transparency import employees
from crm_transparency.ringers import leavers
from crm_transparency.ringers.attribution.senders import Person
from crm_transparency.ringers.fingerprints import international

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


class _Known:
	"""What is known of one person, put together from several records."""

	def __init__(self, key: str):
		self.key = key
		self.user: str | None = None
		self.name: str | None = None
		self.emails: set[str] = set()
		self.phones: set[str] = set()
		self.employers: list[str] = []
		self.left_on: datetime | None = None
		self.is_watched = False
		self.offboarding: str | None = None

	def as_person(self) -> Person:
		return Person(
			key=self.key,
			name=self.name or self.key,
			user=self.user,
			emails=frozenset(self.emails),
			phones=frozenset(self.phones),
			employers=tuple(dict.fromkeys(self.employers)),
			left_on=self.left_on,
			is_watched=self.is_watched,
			offboarding=self.offboarding,
		)


def who_left() -> list[Person]:
	"""Return everybody who left, is about to, or can't log in any more; those who are watched come first."""
	known: dict[str, _Known] = {}
	by_employee = _add_employees(known)
	_add_offboardings(known, by_employee)
	_add_watched(known, by_employee)
	_add_disabled_users(known)
	_add_users_own_data(known)
	people = [person.as_person() for person in known.values()]
	return sorted(people, key=lambda person: (not person.is_watched, person.key))


def _of(known: dict[str, _Known], user: str | None, otherwise: str) -> _Known:
	key = user or otherwise
	person = known.setdefault(key, _Known(key))
	person.user = user or person.user
	return person


def _add_employees(known: dict[str, _Known]) -> dict[str, frappe._dict]:
	"""Add those who left or resigned; return all employees by name, for others to look up."""
	rows = employees.read(employees.EMPLOYEE, {}, EMPLOYEE_FIELDS)
	for row in rows:
		if row.get("status") == "Left" or row.get("relieving_date") or row.get("resignation_letter_date"):
			_add_employee(known, row)
	return {row.name: row for row in rows}


def _add_employee(known: dict[str, _Known], row: frappe._dict) -> _Known:
	person = _of(known, row.get("user_id"), row.name)
	person.name = row.get("employee_name") or person.name
	person.emails |= _lower(row.get("personal_email"), row.get("prefered_email"))
	person.phones |= _numbers(row.get("cell_number"))
	person.employers += filter(None, [row.get("new_workplace")])
	person.left_on = (
		_moment(row.get("relieving_date") or row.get("resignation_letter_date")) or person.left_on
	)
	return person


def _add_offboardings(known: dict[str, _Known], by_employee: dict[str, frappe._dict]) -> None:
	fields = ("name", "user", "employee", "employee_name", "status", "last_working_day", "leaving_for")
	for row in employees.read(employees.OFFBOARDING, {}, fields):
		if row.get("status") == "Cancelled":
			continue
		person = _person_of(known, by_employee, row.get("user"), row.get("employee"), row.name)
		person.name = person.name or row.get("employee_name")
		person.employers += filter(None, [row.get("leaving_for")])
		person.left_on = person.left_on or _moment(row.get("last_working_day"))
		person.offboarding = row.name


def _add_watched(known: dict[str, _Known], by_employee: dict[str, frappe._dict]) -> None:
	for leaver in leavers.watched():
		person = _person_of(known, by_employee, leaver.user, leaver.employee, leaver.offboarding)
		person.employers += filter(None, [leaver.new_employer])
		person.is_watched = True
		person.offboarding = leaver.offboarding


def _person_of(
	known: dict[str, _Known],
	by_employee: dict[str, frappe._dict],
	user: str | None,
	employee: str | None,
	otherwise: str,
) -> _Known:
	row = by_employee.get(employee or "")
	if row:
		return _add_employee(known, row if row.get("user_id") else frappe._dict(row, user_id=user))
	return _of(known, user, employee or otherwise)


def _add_disabled_users(known: dict[str, _Known]) -> None:
	users = frappe.get_all(
		"User", filters={"enabled": 0, "user_type": "System User"}, fields=["name", "modified"]
	)
	for row in users:
		if row.name in frappe.STANDARD_USERS:
			continue
		person = _of(known, row.name, row.name)
		person.left_on = person.left_on or row.modified


def _add_users_own_data(known: dict[str, _Known]) -> None:
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


def by_user(people: Iterable[Person]) -> dict[str, Person]:
	return {person.user: person for person in people if person.user}
