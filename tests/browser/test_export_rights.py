"""The page of export rights and the evidence bundle's dialog, as an administrator, a manager, HR and a rep see them."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.browser

ROLES = ("administrator", "manager", "hr", "rep")


def open_page(desk) -> None:
	desk.page.goto("/app/export-rights")
	expect(desk.page.locator(".export-rights-table:visible tbody tr").first).to_be_visible()
	desk.settle()


@pytest.fixture
def manager(coach):
	return coach


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("role", ROLES)
def test_everybody_sees_who_may_export_what(open_desk, manager, role, viewport):
	desk = open_desk(role, viewport=viewport)
	open_page(desk)
	table = desk.page.locator(".export-rights-table:visible")
	expect(table.locator("th", has_text="Sales User").first).to_contain_text(re.compile(r"\d+ users?"))
	boxes = table.locator("input[type='checkbox']").count()
	assert bool(boxes) is (role == "administrator")
	assert desk.overflow() <= 0
	desk.screenshot(f"export-rights-{role}-{viewport['width']}")
	chooser = desk.page.locator(".export-rights-view:visible")
	chooser.select_option("right:import")
	expect(table.locator("thead")).to_contain_text("Contact")
	chooser.select_option("doctype:Contact")
	expect(table.locator("thead")).to_contain_text("Email")
	assert desk.errors == []


def test_an_administrator_changes_a_right_with_one_click_and_back(open_desk):
	desk = open_desk("administrator")
	open_page(desk)
	box = desk.page.get_by_label("Sales User: Export, Customer", exact=True)
	before = box.is_checked()
	for wanted in (not before, before):
		box.click()
		expect(desk.page.get_by_text("Changed and recorded").first).to_be_visible()
		expect(box).to_be_checked(checked=wanted)
		words = "Not Allowed → Allowed" if wanted else "Allowed → Not Allowed"
		expect(desk.page.locator(".export-rights-changes li").first).to_contain_text(words)
		desk.settle()
	desk.page.reload()
	expect(box).to_be_checked(checked=before)
	assert desk.errors == []


def test_adding_a_rule_asks_first(open_desk):
	desk = open_desk("administrator")
	open_page(desk)
	desk.page.locator(".export-rights-add:visible").first.click()
	dialog = desk.page.locator(".modal-dialog:visible")
	expect(dialog).to_contain_text("Allow both, reading and Export?")
	desk.screenshot("export-rights-new-rule")
	dialog.get_by_role("button", name="No").click()
	assert desk.errors == []


@pytest.mark.parametrize(
	("role", "viewport"), [("manager", PHONE), ("hr", DESKTOP), ("administrator", DESKTOP)]
)
def test_a_manager_has_a_bundle_made_and_downloads_it(open_desk, manager, ground, role, viewport):
	desk = open_desk(role, viewport=viewport)
	desk.page.goto("/app/evidence-bundle/view/list")
	expect(desk.page.locator(".frappe-list:visible")).to_be_visible()
	desk.settle()
	desk.page.locator(".page-head:visible .primary-action").first.click()
	dialog = desk.page.locator(".modal-dialog:visible")
	expect(dialog).to_contain_text("Creating it is recorded")
	desk.suggest(dialog.locator("[data-fieldname='person'] input"), ground.logins["rep"].user)
	dialog.locator("[data-fieldname='purpose'] textarea").fill("Handing over before leaving")
	desk.screenshot(f"evidence-dialog-{role}-{viewport['width']}")
	dialog.get_by_role("button", name="Make bundle").click()
	download = desk.page.locator(".page-head:visible .primary-action", has_text="Download").first
	expect(download).to_be_visible()
	expect(desk.page.locator("[data-fieldname='status']:visible").first).to_contain_text("Ready")
	assert desk.overflow() <= 0
	desk.screenshot(f"evidence-bundle-{role}-{viewport['width']}")
	assert desk.errors == []


def test_the_form_of_a_user_offers_a_bundle_to_managers(open_desk, ground):
	desk = open_desk("administrator")
	desk.open_form("User", ground.logins["rep"].user)
	desk.page.get_by_role("button", name="Evidence bundle").first.click()
	person = desk.page.locator(".modal-dialog:visible [data-fieldname='person'] input")
	expect(person).to_have_value(ground.logins["rep"].user)
	desk.screenshot("evidence-dialog-user")
	assert desk.errors == []


def test_a_rep_is_offered_no_bundle(open_desk):
	desk = open_desk("rep")
	desk.page.goto("/app/evidence-bundle/view/list")
	desk.settle()
	expect(desk.page.get_by_text("Make evidence bundle")).to_have_count(0)
