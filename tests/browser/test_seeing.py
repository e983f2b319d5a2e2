"""The Openness Report, who can see this, why can't I see this, and reviews of roles, at a desk and on a phone."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.http.client import checked
from tests.http.restricting import hiding_customer, restrict, withdraw

pytestmark = pytest.mark.browser

RECALCULATE = "crm_transparency.openness.report.openness_report.openness_report.recalculate"
ANSWERS = {
	"legal_or_compliance_reason": "No law asks for it.",
	"needed_for_the_job": "Yes: whoever picks up the phone has to be able to help.",
	"extracts_or_syncs_data": "Their phones sync contacts.",
	"privacy_of_customers_or_employees": "Private numbers of authors, which are hidden already.",
}
BOTH = pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])


@pytest.fixture
def closed(administrator, manager, rep, managers_customer):
	"""A customer hidden from the rep, and User Permissions that close others to the rep, too."""
	restriction = restrict(administrator, manager, rep.user, **hiding_customer(managers_customer))
	territories = {
		row["territory"]
		for row in administrator.get_list(
			"Customer", fields=["territory"], filters={"territory": ["is", "set"]}, limit_page_length=200
		)
	}
	permissions = [
		administrator.create(
			"User Permission", user=rep.user, allow="Territory", for_value=value, apply_to_all_doctypes=1
		)["name"]
		for value in sorted(territories)[:2]
	]
	yield managers_customer
	withdraw(manager, restriction)
	for name in permissions:
		administrator.session.delete(f"{administrator.address}/api/resource/User Permission/{name}")


@pytest.fixture
def counted(coach):
	return checked(coach.call(RECALCULATE))


def open_report(desk, **filters) -> None:
	query = "&".join(f"{field}={quote(value)}" for field, value in filters.items())
	with desk.page.expect_response(lambda response: "query_report.run" in response.url):
		desk.page.goto(f"/app/query-report/Openness Report?{query}")
	desk.settle()


@BOTH
def test_a_manager_sees_who_reads_which_share_and_by_what_it_is_narrowed(
	open_desk, closed, counted, rep, ground, viewport
):
	desk = open_desk("manager", viewport=viewport)
	open_report(desk, view="By person")
	table = desk.page.locator(".report-wrapper:visible")
	expect(table).to_contain_text("RESTRICTION-")
	expect(desk.page.locator(".report-summary:visible")).to_contain_text("The company's openness")
	desk.screenshot(f"openness-report-{viewport['width']}")
	assert desk.overflow() <= 0


def test_by_role_and_what_hr_and_a_rep_see(open_desk, closed, counted):
	desk = open_desk("hr")
	open_report(desk, view="By role")
	expect(desk.page.locator(".report-wrapper:visible")).to_contain_text("Sales User")
	desk.screenshot("openness-report-by-role-1280")
	desk = open_desk("rep", viewport=PHONE)
	open_report(desk, view="By person")
	expect(desk.page.locator(".report-wrapper:visible")).to_contain_text("RESTRICTION-")
	desk.screenshot("openness-report-rep-390")


@BOTH
def test_simpler_rules_are_proposed(open_desk, closed, counted, viewport):
	desk = open_desk("manager", viewport=viewport)
	open_report(desk, view="By person")
	button = (
		"[...document.querySelectorAll('button, a')].find((b) => b.textContent.trim() === 'Simplify rules')"
	)
	desk.page.evaluate(f"{button}.click()")
	expect(desk.page.locator(".openness-answer:visible")).to_contain_text("There are")
	desk.screenshot(f"openness-simpler-{viewport['width']}")


@BOTH
def test_who_can_see_this_is_in_the_menu_of_an_account(open_desk, closed, viewport):
	desk = open_desk("manager", viewport=viewport)
	desk.open_form("Customer", closed)
	desk.settle()
	desk.page.locator(".menu-btn-group:visible button").first.click()
	desk.page.locator(".menu-btn-group .dropdown-menu a:visible", has_text="Who can see this?").click()
	answer = desk.page.locator(".openness-answer:visible")
	expect(answer).to_contain_text("colleagues can read this")
	expect(answer).to_contain_text("RESTRICTION-")
	assert desk.page.locator(".msgprint:visible").count() == 0
	desk.screenshot(f"who-can-see-{viewport['width']}")
	assert desk.overflow() <= 0
	assert desk.errors == []


@BOTH
def test_whoever_is_refused_a_customer_is_offered_the_reason(open_desk, closed, viewport):
	desk = open_desk("rep", viewport=viewport)
	desk.page.goto(f"/app/customer/{quote(closed)}")
	link = desk.page.locator(".openness-why:visible")
	expect(link).to_be_visible()
	desk.screenshot(f"why-offered-{viewport['width']}")
	link.click()
	answer = desk.page.locator(".openness-answer:visible")
	expect(answer).to_contain_text("names the people who may know of it")
	expect(answer).not_to_contain_text(closed)
	desk.screenshot(f"why-answered-{viewport['width']}")


def test_a_name_that_nobody_has_is_offered_the_same(open_desk, closed):
	desk = open_desk("rep")
	desk.page.goto("/app/customer/No such customer")
	desk.page.locator(".openness-why:visible").click()
	expect(desk.page.locator(".openness-answer:visible")).to_contain_text(
		"names the people who may know of it"
	)


def test_a_manager_asks_for_a_colleague(open_desk, closed, coach, rep):
	desk = open_desk("manager")
	desk.open_form("Customer", closed)
	desk.settle()
	desk.page.evaluate("crm_transparency.openness.ask_why(cur_frm.doctype, cur_frm.docname)")
	dialog = desk.page.locator(".modal-dialog:visible")
	desk.suggest(dialog.locator("[data-fieldname='person'] input"), rep.user)
	desk.screenshot("why-asked-1280")
	dialog.locator(".btn-modal-primary").click()
	expect(desk.page.locator(".openness-answer:visible")).to_contain_text("can't read this Customer")


@BOTH
def test_roles_without_a_review_are_listed_and_a_review_is_signed(
	open_desk, administrator, coach, manager, viewport
):
	role = "Sales Master Manager" if viewport == PHONE else "Sales Manager"
	desk = open_desk("manager", viewport=viewport)
	page = desk.page
	page.goto("/app/openness-review/view/list")
	lacking = page.locator(".openness-roles-to-review:visible")
	expect(lacking).to_contain_text("never reviewed")
	desk.screenshot(f"reviews-lacking-{viewport['width']}")
	page.goto("/app/openness-review/new")
	expect(page.locator(".form-layout:visible")).to_be_visible()
	desk.settle()
	assert page.locator(".msgprint:visible").all_inner_texts() == []
	desk.choose("role", role)
	desk.choose("business_owner", manager.user)
	for field, value in {**ANSWERS, "conclusion": "Everything stays open."}.items():
		page.locator(f"[data-fieldname='{field}'] textarea:visible").fill(value)
	desk.screenshot(f"review-draft-{viewport['width']}")
	desk.save()
	name = page.evaluate("cur_frm.doc.name")
	page.evaluate(
		"[...document.querySelectorAll('button, a')].find((b) => b.textContent.trim() === 'Sign').click()"
	)
	page.locator(".modal-dialog:visible .btn-primary").last.click()
	expect(page.locator(".form-message:visible").first).to_contain_text("Signed and final")
	desk.screenshot(f"review-signed-{viewport['width']}")
	assert administrator.read("Openness Review", name)["status"] == "Signed"
	printed = manager.session.get(
		f"{manager.address}/printview",
		params={"doctype": "Openness Review", "name": name, "format": "Openness Review"},
		timeout=60,
	)
	assert "Signed by" in printed.text and re.search("Version \\d", printed.text)
	page.goto(f"/printview?doctype=Openness Review&name={quote(name)}&format=Openness Review")
	desk.screenshot(f"review-printed-{viewport['width']}")
