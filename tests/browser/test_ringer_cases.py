"""A competitor writes to two ringers. What a Ringer Manager then sees, and what somebody sees who watches a ringer."""

import json
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, new_page
from tests.http.client import Client
from tests.http.hiring import employee_of

pytestmark = pytest.mark.browser

SECONDS_UNTIL_LOOKED_AT = 60
BULK = 20
SETTINGS = "CRM Transparency Settings"
LEFT_FOR = {"new_workplace": "Rival Books Ltd, rival.example", "resignation_letter_date": "2026-11-01"}


@pytest.fixture(scope="module")
def ringers(administrator, rep):
	"""Two contacts that are ringers, in a list that the rep read with a program."""
	for number in range(BULK - len(oldest_contacts(administrator))):
		administrator.create("Contact", first_name=f"Kim {number}", last_name="of the Browser")
	contacts = oldest_contacts(administrator)[:2]
	ringers = [
		administrator.create(
			"Ringer",
			status="Planted",
			planted_as="Contact",
			contact=contact["name"],
			full_name=contact["name"],
			email=f"post+{number}@ours-of-the-browser.example",
			planted_on="2026-01-05",
		)
		for number, contact in enumerate(contacts)
	]
	with administrator.changed(SETTINGS, SETTINGS, bulk_read_rows=BULK):
		oldest_contacts(rep)
	return ringers


def oldest_contacts(reader: Client) -> list[dict]:
	return reader.get_list(
		"Contact", fields=["name", "email_id"], limit_page_length=2 * BULK, order_by="creation asc"
	)


@pytest.fixture(scope="module")
def case(administrator, rep, ringers):
	"""The case that their mails make, while the rep is on the way to the competitor."""
	company = administrator.get_list("Company")[0]["name"]
	employee = employee_of(administrator, company, rep.user, "Rita")
	with administrator.changed("Employee", employee, **LEFT_FOR):
		for number, ringer in enumerate(ringers):
			administrator.create(
				"Communication",
				communication_medium="Email",
				sent_or_received="Received",
				sender="Rival Books <offers@rival.example>",
				recipients=ringer["email"],
				subject="Ten books that your readers will ask for",
				content="<p>Dear bookseller, here is our autumn list.</p>",
				message_id=f"{time.time()}-{number}@rival.example",
			)
		yield wait_for_case(administrator, sightings=2)


def wait_for_case(administrator, sightings: int) -> str:
	for _second in range(SECONDS_UNTIL_LOOKED_AT):
		found = administrator.get_list("Ringer Case", filters={"sighting_count": sightings, "is_drill": 0})
		if found:
			return found[0]["name"]
		time.sleep(1)
	raise AssertionError("no case was opened")


@pytest.mark.parametrize(("viewport", "where"), [(DESKTOP, "desktop"), (PHONE, "phone")])
def test_a_ringer_manager_looks_at_a_case(open_desk, case, administrator, viewport, where):
	desk = open_desk("administrator", viewport)
	desk.open_list("Ringer Case")
	expect(desk.page.locator(".frappe-list:visible")).to_contain_text("Rival Books")
	desk.open_form("Ringer Case", case)
	form = desk.page.locator(".form-layout:visible")
	expect(form).to_contain_text("consistent with")
	expect(form).to_contain_text("Supports it")
	expect(form.locator(".ringer-explanation").first).to_contain_text("rival.example")
	expect(form.locator(".ringer-timeline")).to_contain_text("Sighting")
	desk.screenshot(f"ringer-case-{where}")
	ranking = json.loads(administrator.read("Ringer Case", case)["ranking"])
	assert "stole" not in json.dumps(ranking)
	desk.open_list("Ringer Sighting")
	expect(desk.page.locator(".frappe-list:visible")).to_contain_text("Rival Books")
	sighting = administrator.read("Ringer Case", case)["sightings"][0]["sighting"]
	desk.open_form("Ringer Sighting", sighting)
	expect(desk.page.locator(".form-layout:visible")).to_contain_text("autumn list")
	assert not desk.errors


def test_a_note_is_added_to_the_timeline(open_desk, case):
	desk = open_desk("administrator")
	desk.open_form("Ringer Case", case)
	desk.page.get_by_role("button", name="Add note").click()
	desk.page.locator(".modal:visible textarea").fill("Rang them: <b>they</b> know our customers")
	desk.page.locator(".modal:visible .btn-modal-primary").click()
	expect(desk.page.locator(".ringer-timeline:visible")).to_contain_text("they know our customers")


def test_a_colleague_finds_no_trace_of_it(open_desk, case):
	desk = open_desk("rep")
	desk.page.goto(f"/app/ringer-case/{case}")
	desk.settle()
	expect(desk.page.locator("body")).not_to_contain_text("Rival Books")


@pytest.mark.parametrize(("viewport", "where"), [(DESKTOP, "desktop"), (PHONE, "phone")])
def test_somebody_who_watches_reports_a_call(browser, server, administrator, ringers, viewport, where):
	link = administrator.call(
		"crm_transparency.ringers.report_form.make_link", ringer=ringers[0]["name"]
	).json()["message"]
	context = browser.new_context(viewport=viewport, base_url=server, locale="en-US")
	page = new_page(context)
	page.goto(f"{server}/report-a-contact#{link.partition('#')[2]}")
	page.get_by_text("Email", exact=True).click()
	page.get_by_text("Call", exact=True).click()
	page.get_by_label("Who was it?").fill("Mr Rook of Rival Books")
	page.get_by_label("Their phone number or email address").fill("+44 20 7946 0001")
	page.get_by_label("What did they want?").fill("To sell us books")
	page.get_by_label("Photos or files").set_input_files(
		{"name": "letter.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + b"\0" * 99}
	)
	take_picture(page, f"ringer-report-{where}")
	page.get_by_role("button", name="Send").click()
	expect(page.get_by_role("status")).to_contain_text("Thank you")
	assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
	context.close()


def take_picture(page, name: str) -> None:
	from tests.browser import desk

	if desk.RENEW:
		desk.SCREENSHOTS.mkdir(parents=True, exist_ok=True)
		page.screenshot(path=desk.SCREENSHOTS / f"{name}.png", full_page=True)
