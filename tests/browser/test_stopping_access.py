"""Stopping access and giving it back, by HR and by a manager, and what else stands above an offboarding's steps."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.browser.desk import Desk
from tests.browser.test_offboarding import (
	administrator,
	button,
	company,
	dialog,
	mail_account,
	open_step,
)
from tests.http.client import checked

__all__ = ["administrator", "company", "mail_account"]

pytestmark = pytest.mark.browser

API = "crm_transparency.offboarding.wizard_api"


@pytest.fixture
def offboarding(company) -> str:
	"""Ana leaves in many years."""
	company["as_hr"].update(
		"Employee", company["employee"], resignation_letter_date="2099-01-02", relieving_date="2099-02-01"
	)
	filters = {"employee": company["employee"]}
	return company["as_hr"].get_list("Offboarding", filters=filters)[0]["name"]


def menu(desk: Desk, item: str) -> None:
	desk.page.locator(".menu-btn-group:visible button").first.click()
	desk.page.locator(".menu-btn-group:visible .dropdown-item", has_text=item).first.click()


def is_enabled(administrator, user: str) -> bool:
	return bool(administrator.read("User", user)["enabled"])


def test_hr_freezes_all_access_and_gives_it_back(open_desk, administrator, company, offboarding):
	hr = open_desk("hr")
	hr.page.goto(f"/app/offboarding-wizard/{offboarding}")
	menu(hr, "Freeze access")
	expect(dialog(hr)).to_contain_text("It can be given back exactly as it was.")
	hr.screenshot("freeze-question")
	hr.confirm()
	head = hr.page.locator(".wizard-head:visible")
	expect(head).to_contain_text("Access frozen on")
	hr.screenshot("freeze-frozen")
	assert not is_enabled(administrator, company["ana"])
	menu(hr, "Give access back")
	expect(dialog(hr)).to_contain_text("exactly as it was")
	hr.confirm()
	expect(head).not_to_contain_text("Access frozen on")
	assert is_enabled(administrator, company["ana"])
	assert hr.errors == []


def test_a_manager_freezes_the_access_of_somebody_who_reports_to_them(open_desk, administrator, company):
	manager = open_desk("manager", viewport=PHONE)
	manager.page.goto("/app/offboarding-wizard")
	menu(manager, "Freeze access of")
	dialog(manager).locator("select").select_option(company["ana"])
	manager.screenshot("freeze-of-a-report")
	dialog(manager).get_by_role("button", name="Freeze access").click()
	expect(manager.page.locator(".wizard-head:visible")).to_contain_text("Access frozen on")
	assert manager.overflow() <= 0
	assert not is_enabled(administrator, company["ana"])
	menu(manager, "Give access back")
	manager.confirm()
	expect(manager.page.locator(".wizard-head:visible")).not_to_contain_text("Access frozen on")
	assert is_enabled(administrator, company["ana"])
	assert manager.errors == []


def test_hr_edits_the_last_day_and_access_follows(open_desk, company, offboarding):
	hr = open_desk("hr")
	hr.page.goto(f"/app/offboarding-wizard/{offboarding}")
	head = hr.page.locator(".wizard-head:visible")
	head.get_by_role("button", name="Edit").click()
	fields = dialog(hr)
	expect(fields.locator("input[data-fieldname='last_working_day']")).not_to_have_value("")
	fields.locator("input[data-fieldname='leaving_for']").fill("Quay & Sons")
	hr.screenshot("offboarding-edit-facts")
	fields.get_by_role("button", name="Save").click()
	expect(head).to_contain_text("Quay & Sons")
	assert company["as_hr"].read("Offboarding", offboarding)["leaving_for"] == "Quay & Sons"
	assert hr.errors == []


def test_ending_access_long_before_the_last_day_is_warned_of(open_desk, administrator, company, offboarding):
	hr = open_desk("hr")
	open_step(hr, offboarding, "access")
	hr.screenshot("access-early")
	expect(hr.page.locator(".wizard-work:visible")).to_contain_text("days from now")
	expect(hr.page.locator(".wizard-work:visible")).to_contain_text("2 accounts still belong to Ana")
	assert is_enabled(administrator, company["ana"])
	assert hr.errors == []


def test_accounts_of_people_who_are_disabled_are_a_click_away_from_a_transfer(
	open_desk, administrator, company
):
	administrator.update("User", company["ana"], enabled=0)
	for offboarding in company["as_hr"].get_list("Offboarding", filters={"user": company["ana"]}):
		checked(company["as_hr"].call(f"{API}.cancel", offboarding=offboarding["name"], reason="By hand"))
	hr = open_desk("hr")
	hr.page.goto("/app/offboarding-wizard")
	finding = hr.page.locator(".wizard-disabled-owners:visible")
	expect(finding).to_contain_text("disabled.")
	hr.screenshot("disabled-owners")
	finding.locator("p", has_text=company["name"]).get_by_role("button", name="Transfer accounts").click()
	from_user = hr.page.locator(".frappe-control[data-fieldname='from_user']:visible")
	expect(from_user.locator("input").first).to_have_value(company["ana"])
	assert hr.errors == []


def test_what_is_left_after_a_transfer_is_moved_with_a_button(open_desk, administrator, company, offboarding):
	hr, as_hr = open_desk("hr"), company["as_hr"]
	checked(as_hr.call(f"{API}.run", offboarding=offboarding, step="handover_plan", arguments="{}"))
	api = "crm_transparency.offboarding.handover_api"
	checked(as_hr.call(f"{api}.change", offboarding=offboarding, filters="{}", successor=company["sam"]))
	administrator.update("User", company["sam"], enabled=0)
	open_step(hr, offboarding, "handover_plan")
	expect(hr.page.locator(".wizard-work:visible")).to_contain_text("disabled")
	hr.screenshot("handover-successor-disabled")
	open_step(hr, offboarding, "transfer")
	hr.screenshot("transfer-warned")
	expect(button(hr, "Start transfer")).to_be_visible()
	assert hr.errors == []
