import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser


def test_a_rep_takes_an_account_over_and_everyone_sees_it(open_desk, managers_customer):
	rep = open_desk("rep")
	rep.open_form("Customer", managers_customer)
	expect(rep.strip()).to_contain_text("took on this account")
	rep.choose("account_manager", rep.login.user)
	rep.save()
	expect(rep.strip()).to_contain_text("Taken Over")
	expect(rep.strip()).to_contain_text("took this account over from")
	rep.screenshot("account-strip")

	manager = open_desk("manager")
	manager.open_form("Customer", managers_customer)
	expect(manager.strip()).to_contain_text("Taken Over")
	manager.strip().get_by_text("1 change of owner in 12 months").click()
	expect(manager.page.locator(".frappe-list:visible .list-row-container .list-row")).to_have_count(2)
	manager.screenshot("account-owner-changes")
	assert rep.errors == [] and manager.errors == []


def test_the_reason_is_asked_for_in_the_strip_and_shown_to_everyone(open_desk, managers_customer):
	rep = open_desk("rep")
	rep.open_form("Customer", managers_customer)
	rep.choose("account_manager", rep.login.user)
	rep.save()
	rep.strip().get_by_text("Add reason").click()
	dialog = rep.page.locator(".modal-dialog:visible")
	dialog.locator("textarea").fill("The cinema called while you were on holiday.")
	dialog.get_by_role("button", name="Add").click()
	expect(rep.strip()).to_contain_text("The cinema called while you were on holiday.")
	manager = open_desk("manager")
	manager.open_form("Customer", managers_customer)
	expect(manager.strip()).to_contain_text("The cinema called while you were on holiday.")
	expect(manager.strip().get_by_text("Add reason")).to_have_count(0)


def test_the_last_edits_unfold(open_desk, managers_customer, rep):
	rep.update("Customer", managers_customer, website="https://quay.example")
	desk = open_desk("rep")
	desk.open_form("Customer", managers_customer)
	expect(desk.strip()).to_contain_text("changed Website")
	desk.strip().get_by_text("Details and earlier changes").click()
	expect(desk.strip()).to_contain_text("Website: – → https://quay.example")
	desk.screenshot("account-strip-edits")


def test_a_list_marks_accounts_that_changed_hands(open_desk, managers_customer, rep):
	rep.update("Customer", managers_customer, account_manager=rep.user)
	desk = open_desk("rep")
	desk.open_list("Customer", f"?name={managers_customer}")
	mark = desk.page.locator(".list-row:visible .recent-owner-change")
	expect(mark).to_have_attribute("title", re.compile(" took this account over from .+, "))
	desk.screenshot("recent-changes")


def test_the_strip_fits_a_phone(open_desk, managers_customer):
	rep = open_desk("rep", viewport=PHONE)
	rep.open_form("Customer", managers_customer)
	expect(rep.strip()).to_be_visible()
	assert rep.overflow() <= 0
	rep.screenshot("account-strip-phone")


def test_the_ledgers_list_can_be_filtered(open_desk, managers_customer):
	hr = open_desk("hr")
	hr.open_list("Account Owner Change", "?kind=Assigned")
	pills = hr.page.locator(".frappe-list:visible .list-row .indicator-pill:visible")
	expect(pills.first).to_be_visible()
	kinds = pills.all_inner_texts()
	assert kinds and {kind.strip() for kind in kinds} == {"Assigned"}


def test_a_new_form_has_no_strip(open_desk):
	rep = open_desk("rep")
	rep.page.goto("/app/lead/new")
	expect(rep.page.locator(".form-layout:visible")).to_be_visible()
	rep.settle()
	expect(rep.strip()).to_have_count(0)


def test_an_untracked_form_has_no_strip(open_desk):
	rep = open_desk("rep")
	rep.open_form("User", rep.login.user)
	rep.settle()
	expect(rep.strip()).to_have_count(0)
