import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_an_administrator_verifies_the_ledgers_with_a_button(open_desk):
	desk = open_desk("administrator")
	desk.page.goto("/app/ledger-seal/view/list")
	desk.page.get_by_role("button", name="Verify ledgers").click()
	expect(desk.page.locator(".form-layout:visible")).to_be_visible()
	report = desk.page.locator(".frappe-control[data-fieldname='report']:visible")
	expect(report).to_contain_text("Nothing was altered, removed, inserted or reordered after it was sealed.")
	expect(desk.page.locator(".indicator-pill:visible", has_text="Nothing Found").first).to_be_visible()
	desk.screenshot("ledger-verification")
	assert desk.errors == []


def test_a_rep_reads_the_seals_and_has_no_button(open_desk):
	desk = open_desk("rep")
	desk.page.goto("/app/ledger-seal/view/list")
	expect(desk.page.locator(".frappe-list:visible")).to_be_visible()
	desk.settle()
	expect(desk.page.get_by_role("button", name="Verify ledgers")).to_have_count(0)
	assert desk.errors == []
