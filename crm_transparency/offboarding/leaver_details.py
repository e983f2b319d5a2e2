"""What the employee record and the user say about a leaver, their team, and those who run the offboarding."""

import frappe
from frappe.model.document import Document
from frappe.utils.user import get_users_with_role

from crm_transparency.crm_transparency import registry
from crm_transparency.offboarding.offboarding_records import ROLES

EMPLOYEE = "Employee"


def read(employee: str | None, user: str | None) -> frappe._dict:
	"""Return the details of an employee, or of a user and the employee linked to it; empty where nothing is known."""
	record = employee_record(employee, user)
	user = user or record.get("user_id")
	full_name = record.get("employee_name") or frappe.db.get_value("User", user, "full_name")
	return frappe._dict(
		employee=record.get("name"),
		user=user,
		full_name=full_name or user or employee,
		manager=manager_of(record),
		department=record.get("department"),
		country=frappe.db.get_value("Company", record.company, "country") if record.company else None,
		resignation_date=record.get("resignation_letter_date"),
		last_working_day=record.get("relieving_date"),
		leaving_for=record.get("new_workplace"),
	)


def employee_record(employee: str | None, user: str | None = None) -> frappe._dict:
	"""Return an employee's fields, those that the site's Employee has; nothing if there is no such employee."""
	if not has_employees() or not (employee or user):
		return frappe._dict()
	filters = {"name": employee} if employee else {"user_id": user}
	names = frappe.get_all(EMPLOYEE, filters=filters, order_by="status, modified desc", limit=1, pluck="name")
	return frappe._dict(frappe.get_doc(EMPLOYEE, names[0]).as_dict()) if names else frappe._dict()


def is_of(employee: str | None, user: str | None) -> bool:
	"""Return whether an employee and a user are the same person; one of them alone always is."""
	return not (employee and user) or employee_record(employee).get("user_id") == user


def has_employees() -> bool:
	return bool(frappe.db.exists("DocType", EMPLOYEE, cache=True))


def manager_of(record: frappe._dict) -> str | None:
	"""Return the user of the employee whom an employee reports to."""
	return frappe.db.get_value(EMPLOYEE, record.reports_to, "user_id") if record.get("reports_to") else None


def direct_reports(user: str) -> list[str]:
	"""Return the enabled users of the employees who report to a user."""
	employee = frappe.db.get_value(EMPLOYEE, {"user_id": user}) if has_employees() else None
	filters = {"reports_to": employee, "status": "Active", "user_id": ("is", "set")}
	return enabled_users(frappe.get_all(EMPLOYEE, filters=filters, pluck="user_id")) if employee else []


def address(offboarding: Document) -> str | None:
	"""Return the leaver's mail address: the company's while the user is enabled, the private one afterwards."""
	record = employee_record(offboarding.employee)
	user = frappe.db.get_value("User", offboarding.user, ["email", "enabled"], as_dict=True) or frappe._dict()
	if user.enabled and user.email:
		return user.email
	others = (record.get("personal_email"), record.get("company_email"))
	return next((address for address in others if address and not is_unsubscribed(address)), user.email)


def is_unsubscribed(address: str) -> bool:
	return bool(frappe.db.exists("Email Unsubscribe", {"email": address, "global_unsubscribe": 1}))


def private_address(offboarding: Document) -> str | None:
	return employee_record(offboarding.employee).get("personal_email")


def language(offboarding: Document) -> str:
	"""Return the leaver's language, by default the site's."""
	of_user = frappe.db.get_value("User", offboarding.user, "language") if offboarding.user else None
	return of_user or frappe.db.get_single_value("System Settings", "language") or "en"


def company_name(offboarding: Document) -> str:
	record = employee_record(offboarding.employee)
	default = frappe.defaults.get_global_default("company")
	return (
		record.get("company") or default or frappe.db.get_single_value("Website Settings", "app_name") or ""
	)


def hr(offboarding: Document | None = None) -> list[str]:
	"""Return the enabled users who run offboardings, except the leaver."""
	users = {user for role in ROLES for user in get_users_with_role(role)}
	return sorted(users - {offboarding.user if offboarding else None})


def team_of(offboarding: Document) -> list[str]:
	"""Return the enabled users of the leaver's team, without the leaver; none if the records know no team."""
	record = employee_record(offboarding.employee, offboarding.user)
	for field in ("reports_to", "department"):
		if record.get(field):
			users = frappe.get_all(
				EMPLOYEE,
				filters={field: record[field], "status": "Active", "user_id": ("is", "set")},
				pluck="user_id",
			)
			if team := sorted(set(enabled_users(users)) - {offboarding.user}):
				return team
	return []


def enabled_users(users: list[str]) -> list[str]:
	return (
		frappe.get_all("User", filters={"name": ("in", users), "enabled": 1}, pluck="name") if users else []
	)


def owned_accounts(user: str) -> int:
	"""Return how many accounts a user owns."""
	return sum(
		frappe.db.count(doctype, {tracked["owner_field"]: user})
		for doctype, tracked in registry.tracked_doctypes().items()
	)
