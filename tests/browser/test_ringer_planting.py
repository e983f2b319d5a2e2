"""A Ringer Manager plants ringers with the wizard; nobody else gets in."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.http.client import checked

pytestmark = pytest.mark.browser


def open_page(open_desk, role="manager", **options):
	desk = open_desk(role, **options)
	desk.page.goto("/app/ringer-planting")
	return desk


def test_a_ringer_manager_plants_ringers(ringer_manager, open_desk):
	desk = open_page(open_desk)
	page = desk.page
	expect(page.get_by_text("parts can be told apart").first).to_be_visible()
	desk.screenshot("ringers-coverage")
	page.get_by_role("button", name="Create drafts").click()
	expect(page.get_by_role("button", name="Plant 3 ringers")).to_be_visible()
	page.locator("[data-draft]").first.uncheck()
	expect(page.get_by_role("button", name="Plant 2 ringers")).to_be_visible()
	page.evaluate("window.scrollTo(0, 0)")
	desk.screenshot("ringers-drafts")
	page.get_by_role("button", name="Edit").first.click()
	dialog = page.locator(".modal.show")
	expect(dialog).to_be_visible()
	dialog.locator("[data-fieldname='full_name'] input").fill("Ada Quayle")
	dialog.get_by_role("button", name="Save").click()
	expect(page.locator("[data-part='drafts']")).to_contain_text("Ada Quayle")
	expect(dialog).to_be_hidden()
	page.get_by_role("button", name="Plant 3 ringers").click()
	desk.confirm()
	expect(page.locator("[data-part='ringers']")).to_contain_text("Ada Quayle")
	expect(page.locator("[data-part='drafts']")).to_be_empty()
	page.locator("[data-part='ringers']").scroll_into_view_if_needed()
	desk.screenshot("ringers-planted")
	assert desk.errors == []


def test_on_a_phone(ringer_manager, open_desk):
	checked(
		ringer_manager.call("crm_transparency.ringers.page.ringer_planting.ringer_planting.draft", count=2)
	)
	desk = open_page(open_desk, viewport=PHONE)
	expect(desk.page.locator("[data-draft]").first).to_be_visible()
	width = desk.page.evaluate("document.documentElement.scrollWidth")
	assert width <= PHONE["width"], "nothing sticks out"
	desk.screenshot("ringers-phone")
	drafts = [
		found["name"]
		for found in checked(
			ringer_manager.call("crm_transparency.ringers.page.ringer_planting.ringer_planting.overview")
		)["message"]["drafts"]
	]
	checked(
		ringer_manager.call(
			"crm_transparency.ringers.page.ringer_planting.ringer_planting.discard", ringers=drafts
		)
	)
	assert desk.errors == []


def test_a_ringers_form_shows_it_in_clear(ringer_manager, open_desk):
	[draft] = checked(
		ringer_manager.call("crm_transparency.ringers.page.ringer_planting.ringer_planting.draft", count=1)
	)["message"]
	checked(
		ringer_manager.call(
			"crm_transparency.ringers.page.ringer_planting.ringer_planting.plant", ringers=[draft["name"]]
		)
	)
	desk = open_desk("manager")
	desk.open_form("Ringer", draft["name"])
	expect(desk.page.locator("[data-fieldname='email']:visible").first).to_contain_text(draft["email"])
	desk.screenshot("ringer-form")
	assert desk.errors == []


def test_the_list_names_them(ringer_manager, open_desk):
	[draft] = checked(
		ringer_manager.call("crm_transparency.ringers.page.ringer_planting.ringer_planting.draft", count=1)
	)["message"]
	checked(
		ringer_manager.call(
			"crm_transparency.ringers.page.ringer_planting.ringer_planting.plant", ringers=[draft["name"]]
		)
	)
	desk = open_desk("manager")
	desk.open_list("Ringer")
	expect(desk.page.locator(".frappe-list:visible")).to_contain_text(draft["full_name"])
	desk.screenshot("ringer-list")
	assert desk.errors == []


def test_a_rep_does_not_get_in(ringer_manager, open_desk):
	desk = open_page(open_desk, "rep")
	expect(
		desk.page.get_by_text("Not permitted").or_(desk.page.get_by_text("Not found")).first
	).to_be_visible()
	expect(desk.page.locator(".ringer-planting")).to_have_count(0)
