"""The plan: every account of the leaver once, with what is open, who knows it, and who should get it and why."""

import frappe
import pytest
from frappe.utils import add_days, now_datetime, today

from crm_transparency.offboarding import plan_grid, plan_rows, successor_proposals
from crm_transparency.offboarding.exceptions import NotASuccessor
from tests.handover.leaving import computed, key_customer, row_of, rows
from tests.people_and_accounts import acting_as, make_customer, make_lead, make_user
from tests.relationships.test_coverage import make_mail


def put_in(account, territory: str) -> None:
	account.db_set("territory", territory)


@pytest.fixture
def territory() -> str:
	name = f"Wharf {frappe.generate_hash(length=6)}"
	parent = frappe.get_all("Territory", filters={"is_group": 1}, pluck="name", limit=1)
	values = {"territory_name": name, "parent_territory": parent[0] if parent else None, "is_group": 0}
	return frappe.get_doc(doctype="Territory", **values).insert().name


def test_every_account_of_the_leaver_is_in_the_plan_once(offboarding, ana, ben):
	mine = [make_customer(ana), make_customer(ana), make_lead(ana)]
	make_customer(ben)
	computed(offboarding)
	assert set(rows(offboarding)) == {account.name for account in mine}
	computed(offboarding)
	assert len(rows(offboarding)) == 3


def test_accounts_are_read_page_by_page(offboarding, ana, monkeypatch):
	monkeypatch.setattr(plan_rows, "ACCOUNTS_AT_ONCE", 2)
	customers = [make_customer(ana) for _number in range(5)]
	pages = []
	plan_rows.compute(plan_rows.of_offboarding(offboarding.name), pages.append)
	assert pages == [2, 4, 5]
	assert set(rows(offboarding)) == {customer.name for customer in customers}


def test_whoever_knows_the_customer_is_proposed(offboarding, ana, ben):
	customer = make_customer(ana)
	for days in (2, 5, 9):
		make_mail(customer, ben, "lena@harbour.example", days_ago=days)
	make_mail(customer, ana, "lena@harbour.example", days_ago=1)
	computed(offboarding)
	row = row_of(offboarding, customer)
	assert row.successor == row.proposed_successor == ben
	assert row.reason.startswith("Already knows the customer: 3 emails, last on")
	assert "Ben knows the customer: 3 emails" in row.known_by
	# the leaver's own contact counts as the last one, but nobody else knows the customer through it
	assert row.last_contact.date() == add_days(now_datetime(), -1).date()
	assert "Ana" not in row.known_by


def test_otherwise_somebody_of_the_same_territory_with_the_fewest_accounts(offboarding, ana, ben, territory):
	cleo = make_user("Cleo")
	for owner, count in ((ben, 2), (cleo, 1)):
		for _number in range(count):
			put_in(make_customer(owner), territory)
	customers = [make_customer(ana) for _number in range(3)]
	for customer in customers:
		put_in(customer, territory)
	computed(offboarding)
	found = [row_of(offboarding, customer) for customer in customers]
	reasons = {row.reason for row in found}
	assert f"Same territory ({territory}) and the fewest accounts there: 1" in reasons
	# the plan's own count in, so that nobody gets them all
	assert sorted(row.successor for row in found) == sorted([cleo, ben, cleo])


def test_otherwise_whoever_has_the_fewest_accounts(offboarding, ana, monkeypatch):
	newcomer = make_user("Nele")
	customer = make_customer(ana)
	customer.db_set("territory", None)
	monkeypatch.setattr(successor_proposals, "staying_colleagues", lambda leaver: {newcomer})
	computed(offboarding)
	row = row_of(offboarding, customer)
	assert (row.successor, row.reason) == (newcomer, "Fewest accounts: 0")


def test_nobody_who_leaves_as_well_is_proposed(offboarding, ana, ben):
	from tests.offboarding.people import offboarding_of

	customer = make_customer(ana)
	make_mail(customer, ben, "lena@harbour.example")
	make_mail(customer, ben, "lena@harbour.example")
	offboarding_of(user=ben)
	computed(offboarding)
	assert row_of(offboarding, customer).successor != ben


def test_open_business_and_orders_are_added_up(offboarding, ana):
	customer = key_customer(ana, worth=1500)
	opportunity(customer, 500)
	opportunity(customer, 70, status="Lost")
	order(customer, 2000)
	order(customer, 9999, days_ago=400)
	computed(offboarding)
	row = row_of(offboarding, customer)
	assert (row.open_value, row.revenue, row.worth) == (2000, 2000, 4000)
	assert row.open_business.startswith("1 opportunity, 1 quotation, together")


def test_the_accounts_worth_most_are_proposed_as_key_accounts(offboarding, ana):
	best, good, small, nothing = (
		key_customer(ana, worth=900),
		key_customer(ana, worth=800),
		key_customer(ana, worth=5),
		make_customer(ana),
	)
	settings = frappe.get_doc("CRM Transparency Settings")
	settings.update({"key_accounts_proposed": 3, "key_account_worth": 100})
	settings.save()
	computed(offboarding)
	keys = rows(offboarding, is_key_account=1)
	assert set(keys) == {best.name, good.name}
	assert {small.name, nothing.name}.isdisjoint(keys)


