"""The demo company: what a newcomer finds in it, and that all of it could have been saved by people."""

from collections import Counter
from contextlib import contextmanager
from datetime import date, timedelta

import frappe
import pytest

from embedded.demo_data.logins import LOGINS, PASSWORD
from embedded.demo_data.plan import everything, staff
from embedded.demo_data.plan.workdays import moment, workday
from tests.people_and_accounts import acting_as

OWNERS = {
	"Customer": "account_manager",
	"Lead": "lead_owner",
	"Opportunity": "opportunity_owner",
	"Prospect": "prospect_owner",
}
TRANSACTIONS = ["Quotation", "Sales Order", "Communication", "Call Log", "Issue"]


@contextmanager
def connected_to(site, instead_of):
	instead_of.disconnect()
	site.connect()
	try:
		yield
	finally:
		site.disconnect()
		instead_of.connect()


@pytest.fixture(scope="module", autouse=True)
def demo(site, ground, tmp_path_factory):
	"""Be connected to a copy of the demo site instead of the tests' own site."""
	if ground.has_erpnext:
		pytest.skip("the demo company lives on the embedded engine, never on a bench")
	from embedded.site import template_of

	demo = template_of("demo", ground.db_type).copy(tmp_path_factory.mktemp("demo") / "demo.localhost")
	with connected_to(demo, instead_of=ground.site):
		yield demo
	demo.drop()


def days_ago(days: int) -> date:
	return frappe.utils.getdate() - timedelta(days=days)


# Who and what is there.


def test_the_company_has_the_size_that_was_promised():
	counts = {doctype: frappe.db.count(doctype) for doctype in ("Customer", "Contact", "Lead", "Opportunity")}
	assert counts == {"Customer": 400, "Contact": 600, "Lead": 300, "Opportunity": 150}
	for doctype, at_least in (
		("Quotation", 60),
		("Sales Order", 200),
		("Communication", 1500),
		("Prospect", 20),
		("Issue", 30),
		("Call Log", 100),
		("CRM Note", 100),
	):
		assert frappe.db.count(doctype) >= at_least, doctype
	assert frappe.db.count("Comment", {"comment_type": "Comment"}) >= 300
	assert frappe.db.count("Employee", {"status": "Active"}) == 12


def test_everyone_who_may_log_in_can():
	from frappe.utils.password import check_password

	assert [login.role for login in LOGINS] == ["rep", "manager", "hr", "administrator"]
	for login in LOGINS:
		assert check_password(login.user, PASSWORD) == login.user
		assert frappe.db.get_value("User", login.user, "enabled")


def test_everyone_sees_the_time_of_the_place_where_the_company_is():
	zones = frappe.get_all("User", {"user_type": "System User"}, pluck="time_zone")
	assert set(zones) == {frappe.db.get_single_value("System Settings", "time_zone")}


def test_the_login_page_names_the_company_and_offers_nothing_that_needs_mail():
	settings = frappe.get_single("System Settings")
	assert (settings.app_name, settings.login_with_email_link) == ("Harbour Press Ltd", 0)


def test_the_rep_the_manager_and_hr_can_do_their_work():
	rep, manager, hr = (login.user for login in LOGINS[:3])
	for user in (rep, manager):
		for doctype in ("Customer", "Lead", "Opportunity", "Quotation", "Sales Order", "Contact"):
			assert frappe.has_permission(doctype, "write", user=user), (user, doctype)
	assert frappe.has_permission("Employee", "write", user=hr)
	assert not frappe.has_permission("Employee", "write", user=rep)


def test_everyone_starts_in_the_workspace_with_the_customers():
	for user in [*(person.user for person in staff.PEOPLE), "Administrator"]:
		assert frappe.db.get_value("User", user, "default_workspace") == "Demo CRM"
	with acting_as(LOGINS[0].user):
		from frappe.desk.desktop import get_workspace_sidebar_items

		assert "Demo CRM" in [page["name"] for page in get_workspace_sidebar_items()["pages"]]
	shortcuts = frappe.get_doc("Workspace", "Demo CRM").shortcuts
	assert shortcuts[0].link_to == "Customer"


