"""Accounts whose owners were disabled without an offboarding: before the app came, or by SQL."""

import frappe
import pytest

from crm_transparency import hooks, install
from crm_transparency.offboarding import disabled_owners, wizard_api
from tests.offboarding.people import offboarding_of
from tests.people_and_accounts import acting_as, make_customer, make_lead
from tests.transfers.transferring import owner_of


def findings(user: str) -> list[str]:
	return frappe.get_all(
		"Notification Log",
		filters={"for_user": user, "subject": ("like", "%disabled.%")},
		pluck="subject",
		order_by="creation",
	)


@pytest.mark.parametrize(
	("accounts", "people", "sentence"),
	[
		(1, 1, "1 account belongs to 1 person who is disabled."),
		(2, 1, "2 accounts belong to 1 person who is disabled."),
		(1200, 2, "1,200 accounts belong to 2 people who are disabled."),
	],
)
def test_the_sentence_counts_as_people_do(accounts, people, sentence):
	assert disabled_owners._sentence(accounts, people, "en") == sentence


@pytest.fixture
def others() -> tuple[int, int]:
	"""How many accounts of how many disabled people there are without these tests."""
	found = disabled_owners.disabled_owners()
	return sum(row["accounts"] for row in found), len(found)


def test_they_are_one_finding_that_is_told_once_as_long_as_it_stays_the_same(others, ana, ben, mona, hanna):
	accounts, people = others
	for owner in (ana, ana, ben):
		make_customer(owner)
	make_lead(ben)
	make_customer(mona)
	frappe.db.set_value("User", {"name": ("in", (ana, ben))}, "enabled", 0)
	for _day in range(2):
		disabled_owners.report()
	assert findings(hanna) == [f"{accounts + 4} accounts belong to {people + 2} people who are disabled."]
	assert findings(mona) == []
	offboarding_of(user=ben)
	disabled_owners.report()
	assert findings(hanna)[1:] == [disabled_owners._sentence(accounts + 2, people + 1, "en")]


def test_it_is_looked_for_daily_and_at_install():
	path = "crm_transparency.offboarding.disabled_owners.report"
	assert path in hooks.scheduler_events["daily"]
	assert install.disabled_owners is disabled_owners


def test_a_transfer_of_their_accounts_is_offered_to_hr_and_works(ana, ben, mona, hanna):
	customer = make_customer(ana)
	frappe.db.set_value("User", ana, "enabled", 0)
	with acting_as(hanna):
		offered = {row["user"]: row["accounts"] for row in wizard_api.overview()["disabled_owners"]}
		assert offered[ana] == 1
		from tests.transfers.transferring import carried_out

		carried_out(ben, from_user=ana)
	assert owner_of(customer) == ben
	with acting_as(mona):
		assert wizard_api.overview()["disabled_owners"] == []
