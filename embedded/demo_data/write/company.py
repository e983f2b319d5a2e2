"""The company itself: settings, lists to choose from, and the people who work there."""

from datetime import date, timedelta

import frappe
from frappe.utils.password import update_password

from embedded.demo_data.logins import PASSWORD
from embedded.demo_data.plan import catalogue, places, staff
from embedded.demo_data.plan.staff import PEOPLE, Person

WORKSPACE = "Demo CRM"
AT_HOME = {"language": "en", "time_zone": "Europe/London"}


def set_up_site() -> None:
	"""Answer what the setup wizard would ask, so that nobody is asked."""
	settings = frappe.get_single("System Settings")
	settings.update(
		{
			"country": "United Kingdom",
			**AT_HOME,
			"app_name": catalogue.COMPANY,
			"login_with_email_link": 0,
			"currency": catalogue.CURRENCY,
			"date_format": "dd-mm-yyyy",
			"number_format": "#,###.##",
			"setup_complete": 1,
			"enable_onboarding": 0,
			"disable_system_update_notification": 1,
			"disable_change_log_notification": 1,
		}
	)
	settings.flags.ignore_mandatory = True
	settings.save()
	frappe.db.set_value("Currency", catalogue.CURRENCY, "enabled", 1)


def create_company() -> None:
	frappe.get_doc(
		doctype="Company",
		company_name=catalogue.COMPANY,
		abbr=catalogue.ABBREVIATION,
		default_currency=catalogue.CURRENCY,
		country="United Kingdom",
		domain="Media",
		phone_no="+44 117 496 0200",
		email="hello@harbourpress.example",
		website="https://harbourpress.example",
		company_description="Four magazines about the good things by the water, since 1998.",
	).insert()
	frappe.db.set_default("company", catalogue.COMPANY)
	frappe.db.set_default("currency", catalogue.CURRENCY)


def create_lists() -> None:
	"""The trees and lists that accounts, orders and employees choose from."""
	groups = {"Advertisers": catalogue.ADVERTISERS, "Subscribers": catalogue.SUBSCRIBERS}
	create_tree("Customer Group", "customer_group_name", "parent_customer_group", groups)
	create_tree(
		"Territory", "territory_name", "parent_territory", {"United Kingdom": list(places.TERRITORIES)}
	)
	create_tree(
		"Item Group", "item_group_name", "parent_item_group", {"Magazines": list(catalogue.MAGAZINES)}
	)
	industries = sorted({industry for group in catalogue.BUSINESSES.values() for industry in group})
	for doctype, field, names in (
		("Industry Type", "industry", industries),
		("Market Segment", "market_segment", catalogue.MARKET_SEGMENTS),
		("Lead Source", "source_name", catalogue.LEAD_SOURCES),
		("Sales Stage", "stage_name", catalogue.SALES_STAGES),
		("Opportunity Lost Reason", "lost_reason", catalogue.LOST_REASONS),
		("Campaign", "campaign_name", catalogue.CAMPAIGNS),
		("Issue Type", "name", catalogue.ISSUE_TYPES),
		("Branch", "branch", ["Bristol"]),
		("Designation", "designation_name", sorted({person.designation for person in PEOPLE})),
	):
		for name in names:
			if not frappe.db.exists(doctype, {field: name}):
				frappe.get_doc({"doctype": doctype, field: name}).insert()
	for code, name, group, price in catalogue.items():
		frappe.get_doc(
			doctype="Item",
			item_code=code,
			item_name=name,
			item_group=group,
			stock_uom="Nos",
			is_stock_item=0,
			standard_rate=price,
		).insert()


def create_tree(doctype: str, name_field: str, parent_field: str, branches: dict[str, list[str]]) -> None:
	for branch, leaves in branches.items():
		frappe.get_doc({"doctype": doctype, name_field: branch, "is_group": 1}).insert()
		for leaf in leaves:
			if not frappe.db.exists(doctype, leaf):
				frappe.get_doc({"doctype": doctype, name_field: leaf, parent_field: branch}).insert()


def create_users() -> None:
	for person in PEOPLE:
		create_user(person.user, person.first_name, person.last_name, person.roles, person.gender)
	administrator = frappe.get_doc("User", "Administrator")
	administrator.update({**AT_HOME, "default_workspace": WORKSPACE, "default_app": "demo_crm"})
	administrator.save()
	update_password(administrator.name, PASSWORD)


def create_user(
	address: str, first_name: str, last_name: str | None, roles: tuple[str, ...], gender: str | None = None
) -> str:
	"""Make a user who can log in with everybody's password; returns the user's name."""
	user = frappe.get_doc(
		doctype="User",
		email=address,
		first_name=first_name,
		last_name=last_name,
		gender=gender,
		**AT_HOME,
		send_welcome_email=0,
		default_workspace=WORKSPACE,
		default_app="demo_crm",
	)
	user.append_roles(*(role for role in roles if frappe.db.exists("Role", role)))
	user.insert()
	# straight into the table: the strength test would refuse a password that is easy to remember
	update_password(user.name, PASSWORD)
	return user.name


def create_employees(today: date) -> None:
	"""Employees from the top down, so that each one's superior is there already."""
	for department in dict.fromkeys(person.department for person in PEOPLE):
		frappe.get_doc(doctype="Department", department_name=department, company=catalogue.COMPANY).insert()
	names: dict[str | None, str | None] = {None: None}
	for number, person in enumerate(PEOPLE):
		names[person.full_name] = create_employee(person, number, names[person.reports_to], today)
	for person in PEOPLE:
		if person.department == "Sales":
			create_sales_person(person, names[person.full_name])


def create_employee(person: Person, number: int, superior: str | None, today: date) -> str:
	return (
		frappe.get_doc(
			doctype="Employee",
			first_name=person.first_name,
			last_name=person.last_name,
			gender=person.gender,
			date_of_birth=today - timedelta(days=365 * person.age + 17 * number),
			date_of_joining=today - timedelta(days=365 * person.years_here + 30 + 11 * number),
			status="Active",
			company=catalogue.COMPANY,
			department=f"{person.department} - {catalogue.ABBREVIATION}",
			designation=person.designation,
			branch="Bristol",
			reports_to=superior,
			user_id=person.user,
			company_email=person.user,
			personal_email=f"{person.first_name}.{person.last_name}@home.example".lower(),
			prefered_contact_email="Company Email",
			cell_number=f"+44 7700 900{100 + number}",
		)
		.insert()
		.name
	)


def create_sales_person(person: Person, employee: str) -> None:
	frappe.get_doc(doctype="Sales Person", sales_person_name=person.full_name, employee=employee).insert()
	if person.territory:
		territory = frappe.get_doc("Territory", person.territory)
		territory.territory_manager = person.full_name
		territory.save()


def let_go(person: Person, last_day: date) -> None:
	"""Record that `person` has left: the employee, the sales person and the user."""
	employee = frappe.get_doc("Employee", {"user_id": person.user})
	employee.update(
		{
			"status": "Left",
			"resignation_letter_date": last_day - timedelta(days=28),
			"relieving_date": last_day,
			"new_workplace": "A restaurant of his own",
			"reason_for_leaving": "Opens a restaurant with his brother.",
			"held_on": last_day,
		}
	)
	employee.save()
	territory = frappe.get_doc("Territory", person.territory)
	territory.territory_manager = staff.rep_for(person.territory, 0)
	territory.save()
	frappe.db.set_value("Sales Person", {"employee": employee.name}, "enabled", 0)
	user = frappe.get_doc("User", person.user)
	user.enabled = 0
	user.save()
