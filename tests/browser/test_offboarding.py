"""A colleague leaves, from the resignation to the thank you: HR, her manager, Ana herself and her successor."""

import json
import re
import secrets
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, new_page
from tests.browser.desk import Desk
from tests.grounds import Login
from tests.http.client import JOB_SECONDS, Client, checked
from tests.http.conftest import first_leaf
from tests.http.hiring import employee_of, make_employee

pytestmark = pytest.mark.browser

ACCOUNTS, KEY_ACCOUNTS = 340, 25
#: Frappe inserts no more in one request, and a request is to be over soon
MOST_AT_ONCE = 100
PASSWORD = "Tidal-Kestrel-5501"
WORK = ".wizard-work:visible"
STEPS = (
	"agreement",
	"interview",
	"review",
	"handover_plan",
	"introductions",
	"transfer",
	"access",
	"ringer_watch",
	"ending",
)


@pytest.fixture
def administrator(server, ground):
	return Client(server, ground.logins["administrator"])


@pytest.fixture
def mail_account(administrator):
	"""An account that mails are queued for, if the site has none. It is one of no server: nothing leaves a site of tests."""
	if administrator.get_list("Email Account", filters={"default_outgoing": 1}):
		yield
		return
	account = administrator.create(
		"Email Account",
		email_account_name=f"Ours {secrets.token_hex(3)}",
		email_id="crm@ours.example",
		enable_outgoing=1,
		default_outgoing=1,
		smtp_server="mail.ours.example",
		no_smtp_authentication=1,
	)
	yield
	administrator.delete("Email Account", account["name"])


@pytest.fixture
def company(administrator, hr, ground, mail_account) -> dict:
	"""Ana, who reports to the sales manager and has two customers, and Sam, who will have them."""
	tag = secrets.token_hex(3)
	ana, sam = (make_colleague(administrator, name, tag) for name in ("Ana", "Sam"))
	employer, managers_user = administrator.get_list("Company")[0]["name"], ground.logins["manager"].user
	manager = employee_of(hr, employer, managers_user, "Mona")
	employee = make_employee(
		hr,
		employer,
		"Ana",
		last_name=f"Lima {tag}",
		user_id=ana,
		reports_to=manager,
		personal_email=f"ana.{tag}@gmail.com",
	)
	people = {
		"ana": ana,
		"sam": sam,
		"employee": employee,
		"name": f"Ana Lima {tag}",
		"tag": tag,
		"as_hr": hr,
	}
	customers = make_customers(administrator, ana, [f"Harbour Books {tag}", f"Quay Cinema {tag}"])
	make_contacts(administrator, customers[:1], tag)
	return {**people, "customers": customers}


@pytest.fixture
def accounts(administrator, company) -> list[str]:
	"""All of Ana's 340 customers, the 25 key accounts first."""
	tag = company["tag"]
	harbour, quay = company["customers"]
	keys = make_customers(
		administrator, company["ana"], [f"Harbour {number} {tag}" for number in range(KEY_ACCOUNTS - 1)]
	)
	make_contacts(administrator, keys, tag)
	others = make_customers(
		administrator,
		company["ana"],
		[f"Pier {number} {tag}" for number in range(ACCOUNTS - KEY_ACCOUNTS - 1)],
	)
	return [harbour, *keys, quay, *others]


def make_customers(administrator: Client, owner: str, titles: list[str]) -> list[str]:
	group, territory = (first_leaf(administrator, doctype) for doctype in ("Customer Group", "Territory"))
	return make_many(
		administrator,
		[
			{
				"doctype": "Customer",
				"customer_name": title,
				"customer_type": "Company",
				"customer_group": group,
				"territory": territory,
				"account_manager": owner,
			}
			for title in titles
		],
	)


def make_contacts(administrator: Client, customers: list[str], tag: str) -> None:
	make_many(
		administrator,
		[
			{
				"doctype": "Contact",
				"first_name": "Lena",
				"email_ids": [
					{"email_id": f"lena.{secrets.token_hex(3)}.{tag}@harbour.example", "is_primary": 1}
				],
				"links": [{"link_doctype": "Customer", "link_name": customer}],
			}
			for customer in customers
		],
	)


def make_many(administrator: Client, documents: list[dict]) -> list[str]:
	names = []
	for start in range(0, len(documents), MOST_AT_ONCE):
		response = administrator.call(
			"frappe.client.insert_many", docs=json.dumps(documents[start : start + MOST_AT_ONCE])
		)
		names += checked(response)["message"]
	return names