def test_people_report_to_someone_and_only_the_director_to_nobody():
	employees = frappe.get_all("Employee", fields=["employee_name", "reports_to", "user_id", "status"])
	assert [employee.employee_name for employee in employees if not employee.reports_to] == [staff.DIRECTOR]
	users = {user.name: user.enabled for user in frappe.get_all("User", fields=["name", "enabled"])}
	for employee in employees:
		assert bool(users[employee.user_id]) == (employee.status == "Active")


# Accounts and their owners.


@pytest.mark.parametrize("doctype", OWNERS)
def test_every_account_has_an_owner_who_works_here(doctype):
	enabled = set(frappe.get_all("User", {"enabled": 1}, pluck="name"))
	owners = dict(frappe.get_all(doctype, fields=["name", OWNERS[doctype]], as_list=True))
	assert {account: owner for account, owner in owners.items() if owner not in enabled} == {}


@pytest.mark.parametrize("doctype", OWNERS)
def test_the_ledger_ends_with_the_owner_that_the_account_has(doctype):
	last = {
		entry.reference_name: entry.new_owner
		for entry in frappe.get_all(
			"Account Owner Change",
			{"reference_doctype": doctype},
			["reference_name", "new_owner"],
			order_by="changed_on",
			limit_page_length=0,
		)
	}
	owners = dict(frappe.get_all(doctype, fields=["name", OWNERS[doctype]], as_list=True))
	assert last == owners


def test_ledger_entries_lie_in_the_past_and_came_from_forms_and_one_import():
	entries = frappe.get_all("Account Owner Change", fields=["changed_on", "source", "changed_by"])
	assert min(entry.changed_on for entry in entries).date() < days_ago(500)
	assert max(entry.changed_on for entry in entries) <= frappe.utils.now_datetime()
	assert {entry.source for entry in entries} == {"Form", "Data Import"}
	imported = {entry.changed_on.date() for entry in entries if entry.source == "Data Import"}
	assert max(imported) - min(imported) < timedelta(days=7)
	assert {entry.changed_by for entry in entries} <= {person.user for person in staff.PEOPLE}


def test_one_rep_took_over_colleagues_accounts_in_the_last_months():
	takeovers = frappe.get_all(
		"Account Owner Change",
		{"kind": "Taken Over", "changed_on": (">", days_ago(150))},
		["changed_by", "previous_owner", "reference_name", "changed_on"],
	)
	marcus = staff.user_of(staff.MARCUS)
	by_taker = Counter(entry.changed_by for entry in takeovers)
	assert by_taker[marcus] == 15
	assert sum(by_taker.values()) - by_taker[marcus] <= 2
	assert len({entry.previous_owner for entry in takeovers}) == 4
	for entry in takeovers:
		ordered = frappe.get_all("Sales Order", {"customer": entry.reference_name}, pluck="transaction_date")
		assert any(
			entry.changed_on.date() <= day <= entry.changed_on.date() + timedelta(days=14) for day in ordered
		)


# It could all have been saved by people.


@pytest.mark.parametrize("doctype", [*OWNERS, *TRANSACTIONS, "Contact", "Address", "Employee"])
def test_documents_are_valid_as_if_they_had_been_saved(doctype):
	for name in frappe.get_all(doctype, pluck="name"):
		document = frappe.get_doc(doctype, name)
		invalid, cancelled = document.get_invalid_links()
		missing = document._get_missing_mandatory_fields()
		assert not (invalid or cancelled or missing), (name, invalid, missing)
		document._validate_selects()
		for row in document.get_all_children():
			assert not row.get_invalid_links()[0], (name, row.as_dict())


