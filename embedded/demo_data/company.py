"""Writes Harbour Press Ltd into a site: settings, lists to choose from, people, and with them 18 months of work."""

from datetime import date, timedelta

import frappe
from frappe.utils import getdate
from frappe.utils.password import update_password

from crm_transparency.ledger import seals
from embedded.demo_data import people
from embedded.demo_data.accounts import Plan, items
from embedded.demo_data.clock import FIRST_WORKDAY, at, moment
from embedded.demo_data.people import DATA, PASSWORD, PEOPLE, Person

COMPANY, CURRENCY, COUNTRY = (
	DATA["company"][name] for name in ("company_name", "default_currency", "country")
)


def create(with_customers: bool = True) -> None:
	"""Fill the connected site with the demo company, and commit.

	Without customers there is only the company, its people, lists and settings: the place for a customer list
	of one's own. The site needs demo_crm and crm_transparency, and no other data.
	"""
	today = getdate()
	set_up_site()
	with at(moment(today, FIRST_WORKDAY, 0) - timedelta(days=7), "Administrator"):
		create_company()
		create_lists()
		create_users()
		create_employees(today)
	if with_customers:
		from embedded.demo_data import history, records

		plan = Plan()
		history.write(plan, today)
		records.Records(plan, today).write()
	# Nobody's request ends here: this runs once, in a process of its own.
	frappe.db.commit()  # nosemgrep: frappe-manual-commit
	seals.seal_new_entries()
	frappe.clear_cache()


def set_up_site() -> None:
	"""Answer what the setup wizard would ask, so that nobody is asked."""
	settings = frappe.get_single("System Settings")
	settings.update(DATA["settings"])
	settings.flags.ignore_mandatory = True
	settings.save()
	frappe.db.set_value("Currency", CURRENCY, "enabled", 1)


def create_company() -> None:
	insert("Company", **DATA["company"])
	frappe.db.set_default("company", COMPANY)
	frappe.db.set_default("currency", CURRENCY)


def create_lists() -> None:
	"""Create the trees and lists that accounts, orders and employees choose from."""
	groups = {"Advertisers": DATA["advertisers"], "Subscribers": DATA["subscribers"]}
	create_tree("Customer Group", "customer_group_name", "parent_customer_group", groups)
	create_tree("Territory", "territory_name", "parent_territory", {COUNTRY: list(DATA["territories"])})
	create_tree("Item Group", "item_group_name", "parent_item_group", {"Magazines": list(DATA["magazines"])})
	industries = sorted({industry for group in DATA["businesses"].values() for industry in group})
	for doctype, field, names in (
		("Industry Type", "industry", industries),
		("Market Segment", "market_segment", DATA["market_segments"]),
		("Lead Source", "source_name", DATA["lead_sources"]),
		("Sales Stage", "stage_name", DATA["sales_stages"]),
		("Opportunity Lost Reason", "lost_reason", DATA["lost_reasons"]),
		("Campaign", "campaign_name", DATA["campaigns"]),
		("Issue Type", "name", DATA["issue_types"]),
		("Branch", "branch", ["Bristol"]),
		("Designation", "designation_name", sorted({person.designation for person in PEOPLE})),
	):
		for name in names:
			if not frappe.db.exists(doctype, {field: name}):
				insert(doctype, **{field: name})
	for code, name, group, price in items():
		insert("Item", item_code=code, item_name=name, item_group=group, standard_rate=price)


def create_tree(doctype: str, name_field: str, parent_field: str, branches: dict[str, list[str]]) -> None:
	for branch, leaves in branches.items():
		insert(doctype, **{name_field: branch, "is_group": 1})
		for leaf in leaves:
			if not frappe.db.exists(doctype, leaf):
				insert(doctype, **{name_field: leaf, parent_field: branch})


def insert(doctype: str, /, **values) -> str:
	always = DATA["always"].get(doctype, {})
	return frappe.get_doc({"doctype": doctype, **always, **values}).insert().name


def create_users() -> None:
	for person in PEOPLE:
		first_name, last_name = person.full_name.split()
		create_user(person.user, first_name, last_name, person.roles, person.gender)
	administrator = frappe.get_doc("User", "Administrator")
	administrator.update(DATA["user"])
	administrator.save()
	update_password(administrator.name, PASSWORD)


def create_user(
	address: str, first_name: str, last_name: str | None, roles: list[str], gender: str | None = None
) -> str:
	"""Make a user who can log in with everybody's password; return the user's name."""
	name = {"first_name": first_name, "last_name": last_name, "gender": gender}
	user = frappe.get_doc(doctype="User", email=address, send_welcome_email=0, **name, **DATA["user"])
	user.append_roles(*(role for role in roles if frappe.db.exists("Role", role)))
	user.insert()
	# straight into the table: the strength test would refuse a password that is easy to remember
	update_password(user.name, PASSWORD)
	return user.name


def create_employees(today: date) -> None:
	"""Create employees from the top down, so that each one's superior is there already."""
	for department in dict.fromkeys(person.department for person in PEOPLE):
		insert("Department", department_name=department, company=COMPANY)
	names: dict[str | None, str | None] = {None: None}
	for number, person in enumerate(PEOPLE):
		first_name, last_name = person.full_name.split()
		names[person.full_name] = insert(
			"Employee",
			first_name=first_name,
			last_name=last_name,
			gender=person.gender,
			date_of_birth=today - timedelta(days=365 * person.age + 17 * number),
			date_of_joining=today - timedelta(days=365 * person.years_here + 30 + 11 * number),
			department=f"{person.department} - HP",
			designation=person.designation,
			reports_to=names[person.reports_to],
			user_id=person.user,
			company_email=person.user,
			personal_email=f"{first_name}.{last_name}@home.example".lower(),
			cell_number=f"+44 7700 900{100 + number}",
		)
	for person in PEOPLE:
		if person.department == "Sales":
			insert("Sales Person", sales_person_name=person.full_name, employee=names[person.full_name])
			if person.territory:
				give_territory(person.territory, person.full_name)


def give_territory(territory: str, manager: str) -> None:
	document = frappe.get_doc("Territory", territory)
	document.territory_manager = manager
	document.save()


def let_go(person: Person, last_day: date) -> None:
	"""Record that `person` has left: the employee, the sales person and the user."""
	employee = frappe.get_doc("Employee", {"user_id": person.user})
	employee.update({"relieving_date": last_day, "held_on": last_day, **DATA["leaving"]})
	employee.resignation_letter_date = last_day - timedelta(days=28)
	employee.save()
	give_territory(person.territory, people.rep_for(person.territory, 0))
	frappe.db.set_value("Sales Person", {"employee": employee.name}, "enabled", 0)
	user = frappe.get_doc("User", person.user)
	user.enabled = 0
	user.save()
