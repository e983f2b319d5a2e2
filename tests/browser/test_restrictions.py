"""Registering a restriction with the filter widget, and meeting it, at a desk and on a phone."""

import json
import re
import secrets
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.http import restricting

pytestmark = pytest.mark.browser


@pytest.fixture
def restrict(administrator, manager, rep):
	"""Put a restriction of the rep into force, decided by the manager; withdraw it afterwards."""
	made = []

	def make(**values):
		name = restricting.restrict(administrator, manager, rep.user, **values)
		made.append(name)
		return name

	yield make
	for name in made:
		restricting.withdraw(manager, name)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_list_says_that_something_is_restricted_and_whom_to_ask(
	open_desk, restrict, managers_customer, viewport
):
	restrict(**restricting.hiding_customer(managers_customer))
	desk = open_desk("rep", viewport=viewport)
	desk.open_list("Customer")
	note = desk.page.locator(".restriction-notes:visible")
	expect(note).to_contain_text("names the people who may know of it")
	expect(desk.page.locator("body")).not_to_contain_text(managers_customer)
	if viewport == DESKTOP:
		desk.screenshot("restriction-list")
	desk.page.goto(f"/app/customer/{managers_customer}")
	expect(desk.page.get_by_text("names the people who may know of it").last).to_be_visible()


def test_a_manager_sees_no_note_where_nothing_restricts_them(open_desk, restrict, managers_customer):
	restrict(**restricting.hiding_customer(managers_customer))
	desk = open_desk("manager")
	desk.open_list("Customer")
	assert desk.page.locator(".restriction-notes:visible").count() == 0


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_form_says_which_fields_are_restricted(open_desk, restrict, managers_customer, manager, viewport):
	manager.update("Customer", managers_customer, tax_id="DE-4711-SECRET")
	restrict(document_type="Customer", restriction_kind="Hide Fields", fields="tax_id\nmobile_no")
	desk = open_desk("rep", viewport=viewport)
	desk.open_form("Customer", managers_customer)
	expect(desk.page.locator(".restriction-notes:visible")).to_contain_text("Tax ID")
	expect(desk.page.locator("[data-fieldname='tax_id']:visible")).to_have_count(0)
	assert "DE-4711-SECRET" not in desk.page.content()
	assert desk.errors == []


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_restriction_is_drafted_with_the_filter_widget_and_put_into_force(
	open_desk, administrator, manager, coach, rep, viewport
):
	group = f"Secret {secrets.token_hex(3)}"
	administrator.create("Customer Group", customer_group_name=group, is_group=0)
	desk = open_desk("manager", viewport=viewport)
	page = desk.page
	page.goto("/app/access-restriction/new")
	expect(page.locator(".form-layout:visible")).to_be_visible()
	desk.choose("document_type", "Customer")
	page.locator("[data-fieldname='applies_to'] select:visible").select_option("User")
	desk.choose("user", rep.user)
	desk.choose("business_owner", manager.user)
	page.locator("[data-fieldname='reason_category'] select:visible").select_option("Contract")
	values = {
		"reason": "The contract with these customers names who may know of them.",
		**restricting.ANSWERS,
	}
	for field, value in values.items():
		page.locator(f"[data-fieldname='{field}'] textarea:visible").fill(value)
	review_by = (date.today() + timedelta(days=100)).isoformat()
	page.evaluate("day => cur_frm.set_value('review_by', day)", review_by)
	page.locator("[data-fieldname='filter_area'] .add-filter:visible").click()
	row = page.locator("[data-fieldname='filter_area'] .filter-box:visible").last
	row.locator(".fieldname-select-area input").fill("Customer Group")
	row.locator(".fieldname-select-area li", has_text=re.compile("^Customer Group")).first.click()
	desk.suggest(row.locator(".filter-field input"), group)
	if viewport == DESKTOP:
		desk.screenshot("restriction-draft")
	desk.save()
	name = page.evaluate("cur_frm.doc.name")
	saved = administrator.read("Access Restriction", name)
	assert json.loads(saved["record_filter"]) == [["Customer", "customer_group", "=", group]]
	expect(page.locator(".restriction-effect:visible")).to_contain_text(group)
	page.evaluate(
		"[...document.querySelectorAll('button, a')].find((b) => b.textContent.trim() === 'Activate').click()"
	)
	page.locator(".modal-dialog:visible .btn-primary").last.click()
	expect(page.locator(".form-message:visible").first).to_contain_text("Active until")
	assert administrator.read("Access Restriction", name)["status"] == "Active"
	restricting.withdraw(manager, name)
	assert desk.errors == []


@pytest.mark.parametrize("given", ["", "?role=Sales%20User"], ids=["chosen", "by the address"])
def test_a_review_of_a_role_is_drafted_by_somebody_who_may_open_no_role(
	open_desk, administrator, manager, coach, given
):
	desk = open_desk("manager")
	page = desk.page
	page.goto(f"/app/openness-review/new{given}")
	expect(page.locator(".form-layout:visible")).to_be_visible()
	if not given:
		desk.choose("role", "Sales User")
	desk.choose("business_owner", manager.user)
	for field, value in {"conclusion": "Everything stays open.", **restricting.ANSWERS}.items():
		page.locator(f"[data-fieldname='{field}'] textarea:visible").fill(value)
	desk.save()
	name = page.evaluate("cur_frm.doc.name")
	assert administrator.read("Openness Review", name)["role"] == "Sales User"
	administrator.delete("Openness Review", name)
	assert desk.errors == []
