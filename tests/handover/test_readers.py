"""What readers of a plan see of companies that are closed to them, and in which currency values are added up."""

import json

import frappe
import pytest

from crm_transparency.offboarding import (
	account_business,
	handover_api,
	handover_belongings,
	handover_summaries,
	plan_grid,
	reader_limits,
)
from tests.handover.leaving import computed, make_quotation, row_of, rows, things
from tests.handover.test_plan import opportunity
from tests.people_and_accounts import acting_as, make_customer
from tests.relationships.test_coverage import make_event, make_mail

SECRET = 77777


def another_company(currency: str = "USD") -> str:
	"""Write a company's row: ERPNext would make a chart of accounts for it."""
	if not frappe.db.exists("Currency", currency):
		frappe.get_doc(doctype="Currency", currency_name=currency, enabled=1).db_insert()
	company = frappe.new_doc("Company")
	company.update({"company_name": f"Quay {frappe.generate_hash(length=6)}", "default_currency": currency})
	company.name = company.company_name
	company.db_insert()
	return company.name


@pytest.fixture
def ours(employee) -> str:
	return employee.company


@pytest.fixture
def currency(ana, employee) -> str:
	return account_business.currency_of(ana)


@pytest.fixture
def limited(mona, ours):
	"""Mona, who sees the documents of one company."""
	permission = {"user": mona, "allow": "Company", "for_value": ours}
	if not frappe.db.exists("User Permission", permission):  # ERPNext permits employees their own company
		frappe.get_doc(doctype="User Permission", **permission).insert()
	return mona


@pytest.fixture
def two_companies(offboarding, ana, ours, currency):
	"""A customer with a quotation of each company, and an opportunity of the other one, all of them Ana's."""
	theirs = another_company(currency)
	customer = make_customer(ana)
	for company, worth in ((ours, 100), (theirs, SECRET)):
		frappe.db.set_value("Quotation", make_quotation(customer, worth, owner=ana), "company", company)
	hidden = opportunity(customer, SECRET, owner=ana)
	frappe.db.set_value("Opportunity", hidden, {"company": theirs, "title": "Secret tender"})
	computed(offboarding)
	return customer, hidden


def seen_by(user: str, offboarding) -> str:
	"""Return all that a user is shown of the plan, as text."""
	with acting_as(user):
		handover_api.download(offboarding.name)
		shown = [
			handover_api.page(offboarding.name),
			plan_grid.summary(offboarding.name),
			handover_api.list_belongings(offboarding.name),
			frappe.response.pop("filecontent").decode(),
			frappe.get_list("Handover Plan Account", fields=["*"]),
			frappe.get_list("Handover Belonging", fields=["*"]),
		]
	return json.dumps(shown, default=str)


def test_a_reader_limited_to_one_company_reads_nothing_of_another(two_companies, offboarding, limited, hanna):
	customer, _hidden = two_companies
	everything, part = seen_by(hanna, offboarding), seen_by(limited, offboarding)
	for trace in (str(SECRET), "77,777", "Secret tender", "77877", "155"):
		assert trace not in part
	assert str(SECRET) in everything and "Secret tender" in everything
	with acting_as(limited):
		page = handover_api.page(offboarding.name, sort="worth")
	row = next(row for row in page["rows"] if row.reference_name == customer.name)
	assert (row.open_value, page["worth"]) == (100, None)
	assert row.open_business.startswith("1 quotation, together")
	assert (row_of(offboarding, customer).open_value, len(things(offboarding, "Quotation"))) == (
		100 + 2 * SECRET,
		2,
	)


def test_filters_and_sorting_tell_a_limited_reader_nothing(two_companies, offboarding, limited, ana):
	make_customer(ana, title="Aardvark")
	computed(offboarding)
	with acting_as(limited):
		for sort in ("worth", "open_value", "revenue"):
			first = handover_api.page(offboarding.name, sort=sort, descending=False)["rows"][0]
			assert first.account_title.startswith("Aardvark")
		assert handover_api.page(offboarding.name, filters={"least_worth": SECRET})["total"] == len(
			rows(offboarding)
		)


def test_a_successor_is_told_of_business_of_the_own_companies_only(two_companies, offboarding, limited, ana):
	customer, _hidden = two_companies
	row = frappe._dict(row_of(offboarding, customer))
	handover_summaries.plan_rows.as_seen([row], ana, limited)
	assert "77" not in row.open_business
	(quotation,) = [row for row in things(offboarding, "Quotation") if row.value == SECRET]
	quotation.title = "A secret buyer"
	assert "secret" not in handover_summaries.thing_list([quotation], limited, "en")


@pytest.fixture
def foreign(currency) -> str:
	return "USD" if currency != "USD" else "EUR"


@pytest.fixture
def exchange(foreign, currency):
	"""A function that sets an exchange rate, from one of the two currencies to the other; at first there is none."""
	if not frappe.db.exists("DocType", "Currency Exchange"):
		pytest.skip("Exchange rates are ERPNext's")
	pair = (foreign, currency)
	frappe.db.delete("Currency Exchange", {"from_currency": ("in", pair), "to_currency": ("in", pair)})

	def set_rate(origin: str, target: str, rate: float) -> None:
		document = frappe.new_doc("Currency Exchange")
		document.update({"from_currency": origin, "to_currency": target, "exchange_rate": rate})
		document.date = "2026-01-01"
		document.name = frappe.generate_hash(length=10)
		document.db_insert()

	return set_rate


