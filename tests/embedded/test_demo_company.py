"""The demo company: what a newcomer finds in it, and that all of it could have been saved by people."""

from collections import Counter
from datetime import date, timedelta

import frappe
import pytest

from embedded.demo_data import people
from embedded.demo_data.accounts import Plan
from embedded.demo_data.clock import moment, workday
from embedded.demo_data.people import LOGINS, PASSWORD, PEOPLE

OWNERS = {
	"Customer": "account_manager",
	"Lead": "lead_owner",
	"Opportunity": "opportunity_owner",
	"Prospect": "prospect_owner",
}
RECORDS = ["Quotation", "Sales Order", "Communication"]


@pytest.fixture(scope="module", autouse=True)
def demo(site, ground, tmp_path_factory):
	"""Be connected to a copy of the demo site instead of the tests' own site."""
	from embedded.site import template_of

	demo = template_of("demo", ground.db_type).copy(tmp_path_factory.mktemp("demo") / "demo.localhost")
	ground.site.disconnect()
	demo.connect()
	yield demo
	demo.drop()
	ground.site.connect()


def days_ago(days: int) -> date:
	return frappe.utils.getdate() - timedelta(days=days)


def test_the_company_has_the_size_that_was_promised():
	counts = {doctype: frappe.db.count(doctype) for doctype in ("Customer", "Contact", "Lead", "Opportunity")}
	assert counts == {"Customer": 400, "Contact": 600, "Lead": 300, "Opportunity": 150}
	for doctype, at_least in {
		"Quotation": 60,
		"Sales Order": 200,
		"Communication": 1500,
		"CRM Note": 100,
	}.items():
		assert frappe.db.count(doctype) >= at_least, doctype
	assert frappe.db.count("Comment", {"comment_type": "Comment"}) >= 300


def test_four_people_may_log_in_and_do_their_work():
	from frappe.utils.password import check_password

	assert [login.role for login in LOGINS] == ["rep", "manager", "hr", "administrator"]
	for login in LOGINS:
		assert check_password(login.user, PASSWORD) == login.user
	rep, manager, hr = (login.user for login in LOGINS[:3])
	for user in (rep, manager):
		for doctype in ("Customer", "Lead", "Opportunity", "Quotation", "Sales Order", "Contact"):
			assert frappe.has_permission(doctype, "write", user=user), (user, doctype)
	assert frappe.has_permission("Employee", "write", user=hr)
	assert not frappe.has_permission("Employee", "write", user=rep)


@pytest.mark.parametrize("doctype", OWNERS)
def test_every_account_has_an_owner_who_works_here_and_the_ledger_says_the_same(doctype):
	enabled = set(frappe.get_all("User", {"enabled": 1}, pluck="name"))
	owners = dict(frappe.get_all(doctype, fields=["name", OWNERS[doctype]], as_list=True))
	assert set(owners.values()) <= enabled
	entries = frappe.get_all(
		"Account Owner Change",
		{"reference_doctype": doctype},
		["reference_name", "new_owner", "changed_on", "source"],
		order_by="changed_on",
		limit_page_length=0,
	)
	assert {entry.reference_name: entry.new_owner for entry in entries} == owners
	assert {entry.source for entry in entries} <= {"Form", "Data Import"}
	assert max(entry.changed_on for entry in entries) <= frappe.utils.now_datetime()


def test_one_rep_took_over_colleagues_accounts_in_the_last_months():
	takeovers = frappe.get_all(
		"Account Owner Change",
		{"kind": "Taken Over", "changed_on": (">", days_ago(150))},
		["changed_by", "reference_name", "changed_on"],
	)
	assert Counter(entry.changed_by for entry in takeovers)[people.user_of(people.MARCUS)] == 15
	for entry in takeovers:
		ordered = frappe.get_all("Sales Order", {"customer": entry.reference_name}, pluck="transaction_date")
		assert any(timedelta() <= day - entry.changed_on.date() <= timedelta(days=14) for day in ordered)


@pytest.mark.parametrize("doctype", [*OWNERS, *RECORDS, "Contact", "Address", "Employee"])
def test_documents_are_valid_as_if_they_had_been_saved(doctype):
	names = frappe.get_all(doctype, pluck="name")
	for name in names[:: max(1, len(names) // 40)]:
		document = frappe.get_doc(doctype, name)
		invalid, cancelled = document.get_invalid_links()
		missing = document._get_missing_mandatory_fields()
		assert not (invalid or cancelled or missing), (name, invalid, missing)
		document._validate_selects()
		before = document.get_valid_dict(convert_dates_to_str=True)
		document.run_method("validate")
		after = document.get_valid_dict(convert_dates_to_str=True)
		assert not {field for field in before if (before[field] or "") != (after[field] or "")}, name


@pytest.mark.parametrize("doctype", [*OWNERS, *RECORDS])
def test_records_are_spread_over_the_months_and_none_is_from_the_future(doctype):
	created = frappe.get_all(doctype, pluck="creation")
	assert max(created) <= frappe.utils.now_datetime()
	assert min(created).date() >= days_ago(580)
	assert len({(day.year, day.month) for day in created}) >= 9
	assert all(day.weekday() < 5 for day in created)


def test_mail_addresses_and_phone_numbers_belong_to_nobody():
	for address in frappe.get_all("Contact Email", pluck="email_id"):
		assert address.endswith(".example")
	reserved = (" 496 0", " 7946 0", " 2018 0", " 9649 6", " 1632 960", " 7700 900")
	for number in frappe.get_all("Contact Phone", pluck="phone"):
		assert any(part in number for part in reserved), number


def test_whoever_left_wrote_nothing_afterwards():
	for person in PEOPLE:
		if person.left:
			last_day = workday(frappe.utils.getdate(), person.left - 5)
			assert not frappe.db.exists("Communication", {"user": person.user, "creation": (">", last_day)})


def test_the_same_seed_makes_the_same_company():
	once = Plan()
	assert once.customers == Plan().customers
	assert Plan(seed=1).customers != once.customers
	assert {customer.title for customer in once.customers} == set(frappe.get_all("Customer", pluck="name"))


@pytest.mark.parametrize("weekday", range(7))
def test_working_days_are_counted_back_in_order_from_any_day_of_the_week(weekday):
	today = date(2025, 3, 3) + timedelta(days=weekday)
	days = [workday(today, back) for back in range(400)]
	assert days == sorted(set(days), reverse=True)
	assert all(day.weekday() < 5 and day <= today for day in days)
	assert moment(today, 1, 90).hour == 9