def make_colleague(administrator: Client, first_name: str, tag: str) -> str:
	return administrator.create(
		"User",
		email=f"{first_name.lower()}.{tag}@example.com",
		first_name=first_name,
		last_name=f"Lima {tag}",
		send_welcome_email=0,
		new_password=PASSWORD,
		roles=[{"role": role} for role in ("Sales User", "Sales Manager", "Sales Master Manager")],
	)["name"]


@pytest.fixture
def open_as(browser, server):
	"""Open the Desk as anybody who has the password of these tests."""
	contexts = []

	def open_desk_of(user: str, viewport: dict = DESKTOP) -> Desk:
		context = browser.new_context(viewport=viewport, base_url=server, locale="en-US")
		contexts.append(context)
		return Desk(new_page(context), Login(user, PASSWORD))

	yield open_desk_of
	for context in contexts:
		context.close()


@pytest.fixture
def phone_of_a_guest(browser, server):
	context = browser.new_context(viewport=PHONE, base_url=server, locale="en-US")
	yield new_page(context)
	context.close()


def button(desk: Desk, label: str):
	return desk.page.locator(WORK).get_by_role("button", name=label, exact=True)


def dialog(desk: Desk):
	return desk.page.locator(".modal-dialog:visible")


def go_to(desk: Desk, step: str) -> None:
	desk.page.locator(f".wizard-steps [data-step='{step}']").click()
	expect(desk.page.locator(".wizard-step.active")).to_have_attribute("data-step", step)
	desk.settle()


def open_step(desk: Desk, offboarding: str, step: str) -> None:
	desk.page.goto(f"/app/offboarding-wizard/{offboarding}/{step}")
	expect(desk.page.locator(".wizard-step.active")).to_have_attribute("data-step", step)
	desk.settle()


def record(desk: Desk):
	return desk.page.locator(".wizard-record:visible")


def sticking_out_of_pills(desk: Desk) -> list[str]:
	"""Return what the step's pills say that is longer than they are."""
	return desk.page.locator(f"{WORK} .indicator-pill").evaluate_all(
		"pills => pills.filter(pill => pill.scrollHeight > pill.clientHeight + 1).map(pill => pill.textContent)"
	)


def mails_of(hr: Client, offboarding: str, kind: str) -> list[dict]:
	return hr.get_list(
		"Offboarding Mail",
		fields=["email_queue", "recipient"],
		filters={"offboarding": offboarding, "kind": ("like", kind)},
		limit_page_length=0,
	)


def secret_of(administrator: Client, hr: Client, offboarding: str) -> str:
	(mail,) = mails_of(hr, offboarding, "invitation 1")
	message = administrator.read("Email Queue", mail["email_queue"])["message"]
	return re.search(r"/reaffirmation#([\w-]+)", message.replace("=\n", "").replace("=\r\n", "")).group(1)


