"""Opening up in three steps, what it opens for HR, and what managers see of access regressions."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.browser

METHODS = "crm_transparency.openness.page.openness_setup.openness_setup"
REASON = "Everybody who picks up the phone should be able to help"


def open_page(desk) -> None:
	desk.page.goto("/app/openness-setup")
	expect(desk.page.locator(".openness-step:visible h4").first).to_be_visible()
	desk.settle()


def one_of(administrator, doctype: str) -> dict:
	"""Return a document of the DocType, a new one on a site that has none."""
	if found := administrator.get_list(doctype, limit_page_length=1):
		return found[0]
	values = {"first_name": "Lena", "last_name": "of the Browser"}
	if doctype == "Opportunity":
		values = {"opportunity_from": "Customer", "party_name": one_of(administrator, "Customer")["name"]}
	return administrator.create(doctype, **values)


def step(desk, number: int) -> None:
	desk.page.locator(f".openness-steps [data-step='{number - 1}']").click()


@pytest.fixture
def undone_afterwards(administrator):
	"""Whatever a test opens is closed again, for the tests after it."""
	yield
	overview = administrator.call(f"{METHODS}.overview", "GET").json()["message"]
	for change in overview["changes"]:
		if change["status"] == "Applied":
			administrator.call(f"{METHODS}.undo", change=change["name"], keep_later_changes=0)


@pytest.fixture
def closed_by_territory(administrator, rep):
	"""The rep sees one territory only."""
	permission = administrator.create(
		"User Permission",
		user=rep.user,
		allow="Territory",
		for_value=administrator.get_list(
			"Customer", fields=["territory"], filters={"territory": ["is", "set"]}, limit_page_length=1
		)[0]["territory"],
		apply_to_all_doctypes=1,
	)
	yield permission
	administrator.session.delete(f"{administrator.address}/api/resource/User Permission/{permission['name']}")


def apply_in_the_desk(desk, ground) -> None:
	step(desk, 3)
	desk.choose("business_owner", ground.logins["manager"].user)
	desk.page.locator("[data-fieldname='reason']:visible textarea").fill(REASON)
	desk.page.locator(".openness-apply:visible").click()
	expect(desk.page.locator(".openness-changes:visible li").first).to_contain_text(REASON)
	desk.settle()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_an_administrator_opens_up_in_three_steps_and_undoes_it(
	open_desk, ground, closed_by_territory, undone_afterwards, viewport
):
	desk = open_desk("administrator", viewport=viewport)
	open_page(desk)
	desk.screenshot(f"opening-choose-{viewport['width']}")
	step(desk, 2)
	expect(desk.page.locator(".openness-roles td.changes").first).to_contain_text("→ read")
	expect(desk.page.locator(".openness-people table")).to_be_visible()
	expect(desk.page.locator(".openness-user-permissions li").first).to_contain_text("hidden")
	assert desk.overflow() <= 0
	desk.screenshot(f"opening-preview-{viewport['width']}")
	desk.page.locator(".openness-people").scroll_into_view_if_needed()
	desk.screenshot(f"opening-preview-people-{viewport['width']}")
	apply_in_the_desk(desk, ground)
	expect(desk.page.locator(".openness-limits:visible li").first).to_contain_text("hidden")
	desk.screenshot(f"opening-applied-{viewport['width']}")
	desk.page.locator(".openness-limits:visible").scroll_into_view_if_needed()
	desk.page.locator(".openness-lift:visible").first.click()
	dialog = desk.page.locator(".modal-dialog:visible")
	expect(dialog).to_contain_text("Business owner")
	desk.screenshot(f"opening-user-permissions-{viewport['width']}")
	desk.choose("business_owner", ground.logins["manager"].user)
	dialog.locator("[data-fieldname='reason'] textarea").fill("The north and the south help each other out")
	dialog.get_by_role("button", name="Lift").click()
	expect(desk.page.locator(".openness-limits:visible")).to_contain_text("None.")
	assert desk.overflow() <= 0
	for _change in range(2):
		desk.settle()
		desk.page.locator(".openness-undo:visible").first.click()
		desk.confirm()
		expect(desk.page.get_by_text("Undone", exact=True).first).to_be_visible()
		desk.settle()
	expect(desk.page.locator(".openness-undo:visible")).to_have_count(0)
	assert desk.errors == []


@pytest.mark.parametrize("doctype", ["Customer", "Lead", "Opportunity", "Contact"])
def test_hr_opens_forms_of_what_is_open_without_any_complaint(
	open_desk, administrator, ground, opened_by_script, doctype
):
	document = one_of(administrator, doctype)
	desk = open_desk("hr")
	refused = []
	desk.page.on(
		"response", lambda response: refused.append(response.url) if response.status == 403 else None
	)
	desk.open_form(doctype, document["name"])
	desk.settle()
	expect(desk.page.locator(".modal-dialog:visible")).to_have_count(0)
	expect(desk.page.locator(".form-layout:visible")).to_be_visible()
	assert refused == []
	activities = desk.page.locator(".form-tabs:visible").get_by_role("tab", name="Activities")
	if activities.count():
		# ERPNext moves the comments there
		activities.click()
	comment = desk.page.locator(".comment-input-container:visible .ql-editor").first
	comment.scroll_into_view_if_needed()
	comment.click()
	desk.page.keyboard.type("They asked me about their invoice")
	with desk.page.expect_response(lambda response: "add_comment" in response.url) as added:
		desk.page.locator(".btn-comment:visible").first.click()
	assert added.value.ok, added.value.text()
	desk.page.reload()
	expect(desk.page.get_by_text("They asked me about their invoice").first).to_be_visible()
	desk.page.evaluate("window.scrollTo(0, 0)")
	desk.screenshot(f"opening-hr-{doctype.lower()}")
	assert refused == []
	assert desk.errors == []


@pytest.fixture
def opened_by_script(administrator, ground, undone_afterwards):
	overview = administrator.call(f"{METHODS}.overview", "GET").json()["message"]
	response = administrator.call(
		f"{METHODS}.apply",
		doctypes=[each["doctype"] for each in overview["choices"] if each["is_default"]],
		business_owner=ground.logins["manager"].user,
		reason=REASON,
	)
	assert response.ok, response.text
	return response.json()["message"]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_managers_see_access_regressions_on_the_workspace(
	open_desk, administrator, coach, opened_by_script, closed_by_territory, viewport
):
	administrator.call(f"{METHODS}.check_now")
	who = administrator.read("User", administrator.user)["full_name"]
	desk = open_desk("manager", viewport=viewport)
	desk.page.goto("/app/crm-transparency")
	banner = desk.page.locator(".openness-banner:visible")
	expect(banner).to_contain_text(who)
	assert desk.overflow() <= 0
	desk.screenshot(f"opening-banner-{viewport['width']}")
	banner.get_by_role("link", name="Show").first.click()
	desk.page.wait_for_url("**/user-permission**")
	open_page(desk)
	expect(desk.page.locator(".openness-regressions:visible li").first).to_contain_text(who)
	expect(
		desk.page.locator(".openness-undo, .openness-lift, .openness-accept, .openness-apply")
	).to_have_count(0)
	rep = open_desk("rep", viewport=viewport)
	rep.page.goto("/app/crm-transparency")
	rep.settle()
	expect(rep.page.locator(".openness-banner")).to_have_count(0)


def test_hr_finds_customers_in_the_list_and_opens_one(open_desk, opened_by_script):
	desk = open_desk("hr")
	desk.open_list("Customer")
	desk.page.locator(".frappe-list:visible .list-row-container .list-subject a").first.click()
	expect(desk.page.locator(".form-layout:visible")).to_be_visible()
	desk.settle()
	expect(desk.page.locator(".modal-dialog:visible")).to_have_count(0)
	assert desk.errors == []