@pytest.mark.parametrize(
	"doctype", ["Customer", "Contact", "Lead", "Opportunity", "Quotation", "Sales Order", "Issue"]
)
def test_saving_a_document_again_would_change_nothing(doctype):
	for name in frappe.get_all(doctype, pluck="name", limit=40):
		document = frappe.get_doc(doctype, name)
		before = document.get_valid_dict(convert_dates_to_str=True)
		document.run_method("validate")
		after = document.get_valid_dict(convert_dates_to_str=True)
		changed = {field for field in before if (before[field] or "") != (after[field] or "")}
		assert not changed, (name, changed)


def test_orders_add_up():
	for name in frappe.get_all("Sales Order", pluck="name", limit=50):
		order = frappe.get_doc("Sales Order", name)
		assert order.grand_total == sum(item.qty * item.rate for item in order.items) > 0
		assert order.docstatus == 1


@pytest.mark.parametrize("doctype", [*OWNERS, *TRANSACTIONS])
def test_records_are_spread_over_the_months_and_none_is_from_the_future(doctype):
	created = [moment for (moment,) in frappe.get_all(doctype, fields=["creation"], as_list=True)]
	assert max(created) <= frappe.utils.now_datetime()
	assert min(created).date() >= days_ago(580)
	months = Counter((day.year, day.month) for day in created)
	assert len(months) >= 9
	assert all(day.weekday() < 5 for day in created)


def test_nothing_was_said_with_an_account_before_it_was_there():
	for doctype in ("Customer", "Lead"):
		created = dict(frappe.get_all(doctype, fields=["name", "creation"], as_list=True))
		mails = frappe.get_all(
			"Communication", {"reference_doctype": doctype}, ["reference_name", "creation"]
		)
		assert all(mail.creation >= created[mail.reference_name] for mail in mails)


def test_whoever_left_wrote_nothing_afterwards():
	for person in staff.PEOPLE:
		if person.left:
			last_day = workday(frappe.utils.getdate(), person.left - 5)
			assert not frappe.db.exists("Communication", {"user": person.user, "creation": (">", last_day)})


def test_mail_addresses_and_phone_numbers_belong_to_nobody():
	for address in frappe.get_all("Contact Email", pluck="email_id"):
		assert address.endswith(".example")
	for number in frappe.get_all("Contact Phone", pluck="phone"):
		assert any(
			part in number for part in (" 496 0", " 7946 0", " 2018 0", " 9649 6", " 1632 960", " 7700 900")
		), number


# The same company every time.


def test_the_same_seed_makes_the_same_company():
	once, again = everything.make(), everything.make()
	assert once.accounts.customers == again.accounts.customers
	assert once.accounts.leads == again.accounts.leads
	assert once.accounts.opportunities == again.accounts.opportunities
	assert once.sales.orders == again.sales.orders
	assert once.conversations.mails == again.conversations.mails
	assert once.changes.changes == again.changes.changes
	assert everything.make(seed=1).accounts.customers != once.accounts.customers


def test_the_site_holds_what_was_planned():
	planned = everything.make().accounts
	assert {customer.title for customer in planned.customers} == set(frappe.get_all("Customer", pluck="name"))
	emails = {contact.email for customer in planned.customers for contact in customer.contacts}
	assert emails == set(frappe.get_all("Contact", pluck="email_id"))


@pytest.mark.parametrize("weekday", range(7))
def test_working_days_are_counted_back_in_order_from_any_day_of_the_week(weekday):
	today = date(2025, 3, 3) + timedelta(days=weekday)
	days = [workday(today, back) for back in range(400)]
	assert days == sorted(set(days), reverse=True)
	assert all(day.weekday() < 5 and day <= today for day in days)
	assert moment(today, 1, 90).hour == 9


def test_without_customers_there_is_the_company_and_nothing_else(demo, ground, tmp_path):
	from embedded.site import template_of

	company = template_of("company", ground.db_type).copy(tmp_path / "company.localhost")
	with connected_to(company, instead_of=demo):
		counts = {doctype: frappe.db.count(doctype) for doctype in (*OWNERS, *TRANSACTIONS, "Contact")}
		assert set(counts.values()) == {0}
		assert frappe.db.count("Employee") == 13
		assert frappe.db.exists("Territory", "South West")
	company.drop()