def test_ana_leaves_well(open_desk, open_as, company, accounts, administrator, phone_of_a_guest):
	ana = open_as(company["ana"])
	ana.open_form("Customer", company["customers"][0])

	# HR enters the resignation, and is led to the wizard
	hr = open_desk("hr")
	company["as_hr"].update(
		"Employee", company["employee"], resignation_letter_date="2099-01-02", relieving_date="2099-02-01"
	)
	hr.open_form("Employee", company["employee"])
	hr.page.get_by_role("button", name="Offboarding", exact=True).click()
	expect(hr.page.locator(".wizard-step")).to_have_count(len(STEPS))
	offboarding = hr.page.url.split("/offboarding-wizard/")[1].split("/")[0]
	hr.screenshot("offboarding-wizard")
	button(hr, "Record existing agreement").click()
	expect(record(hr)).to_contain_text("No confidentiality agreement is on file.")

	# the same day: the invitation, with the letter
	go_to(hr, "interview")
	button(hr, "Send invitation and letter").click()
	hr.page.wait_for_function("window.cur_dialog")
	hr.page.evaluate("cur_dialog.set_value('starts_on', '2099-01-09 10:00:00')")
	dialog(hr).locator("[data-fieldname='place'] input").fill("Room 2")
	dialog(hr).get_by_role("button", name="Send invitation and letter").click()
	expect(record(hr)).to_contain_text("Invited for")

	# Ana reads and confirms it on her phone
	phone_of_a_guest.goto(f"/reaffirmation#{secret_of(administrator, company['as_hr'], offboarding)}")
	expect(phone_of_a_guest.locator("article")).to_contain_text("stays confidential after you leave")
	phone_of_a_guest.get_by_label("Your full name").fill("Ana Lima")
	keep_picture(phone_of_a_guest, "offboarding-letter-phone")
	phone_of_a_guest.get_by_role("button", name="I have read it").click()
	expect(phone_of_a_guest.get_by_role("status")).to_contain_text("Confirmed by Ana Lima")
	hr.page.reload()
	expect(record(hr)).to_contain_text("Ana Lima confirmed the letter")

	# did unusual volumes leave?
	go_to(hr, "review")
	button(hr, "Create review").click()
	expect(hr.page.locator(".wizard-sentences li")).to_have_count(5)
	hr.screenshot("offboarding-review")

	# her manager makes the plan, and sees nothing else
	manager = open_desk("manager")
	manager.page.goto("/app/offboarding-wizard")
	manager.page.locator(".wizard-person", has_text=company["name"]).click()
	expect(manager.page.locator(".wizard-step")).to_have_count(3)
	button(manager, "Create plan").click()
	rows = manager.page.locator(".handover-table tbody tr")
	bulk = manager.page.locator(".handover-bulk")
	expect(bulk.get_by_role("button", name="Select all 340")).to_be_visible()
	expect(rows).to_have_count(100)
	bulk.get_by_role("button", name="Select all 340").click()
	bulk.get_by_role("button", name="Assign to…").click()
	manager.choose("user", company["sam"])
	dialog(manager).get_by_role("button", name="Choose").click()
	expect(dialog(manager)).to_have_count(0)
	expect(rows.first).to_contain_text("Chosen manually")
	manager.page.locator("[data-filter='text']").fill("Harbour")
	bulk.get_by_role("button", name="Select all 25").click()
	bulk.get_by_role("button", name="Key accounts", exact=True).click()
	expect(manager.page.locator(".handover-key", has_text="★")).to_have_count(KEY_ACCOUNTS)
	manager.page.locator("[data-filter='text']").fill("")
	expect(rows).to_have_count(100)
	manager.page.get_by_role("button", name="1,000", exact=True).click()
	expect(rows).to_have_count(200)
	manager.page.locator(".handover-end").scroll_into_view_if_needed()
	expect(rows).to_have_count(ACCOUNTS)
	button(manager, "Approve plan").click()
	expect(record(manager)).to_contain_text("340 accounts, 25 of them key accounts")
	manager.screenshot("offboarding-manager")

	# the key account is introduced to Sam, in Ana's words
	go_to(manager, "introductions")
	button(manager, "Draft letters for key accounts").click()
	expect(manager.page.locator(".handover-letter")).to_have_count(KEY_ACCOUNTS)
	letter = introductions(company["as_hr"], offboarding, account_title=("like", "Harbour Books%"))[0]
	ana.open_form("Handover Introduction", letter["name"])
	expect(ana.page.locator(".form-layout:visible")).to_contain_text("Harbour Books")
	ana.page.goto("/app/offboarding-wizard")
	expect(ana.page.locator(".offboarding-wizard")).to_contain_text("There are none")

	# all of them are approved, and sent
	manager.page.get_by_role("button", name="Approve all 25 drafts").click()
	manager.confirm()
	expect(manager.page.locator(".handover-letter", has_text="Approved")).to_have_count(KEY_ACCOUNTS)
	button(manager, "Send approved letters…").click()
	dialog(manager).locator("[data-fieldname='letters_per_hour'] input").fill("150")
	dialog(manager).get_by_role("button", name="Send", exact=True).click()
	expect(button(manager, "Stop sending")).to_be_visible()
	wait_until_sent(company["as_hr"], offboarding)
	mails = mails_of(company["as_hr"], offboarding, "introduction %")
	assert len({mail["recipient"] for mail in mails}) == len(mails) == KEY_ACCOUNTS
	queued = administrator.read("Email Queue", mails[0]["email_queue"])
	assert mails[0]["recipient"] in [recipient["recipient"] for recipient in queued["recipients"]]
	manager.page.reload()
	expect(manager.page.locator(".handover-letter", has_text="Sent")).to_have_count(KEY_ACCOUNTS)

	# the rest moves in one go
	open_step(hr, offboarding, "transfer")
	button(hr, "Start transfer").click()
	expect(dialog(hr)).to_be_visible()
	hr.confirm()
	expect(record(hr)).to_contain_text("340 accounts moved, 0 not moved")
	sam = open_as(company["sam"])
	sam.open_form("Customer", accounts[-1])
	expect(sam.strip()).to_contain_text("Sam")

	# on the last day her access ends everywhere
	go_to(hr, "access")
	button(hr, "Remove access now").click()
	dialog(hr).get_by_role("button", name="Remove access now").click()
	again = button(hr, "Refresh")
	expect(again.or_(hr.page.get_by_text("Tested afterwards", exact=True))).to_be_visible()
	while again.is_visible():
		hr.page.wait_for_timeout(1000)
		hr.page.reload()
		hr.settle()
	expect(hr.page.locator(WORK)).to_contain_text("Refused over HTTP")
	expect(hr.page.locator(f"{WORK} .indicator-pill.red")).to_have_count(0)
	hr.page.set_viewport_size(PHONE)
	assert sticking_out_of_pills(hr) == []
	hr.page.set_viewport_size(DESKTOP)
	hr.screenshot("offboarding-access")
	assert ana.page.request.get("/api/method/frappe.auth.get_logged_user").status == 403
	hr.page.locator("[data-item='Laptop']").click()
	expect(hr.page.locator(".wizard-checklist li").first).to_contain_text(
		hr.page.evaluate("frappe.session.user_fullname")
	)

	# with a thank you, and with the door open
	go_to(hr, "ringer_watch")
	button(hr, "Start ringer watch").click()
	dialog(hr).get_by_role("button", name="Start ringer watch").click()
	expect(record(hr)).to_contain_text("compared with this person first until")
	go_to(hr, "interview")
	button(hr, "Send thank-you").click()
	hr.confirm()
	expect(hr.page.locator(WORK)).to_contain_text("Thank-you email")
	button(hr, "Interview was held").click()
	expect(record(hr)).to_contain_text("The interview took place.")
	go_to(hr, "ending")
	button(hr, "Rehire…").click()
	dialog(hr).get_by_role("button", name="Save").click()
	expect(record(hr)).to_contain_text("Welcome back")
	hr.open_form("Offboarding", offboarding)
	expect(hr.page.locator(".form-layout:visible")).to_contain_text("interview")
	unexpected = [error for error in hr.errors + manager.errors if "403" not in error]
	assert unexpected == []