def test_an_opportunity_counts_with_its_customer(offboarding, ana, ben):
	mine, others = make_customer(ana), make_customer(ben)
	with_mine, with_others = opportunity(mine, 700, ana), opportunity(others, 300, ana)
	computed(offboarding)
	found = rows(offboarding)
	assert found[mine.name].worth == 700
	assert (found[with_mine].open_value, found[with_mine].worth) == (700, 0)
	assert found[with_others].worth == 300


def test_computing_again_keeps_what_people_decided(offboarding, ana, ben, hanna):
	customer, other, gone = key_customer(ana), make_customer(ana), make_customer(ana)
	computed(offboarding)
	with acting_as(hanna):
		row = row_of(offboarding, customer)
		plan_grid.change(offboarding.name, names=[row.name], successor=ben, is_key_account=False)
		plan_grid.change(offboarding.name, names=[row_of(offboarding, other).name], is_key_account=True)
	gone.account_manager = ben
	gone.save()
	new = make_customer(ana)
	computed(offboarding)
	found = rows(offboarding)
	assert set(found) == {customer.name, other.name, new.name}
	assert found[customer.name].name == row.name
	assert (found[customer.name].successor, found[customer.name].chosen_by) == (ben, hanna)
	assert (found[customer.name].is_key_account, found[other.name].is_key_account) == (0, 1)


def test_computing_again_writes_only_what_is_other_than_before(offboarding, ana, ben):
	same, other = key_customer(ana), make_customer(ana)
	make_mail(same, ben, "lena@harbour.example")
	computed(offboarding)
	before = rows(offboarding)
	make_mail(other, ben, "lena@harbour.example")
	computed(offboarding)
	after = rows(offboarding)
	assert after[same.name] == before[same.name]
	assert after[other.name].known_by.startswith("Ben")
	assert after[other.name].modified > before[other.name].modified
	assert after[other.name].name == before[other.name].name


def test_the_fewest_accounts_are_found_however_the_numbers_grew(offboarding, ana, ben):
	people = [make_user(name, "Sales User") for name in ("Cleo", "Dario", "Elif")]
	loads = successor_proposals.Candidates(ana)
	loads.loads = dict(zip(people, (2, 0, 1), strict=True))
	everybody, neighbours = loads.queue(people), loads.queue(people[:2])
	given = []
	for number in range(8):
		given.append(loads.least_loaded(neighbours if number % 3 == 2 else everybody))
		loads.gets_one(given[-1])
	assert given[0] == people[1]
	assert sorted(loads.loads.values()) == [3, 4, 4]


def test_rows_are_found_by_filters_and_changed_in_bulk(offboarding, ana, ben, hanna):
	harbour = [make_customer(ana, title="Harbour Books") for _number in range(3)]
	quay = make_customer(ana, title="Quay Cinema")
	computed(offboarding)
	with acting_as(hanna):
		assert plan_grid.change(offboarding.name, filters={"text": "harbour"}, successor=ben) == 3
	found = plan_grid.page(offboarding.name, {"successor": ben, "changed": True})
	assert {row.reference_name for row in found["rows"]} >= {customer.name for customer in harbour}
	assert quay.name not in {row.reference_name for row in found["rows"]}
	first = plan_grid.page(offboarding.name, {}, sort="account_title", descending=False, length=1, start=3)
	assert (first["total"], [row.reference_name for row in first["rows"]]) == (4, [quay.name])
	with acting_as(hanna):
		plan_grid.change(offboarding.name, filters={"text": "harbour"}, as_proposed=True)
	assert plan_grid.page(offboarding.name, {"changed": True})["total"] == 0


def test_nobody_gets_accounts_who_cannot_have_any(offboarding, ana):
	make_customer(ana)
	computed(offboarding)
	website_user = make_user("Wim", user_type="Website User")
	for user in (ana, website_user, "nobody@example.com"):
		with pytest.raises(NotASuccessor):
			plan_grid.change(offboarding.name, filters={}, successor=user)


def test_a_change_without_saying_what_is_refused(offboarding, ana, ben):
	make_customer(ana)
	computed(offboarding)
	with pytest.raises(frappe.ValidationError):
		plan_grid.change(offboarding.name, successor=ben)


def test_a_plan_of_another_offboarding_is_not_touched(offboarding, ana, ben, hanna):
	from tests.offboarding.people import offboarding_of

	other = offboarding_of(user=ben)
	make_customer(ana)
	make_customer(ben)
	computed(offboarding)
	computed(other)
	theirs = [row.name for row in rows(other).values()]
	assert plan_grid.change(offboarding.name, names=theirs, successor=hanna) == 0


def opportunity(customer, worth: float, owner: str | None = None, status: str = "Open") -> str:
	document = frappe.new_doc("Opportunity")
	document.update(
		{
			"opportunity_from": "Customer",
			"party_name": customer.name,
			"status": status,
			"base_opportunity_amount": worth,
			"opportunity_owner": owner,
		}
	)
	document.name = f"CRM-OPP-{frappe.generate_hash(length=10)}"
	document.db_insert()
	return document.name


def order(customer, worth: float, days_ago: int = 30) -> None:
	document = frappe.new_doc("Sales Order")
	document.update(
		{
			"customer": customer.name,
			"base_grand_total": worth,
			"docstatus": 1,
			"transaction_date": add_days(today(), -days_ago),
		}
	)
	document.name = f"SAL-ORD-{frappe.generate_hash(length=10)}"
	document.db_insert()
