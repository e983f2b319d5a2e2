"""People of a company where somebody leaves: employees with and without users, and HR."""

import secrets

import frappe
from frappe.model.document import Document
from frappe.utils import add_days, today

from crm_transparency.offboarding import starting_offboardings, wizard_api
from tests.people_and_accounts import acting_as, make_user


def make_employee(user: str | None = None, first_name: str = "Ana", reports_to: str | None = None, **values):
	return frappe.get_doc(
		doctype="Employee",
		first_name=first_name,
		last_name=f"Lima {secrets.token_hex(3)}",
		gender=gender(),
		date_of_birth="1990-04-12",
		date_of_joining="2020-01-02",
		company=company(),
		user_id=user,
		reports_to=reports_to,
		status=values.pop("status", "Active"),
		**values,
	).insert(ignore_permissions=True)


def company() -> str:
	"""Return a company of the site; an empty site gets one."""
	companies = frappe.get_all("Company", pluck="name", limit=1, order_by="creation")
	if companies:
		return companies[0]
	values = {"company_name": "Harbour Press", "abbr": "HP", "default_currency": "EUR", "country": "Germany"}
	return frappe.get_doc(doctype="Company", **values).insert().name


def make_hr(*more_roles: str) -> str:
	return make_user("Hanna", "HR Manager", "HR User", *more_roles)


def offboarding_of(employee: Document | None = None, user: str | None = None) -> Document:
	return starting_offboardings.open_or_start(employee=employee.name if employee else None, user=user)


def in_days(days: int) -> str:
	return add_days(today(), days)


def do(offboarding: Document, step: str, by: str, **arguments) -> dict:
	with acting_as(by):
		return wizard_api.run(offboarding.name, step, arguments)


def row(offboarding: Document, step: str) -> Document:
	return next(row for row in frappe.get_doc("Offboarding", offboarding.name).steps if row.step == step)


def gender() -> str:
	if not frappe.db.exists("Gender", "Female"):
		frappe.get_doc(doctype="Gender", gender="Female").insert()
	return "Female"


def add_mail_account() -> str | None:
	"""Add an account that mails can be queued for, unless there is one; return its name. Nothing is sent from tests."""
	if frappe.db.exists("Email Account", {"default_outgoing": 1}):
		return None
	account = frappe.new_doc("Email Account")
	account.update(
		{
			"email_account_name": "Ours",
			"email_id": "crm@ours.example",
			"enable_outgoing": 1,
			"default_outgoing": 1,
			"smtp_server": "localhost",
			"password": "secret",
		}
	)
	account.name = "Ours"
	account.db_insert()
	return account.name