def two_currencies(ana, foreign):
	customer = make_customer(ana)
	make_quotation(customer, 100)
	frappe.db.set_value("Quotation", make_quotation(customer, 1000), "company", another_company(foreign))
	return customer


def test_amounts_of_another_currency_without_a_rate_are_named_and_never_added(
	offboarding, ana, foreign, currency, monkeypatch
):
	monkeypatch.setattr(account_business, "exchange_rate", lambda origin, to: 1 if origin == to else None)
	customer = two_currencies(ana, foreign)
	computed(offboarding)
	row = row_of(offboarding, customer)
	assert row.open_value == 100
	assert row.open_business.endswith(f"without amounts in {foreign}: no exchange rate")
	handover_api.download(offboarding.name)
	assert f"Open value ({currency})" in frappe.response.pop("filecontent").decode()


@pytest.mark.parametrize("direction", ["there", "back"])
def test_amounts_of_several_currencies_are_converted_to_the_one_of_the_leavers_company(
	direction, offboarding, ana, exchange, foreign, currency
):
	exchange(foreign, currency, 0.5) if direction == "there" else exchange(currency, foreign, 2)
	customer = two_currencies(ana, foreign)
	name = opportunity(customer, 0)
	values = {"opportunity_amount": 10, "conversion_rate": 0, "currency": foreign}
	frappe.db.set_value("Opportunity", name, values)
	computed(offboarding)
	assert row_of(offboarding, customer).open_value == 100 + 500 + 5


def test_values_that_only_the_browser_fills_in_are_counted_without_it(offboarding, ana):
	"""Opportunities made through the API have no base amount; those with items no amount either."""
	customer = make_customer(ana)
	for values in (
		{"opportunity_amount": 500, "conversion_rate": 2},
		{"base_total": 30},
		{"base_opportunity_amount": 7, "opportunity_amount": 500, "conversion_rate": 2},
		{"opportunity_amount": 3, "conversion_rate": 0, "currency": None},
	):
		frappe.db.set_value("Opportunity", opportunity(customer, 0), values)
	computed(offboarding)
	row = row_of(offboarding, customer)
	assert row.open_value == 1000 + 30 + 7 + 3
	assert row.open_business.startswith("4 opportunities")


def test_what_is_about_hidden_documents_shows_no_words_of_them(two_companies, offboarding, limited, ana, ben):
	"""To-dos, emails and meetings about an opportunity of another company; a document that is listed twice."""
	customer, hidden = two_companies
	of_ben = opportunity(customer, SECRET, owner=ben)
	frappe.db.set_value(
		"Opportunity", of_ben, "company", frappe.db.get_value("Opportunity", hidden, "company")
	)
	todo = frappe.get_doc(doctype="ToDo", allocated_to=ana, description="Secret discount")
	todo.update({"reference_type": "Opportunity", "reference_name": of_ben}).insert()
	mail = make_mail(frappe.get_doc("Opportunity", of_ben), "x@y.example", ana, sent=False)
	mail.db_set("subject", "Secret offer")
	make_event(ana, ("Opportunity", of_ben), days_ago=-5)
	make_mail(customer, "x@y.example", ana, sent=False).db_set("subject", "Open to all")
	computed(offboarding)
	quotation, event = (things(offboarding, kind)[0] for kind in ("Quotation", "Event"))
	assert event.title == "Lunch"
	twice = [
		frappe._dict(quotation, reference_doctype="Opportunity", reference_name=hidden) for _n in range(2)
	]
	with acting_as(limited):
		shown = json.dumps(handover_api.list_belongings(offboarding.name), default=str)
		reader_limits.hide(twice)
	assert "Open to all" in shown
	assert not any(word in shown for word in ("Secret", "Lunch"))
	assert {row.title for row in twice} == {hidden}
	assert "Secret" not in str(handover_belongings.titles(offboarding.name))


def test_searching_and_sorting_tell_a_limited_reader_no_hidden_title(
	two_companies, offboarding, limited, ana, hanna
):
	customer, hidden = two_companies
	row = {"offboarding": offboarding.name, "reference_name": hidden}
	frappe.db.set_value(
		"Handover Plan Account", row, {"account_title": "Aardvark tender", "territory": "Mars"}
	)
	tried = ({"text": "ardvark"}, {"territory": "Mars"})

	def totals(user: str) -> list[int]:
		with acting_as(user):
			return [handover_api.page(offboarding.name, filters=filters)["total"] for filters in tried]

	assert (totals(hanna), totals(limited)) == ([1, 1], [0, 0])
	with acting_as(limited):
		page = handover_api.page(offboarding.name, sort="account_title", descending=False)
		assert handover_api.page(offboarding.name, filters={"text": hidden})["total"] == 1
		assert handover_api.page(offboarding.name, filters={"text": customer.customer_name})["total"] == 1
	titles = [row.account_title for row in page["rows"]]
	assert hidden in titles and titles == sorted(titles, key=str.casefold)


def test_the_only_company_limits_nobody(limited, ours, two_companies):
	assert reader_limits.is_limited(limited)
	frappe.db.delete("Company", {"name": ("!=", ours)})
	assert not reader_limits.is_limited(limited)