def introductions(hr: Client, offboarding: str, **filters) -> list[dict]:
	filters = {"offboarding": offboarding, **filters}
	return hr.get_list("Handover Introduction", filters=filters, limit_page_length=0)


def wait_until_sent(hr: Client, offboarding: str) -> None:
	deadline = time.monotonic() + JOB_SECONDS
	while introductions(hr, offboarding, status="Approved") and time.monotonic() < deadline:
		time.sleep(0.5)
	assert len(introductions(hr, offboarding, status="Sent")) == KEY_ACCOUNTS


def keep_picture(page, name: str) -> None:
	from tests.browser.desk import RENEW, SCREENSHOTS

	if RENEW:
		page.screenshot(path=SCREENSHOTS / f"{name}.png")


def test_every_step_fits_on_a_phone(open_desk, administrator, company):
	company["as_hr"].update(
		"Employee", company["employee"], resignation_letter_date="2099-01-02", relieving_date="2099-02-01"
	)
	hr = open_desk("hr", viewport=PHONE)
	hr.page.goto("/app/offboarding-wizard")
	hr.page.locator(".wizard-person", has_text=company["name"]).click()
	expect(hr.page.locator(".wizard-step")).to_have_count(len(STEPS))
	assert hr.overflow() <= 0
	offboarding = hr.page.url.split("/offboarding-wizard/")[1].split("/")[0]
	for step in STEPS:
		open_step(hr, offboarding, step)
		assert hr.overflow() <= 0, step
	hr.page.goto("/app/offboarding-wizard")
	expect(hr.page.locator(".wizard-person").first).to_be_visible()
	assert hr.errors == []


def test_a_cancelled_offboarding_says_what_could_not_be_undone(open_desk, administrator, company):
	company["as_hr"].update(
		"Employee", company["employee"], resignation_letter_date="2099-01-02", relieving_date="2099-02-01"
	)
	hr = open_desk("hr")
	hr.page.goto("/app/offboarding-wizard")
	hr.page.locator(".wizard-person", has_text=company["name"]).click()
	expect(hr.page.locator(".wizard-step")).to_have_count(len(STEPS))
	hr.page.locator(".menu-btn-group:visible button").first.click()
	hr.page.get_by_text("Cancel offboarding").click()
	dialog(hr).locator("textarea").fill("She stays")
	dialog(hr).get_by_role("button", name="Cancel offboarding").click()
	expect(hr.page.locator(".wizard-cancelled")).to_contain_text("She stays")
	assert hr.errors == []


def test_a_template_says_what_the_steps_are_called(open_desk):
	hr = open_desk("hr")
	hr.open_form("Offboarding Template", "Standard")
	grid = hr.page.locator(".form-layout:visible .form-grid")
	expect(grid).to_contain_text("Exit interview and confidentiality")
	expect(grid).not_to_contain_text("ringer_watch")
	grid.locator(".btn-open-row").first.click()
	options = hr.page.locator(".grid-row-open select[data-fieldname='step'] option")
	expect(options.filter(has_text="Farewell")).to_have_count(1)
	assert hr.errors == []
