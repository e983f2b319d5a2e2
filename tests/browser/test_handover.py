"""Steps 4 to 6 in a browser: HR plans, the manager changes, introductions are worded, the accounts move."""

import secrets

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.http.client import checked
from tests.http.conftest import first_leaf

pytestmark = pytest.mark.browser

WIZARD = "crm_transparency.offboarding.wizard_api"


@pytest.fixture
def leaver(administrator) -> dict:
	"""A rep with two customers, who reports to nobody."""
	tag = secrets.token_hex(3)
	user = administrator.create(
		"User",
		email=f"ana.{tag}@example.com",
		first_name="Ana",
		last_name=f"Lima {tag}",
		send_welcome_email=0,
		roles=[{"role": "Sales User"}],
	)
	customers = [
		administrator.create(
			"Customer",
			customer_name=f"{title} {tag}",
			customer_type="Company",
			customer_group=first_leaf(administrator, "Customer Group"),
			territory=first_leaf(administrator, "Territory"),
			account_manager=user["name"],
		)
		for title in ("Harbour Books", "Quay Cinema")
	]
	administrator.create(
		"Contact",
		first_name="Lena",
		email_ids=[{"email_id": f"lena.{tag}@harbour.example", "is_primary": 1}],
		links=[{"link_doctype": "Customer", "link_name": customers[0]["name"]}],
	)
	administrator.create("ToDo", description="Order paper", allocated_to=user["name"])
	return {"user": user["name"], "tag": tag, "customers": [customer["name"] for customer in customers]}


@pytest.fixture
def offboarding(hr, leaver) -> str:
	return checked(hr.call(f"{WIZARD}.start", user=leaver["user"]))["message"]


def open_step(desk, offboarding: str, step: str) -> None:
	desk.page.goto(f"/app/offboarding-wizard/{offboarding}/{step}")
	expect(desk.page.locator(".wizard-work:visible")).to_be_visible()


def button(desk, label: str):
	return desk.page.locator(".wizard-work:visible").get_by_role("button", name=label, exact=True)


def test_from_the_plan_to_the_summary(open_desk, offboarding, leaver, ground, administrator):
	desk = open_desk("hr")
	page = desk.page
	open_step(desk, offboarding, "handover_plan")
	button(desk, "Create plan").click()
	rows = page.locator(".handover-table tbody tr")
	expect(rows).to_have_count(2)
	expect(page.locator(".handover-things")).to_contain_text("Order paper")

	page.locator("[data-filter='text']").fill("Quay")
	expect(rows).to_have_count(1)
	page.locator("[data-filter='text']").fill("")
	expect(rows).to_have_count(2)
	page.locator(".handover-bulk").get_by_role("button", name="Select all 2").click()
	page.locator(".handover-bulk").get_by_role("button", name="Assign to…").click()
	desk.choose("user", ground.logins["manager"].user)
	page.locator(".modal-dialog:visible").get_by_role("button", name="Choose").click()
	expect(rows.first).to_contain_text("Chosen manually")
	harbour = rows.filter(has_text="Harbour Books")
	harbour.locator(".handover-key").click()
	expect(harbour.locator(".handover-key")).to_have_text("★")
	page.locator(".handover-things [data-to]").last.click()
	desk.choose("user", ground.logins["manager"].user)
	page.locator(".modal-dialog:visible").get_by_role("button", name="Choose").click()
	expect(page.locator(".handover-things")).to_contain_text(
		administrator.read("User", ground.logins["manager"].user)["full_name"]
	)
	button(desk, "Approve plan").click()
	expect(page.locator(".wizard-record")).to_contain_text("2 accounts, 1 of them key accounts")

	open_step(desk, offboarding, "introductions")
	button(desk, "Draft letters for key accounts").click()
	letter = page.locator(".handover-letter")
	expect(letter).to_contain_text(f"lena.{leaver['tag']}@harbour.example")
	letter.click()
	dialog = page.locator(".modal-dialog:visible")
	expect(dialog).to_contain_text("Dear Lena")
	desk.screenshot("handover-introduction")
	dialog.get_by_role("button", name="Approve").click()
	expect(letter).to_contain_text("Approved")

	open_step(desk, offboarding, "transfer")
	button(desk, "Start transfer").click()
	desk.confirm()
	expect(page.locator(".wizard-record")).to_contain_text("2 accounts moved, 0 not moved")
	for customer in leaver["customers"]:
		owner = administrator.read("Customer", customer)["account_manager"]
		assert owner == ground.logins["manager"].user
	desk.screenshot("handover-transfer")
	assert desk.errors == []


