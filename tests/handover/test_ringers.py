"""Invented contacts among a leaver's accounts: the plan and its letters show nothing that sets them apart."""

import frappe
import pytest

from crm_transparency.crm_transparency import report_parts
from crm_transparency.offboarding import plan_grid
from crm_transparency.ringers.drafts import Place
from tests.handover.leaving import computed, letters, make_contact, make_quotation, rows
from tests.offboarding.people import do
from tests.people_and_accounts import acting_as, make_customer
from tests.ringers.company import make_company, plant_one, set_patterns

#: what differs between any two rows
OWN = (
	"name",
	"reference_name",
	"account_title",
	"territory",
	"contact",
	"contact_name",
	"email",
	"subject",
	"message",
	"creation",
	"modified",
	"approved_on",
	"successor",
	"proposed_successor",
	"reason",
)


@pytest.fixture
def invented(ana):
	"""A customer of Ana's who doesn't exist, nor do the people there."""
	set_patterns()
	company = make_company(count=6)
	ringer = plant_one(planted_as="Customer", place=Place(territory=company[0].territory))
	name = dict(ringer.records)["Customer"]
	frappe.db.set_value("Customer", name, "account_manager", ana)
	return frappe.get_doc("Customer", name)


def test_an_invented_customer_looks_like_any_other(offboarding, invented, ana, ben, hanna, mail_account):
	real = make_customer(ana)
	make_contact(real)
	for customer in (real, invented):
		make_quotation(customer, 700)
	computed(offboarding)
	with acting_as(hanna):
		plan_grid.change(offboarding.name, filters={}, successor=ben)
		plan_grid.change(offboarding.name, filters={}, is_key_account=True)
	do(offboarding, "introductions", by=hanna)
	planned = rows(offboarding)
	assert without_own(planned[invented.name]) == without_own(planned[real.name])
	written = {letter.reference_name: letter for letter in letters(offboarding)}
	assert without_own(written[invented.name]) == without_own(written[real.name])
	assert written[invented.name].email
	assert invented.name in report_parts.left_out("Customer")


def without_own(row: frappe._dict) -> dict:
	return {field: value for field, value in row.items() if field not in OWN}
