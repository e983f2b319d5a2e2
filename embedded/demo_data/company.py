"""Writes Harbour Press Ltd into a site: settings, lists to choose from, people, and with them 18 months of work."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta
from functools import partial

import frappe
from frappe.utils import getdate
from frappe.utils.password import update_password

from crm_transparency.ledger import seals
from embedded.demo_data import people
from embedded.demo_data.accounts import Account, Change, Opportunity, Plan, items
from embedded.demo_data.clock import FIRST_WORKDAY, at, by_import, in_a_form, moment, workday
from embedded.demo_data.people import DATA, PASSWORD, PEOPLE, Person, user_of
from embedded.demo_data.records import Records

END_OF_DAY = 590
COMPANY = DATA["company"]["company_name"]
CURRENCY = DATA["company"]["default_currency"]


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
		plan = Plan()
		write_history(plan, today)
		Records(plan, today).write()
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
	territories = {DATA["company"]["country"]: list(DATA["territories"])}
	create_tree("Territory", "territory_name", "parent_territory", territories)
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
		create_user(person.user, person.full_name, person.roles, person.gender)
	administrator = frappe.get_doc("User", "Administrator")
	administrator.update(DATA["user"])
	administrator.save()
	update_password(administrator.name, PASSWORD)


def create_user(address: str, full_name: str, roles: list[str], gender: str | None = None) -> str:
	"""Make a user who can log in with everybody's password; return the user's name."""
	first_name, _, last_name = full_name.partition(" ")
	user = frappe.get_doc(doctype="User", email=address, first_name=first_name, last_name=last_name)
	user.update({"gender": gender, "send_welcome_email": 0, **DATA["user"]})
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
				frappe.db.set_value("Territory", person.territory, "territory_manager", person.full_name)


# 18 months of work.


def write_history(plan: Plan, today: date) -> None:
	"""Save the accounts and their changes in order, each by its user at its time, so that the app records them."""
	in_order = sorted(events(plan, today), key=lambda event: (-event[0], event[1]))
	for back, minute, user, save, as_by in in_order:
		with at(moment(today, back, minute), user), as_by():
			save()


def events(plan: Plan, today: date) -> Iterator[tuple]:
	"""Yield what happened: working days before today, minute, user, what is saved, and how."""
	save = {"Lead": save_lead, "Customer": save_customer, "Prospect": save_prospect}
	for account in (*plan.leads, *plan.customers, *plan.prospects):
		as_by = by_import if account.was_imported else in_a_form
		saving = partial(save[account.doctype], account)
		yield account.back, account.minute, user_of(account.entered_by), saving, as_by
	for deal in plan.opportunities:
		yield deal.back, deal.minute, user_of(deal.owner), partial(save_opportunity, deal, today), in_a_form
	for change in plan.changes:
		yield change.back, change.minute, user_of(change.changed_by), partial(save_change, change), in_a_form
	for person in PEOPLE:
		if person.left:
			leaving = partial(let_go, person, workday(today, person.left))
			yield person.left, END_OF_DAY, "Administrator", leaving, in_a_form


def save_lead(lead: Account) -> None:
	lead.name = insert(
		"Lead",
		**asdict(lead.contacts[0]),
		company_name=lead.title,
		lead_owner=user_of(lead.owners[0][1]),
		status="Interested" if lead.status == "Converted" else lead.status,
		source=DATA["lead_sources"][lead.minute % len(DATA["lead_sources"])],
		industry=lead.industry,
		territory=lead.territory,
		city=lead.town,
		qualification_status="Qualified" if lead.status in ("Converted", "Opportunity") else "In Process",
	)


def save_customer(customer: Account) -> None:
	owner = customer.owners[0][1]
	team = [{"sales_person": owner, "allocated_percentage": 100}]
	customer.name = insert(
		"Customer",
		customer_name=customer.title,
		customer_type="Individual" if customer.is_person else "Company",
		customer_group=customer.group,
		territory=customer.territory,
		industry=customer.industry,
		market_segment=customer.segment,
		account_manager=user_of(owner),
		website=None if customer.is_person else f"https://{customer.contacts[0].email_id.split('@')[1]}",
		lead_name=customer.lead.name if customer.lead else None,
		sales_team=team if customer.segment == "Key accounts" else [],
	)


def save_prospect(prospect: Account) -> None:
	prospect.name = insert(
		"Prospect",
		company_name=prospect.title,
		customer_group=prospect.group,
		industry=prospect.industry,
		territory=prospect.territory,
		market_segment=prospect.segment,
		prospect_owner=user_of(prospect.owners[0][1]),
	)


def save_opportunity(deal: Opportunity, today: date) -> None:
	party, day = deal.party, workday(today, deal.back)
	deal.name = insert(
		"Opportunity",
		opportunity_from=party.doctype,
		party_name=party.name,
		opportunity_owner=user_of(deal.owner),
		status=deal.status,
		sales_stage=deal.stage,
		transaction_date=day,
		expected_closing=day + timedelta(days=30 + deal.minute % 60),
		territory=party.territory,
		industry=party.industry,
		customer_group=party.group,
		city=party.town,
		items=deal.items,
		lost_reasons=[{"lost_reason": deal.lost_reason}] if deal.lost_reason else [],
	)


def save_change(change: Change) -> None:
	document = frappe.get_doc(change.account.doctype, change.account.name)
	document.set(change.field, user_of(change.value) if change.value in people.BY_NAME else change.value)
	document.save(ignore_permissions=document.doctype == "Prospect")


def let_go(person: Person, last_day: date) -> None:
	"""Record that `person` has left: the employee, the sales person and the user."""
	employee = frappe.get_doc("Employee", {"user_id": person.user})
	employee.update({"relieving_date": last_day, "held_on": last_day, **DATA["leaving"]})
	employee.resignation_letter_date = last_day - timedelta(days=28)
	employee.save()
	successor = people.rep_for(person.territory, 0)
	frappe.db.set_value("Territory", person.territory, "territory_manager", successor)
	frappe.db.set_value("Sales Person", {"employee": employee.name}, "enabled", 0)
	user = frappe.get_doc("User", person.user)
	user.enabled = 0
	user.save()