def test_the_plan_fits_a_phone(open_desk, offboarding, hr):
	checked(hr.call(f"{WIZARD}.run", offboarding=offboarding, step="handover_plan", arguments="{}"))
	desk = open_desk("hr", viewport=PHONE)
	open_step(desk, offboarding, "handover_plan")
	expect(desk.page.locator(".handover-table tbody tr")).to_have_count(2)
	desk.settle()
	assert desk.overflow() <= 0
	assert desk.errors == []


def test_a_csv_download_is_recorded_as_an_export(offboarding, hr, leaver, administrator):
	checked(hr.call(f"{WIZARD}.run", offboarding=offboarding, step="handover_plan", arguments="{}"))
	response = hr.call(
		"crm_transparency.offboarding.handover_api.download", http_method="GET", offboarding=offboarding
	)
	assert response.ok and "Harbour Books" in response.text
	(entry,) = administrator.get_list(
		"Export Log",
		fields=["name", "channel", "row_count", "contact_data", "file_name", "record_count"],
		filters={"file_name": f"handover-plan-{offboarding}.csv"},
	)
	assert entry["channel"] == "File Download"
	assert (entry["row_count"], entry["record_count"], entry["contact_data"]) == (2, 2, 0)


def test_the_leaver_words_and_approves_the_own_letters(
	browser, server, offboarding, leaver, hr, administrator
):
	"""On the form of the introduction, which is all of the handover that the leaver sees."""
	from playwright.sync_api import expect

	from tests.browser.conftest import DESKTOP, new_page
	from tests.browser.desk import Desk
	from tests.grounds import Login

	administrator.update("User", leaver["user"], new_password="harbour-Books-2026!")
	checked(hr.call(f"{WIZARD}.run", offboarding=offboarding, step="handover_plan", arguments="{}"))
	api = "crm_transparency.offboarding.handover_api"
	checked(hr.call(f"{api}.change", offboarding=offboarding, filters="{}", is_key_account=1))
	checked(hr.call(f"{WIZARD}.run", offboarding=offboarding, step="introductions", arguments="{}"))
	context = browser.new_context(viewport=DESKTOP, base_url=server, locale="en-US")
	desk = Desk(new_page(context), Login(leaver["user"], "harbour-Books-2026!"))
	desk.open_list("Handover Introduction")
	desk.page.locator(".frappe-list:visible .list-row").filter(has_text="Harbour Books").get_by_role(
		"link"
	).first.click()
	expect(desk.page.locator(".form-layout:visible")).to_contain_text("Harbour Books")
	desk.page.locator(".page-head:visible").get_by_role("button", name="Edit and approve").click()
	dialog = desk.page.locator(".modal-dialog:visible")
	expect(dialog).to_contain_text("Dear Lena")
	dialog.get_by_role("button", name="Approve").click()
	expect(desk.page.locator(".indicator-pill:visible", has_text="Approved").first).to_be_visible()
	desk.page.goto(f"/app/offboarding-wizard/{offboarding}/handover_plan")
	expect(desk.page.locator(".offboarding-wizard")).to_contain_text(
		"You don't have access to this offboarding."
	)
	context.close()


def test_a_rep_of_the_demo_company(open_desk, ground, hr):
	"""With everything that happened in eighteen months: who knows whom, what is open, and pictures for the docs."""
	if ground.has_erpnext:
		pytest.skip("The demo company is on the embedded engine only")
	user = "tom.hesketh@harbourpress.example"
	offboarding = checked(hr.call(f"{WIZARD}.start", user=user))["message"]
	desk = open_desk("hr")
	open_step(desk, offboarding, "handover_plan")
	button(desk, "Create plan").click()
	rows = desk.page.locator(".handover-table tbody tr")
	expect(rows.first).to_be_visible()
	expect(desk.page.locator(".handover-rows")).to_contain_text("knows the customer")
	expect(desk.page.locator(".handover-rows")).to_contain_text("Already knows the customer")
	desk.page.locator(".handover-accounts h5").scroll_into_view_if_needed()
	desk.screenshot("handover-plan")
	desk.page.locator(".handover-things h5").scroll_into_view_if_needed()
	desk.screenshot("handover-belongings")
	open_step(desk, offboarding, "introductions")
	button(desk, "Draft letters for key accounts").click()
	expect(desk.page.locator(".handover-letter").first).to_be_visible()
	desk.screenshot("handover-introductions")
	phone = open_desk("hr", viewport=PHONE)
	open_step(phone, offboarding, "handover_plan")
	expect(phone.page.locator(".handover-table tbody tr").first).to_be_visible()
	phone.page.locator(".handover-table tbody tr").first.scroll_into_view_if_needed()
	assert phone.overflow() <= 0
	phone.screenshot("handover-plan-phone")
	assert desk.errors == phone.errors == []
	checked(hr.call(f"{WIZARD}.cancel", offboarding=offboarding, reason="Tom stays"))
