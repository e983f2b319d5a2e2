"""Exports as people see them: what the Desk says before one, what the log shows, the reports, and system events."""

import secrets

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.desk import Desk
from tests.browser.test_reports import cells, errors, open_report, rows
from tests.http.client import Client
from tests.http.hiring import employee_of
from tests.http.test_exports import export_list, latest

pytestmark = pytest.mark.browser

REPORTS = (
	"My Exports",
	"Exports by Person and Week",
	"Who Exported This Record",
	"Read Volume",
	"System Events",
)


@pytest.fixture
def purpose():
	return f"Christmas cards {secrets.token_hex(2)}"


@pytest.fixture
def customer(managers_customer):
	return managers_customer


@pytest.fixture
def contact(administrator):
	return administrator.create("Contact", first_name="Carla", last_name=secrets.token_hex(2))["name"]


@pytest.fixture
def exported(manager, customer):
	"""A customer that the manager printed, and the entry of that."""
	print_customer(manager, customer, transparency_purpose="For the trade fair")
	return customer, latest(manager, channel="Print", user=manager.user)["name"]


def print_customer(client: Client, customer: str, **parameters) -> None:
	parameters |= {"doctype": "Customer", "name": customer}
	assert client.session.get(f"{client.address}/printview", params=parameters, timeout=60).ok


def dialog(desk: Desk) -> Locator:
	return desk.page.locator(".modal-dialog:visible")


def say_what_for(desk: Desk, purpose: str) -> None:
	expect(dialog(desk).locator(".export-notice")).to_contain_text("will be recorded")
	expect(dialog(desk).locator(".export-notice")).to_contain_text("Colleagues can see")
	dialog(desk).locator("input[data-fieldname='transparency_purpose']").fill(purpose)


def download(desk: Desk, button: str = ".btn-primary") -> None:
	with desk.page.expect_download() as download:
		dialog(desk).locator(button).click()
	assert download.value.path().stat().st_size


def test_a_list_exported_from_the_report_view(open_desk, administrator, customer, purpose):
	desk = open_desk("administrator")
	desk.page.goto("/app/customer/view/report")
	expect(rows(desk).first).to_be_visible()
	desk.settle()
	desk.page.locator(".page-head:visible .menu-btn-group button").first.click()
	desk.page.locator(".dropdown-menu.show").get_by_text("Export", exact=True).click()
	say_what_for(desk, purpose)
	desk.screenshot("export-dialog")
	download(desk)
	entry = latest(administrator, channel="List Export")
	assert (entry["purpose"], entry["reference_doctype"]) == (purpose, "Customer")
	assert errors(desk) == []


def test_a_report_exported(open_desk, administrator, customer, purpose):
	desk = open_desk("administrator")
	open_report(desk, "Account Owner Changes")
	desk.page.locator(".page-head:visible .menu-btn-group button").first.click()
	desk.page.locator(".dropdown-menu.show").get_by_text("Export", exact=True).click()
	say_what_for(desk, purpose)
	download(desk)
	entry = latest(administrator, channel="Report Export")
	assert (entry["purpose"], entry["report_name"]) == (purpose, "Account Owner Changes")
	assert errors(desk) == []


def test_everything_that_matches_exported(open_desk, administrator, customer, purpose):
	desk = open_desk("administrator")
	open_report(desk, "Account Owner Changes")
	desk.page.locator(".page-head:visible .menu-btn-group button").first.click()
	desk.page.get_by_text("Export all matching rows").click()
	say_what_for(desk, purpose)
	download(desk)
	assert latest(administrator, channel="Report Export")["purpose"] == purpose


def test_the_data_export_tool(open_desk, administrator, customer, purpose):
	desk = open_desk("administrator")
	desk.page.goto("/app/data-export")
	desk.choose("reference_doctype", "Customer")
	expect(desk.page.locator(".frappe-control[data-fieldtype='MultiCheck']:visible").first).to_be_visible()
	desk.settle()
	desk.page.locator(".page-head:visible .primary-action").click()
	say_what_for(desk, purpose)
	download(desk)
	entry = latest(administrator, channel="Data Export")
	assert (entry["purpose"], entry["reference_doctype"]) == (purpose, "Customer")


def test_a_selection_exported_from_a_list_through_the_import_tool(
	open_desk, administrator, customer, purpose
):
	desk = open_desk("administrator")
	desk.open_list("Customer")
	desk.page.locator(".list-row-checkbox:visible").nth(1).click()
	desk.page.locator(".page-head:visible .actions-btn-group button").first.click()
	desk.page.locator(".dropdown-menu.show").get_by_text("Export", exact=True).click()
	say_what_for(desk, purpose)
	download(desk)
	entry = latest(administrator, channel="Data Export")
	assert (entry["purpose"], entry["row_count"]) == (purpose, 1)
	dialog(desk).locator("select[data-fieldname='export_records']").select_option("blank_template")
	expect(dialog(desk).locator(".export-notice")).to_be_hidden()


def test_who_may_not_export_is_told_before_the_click_who_can_give_the_right(open_desk, managers_customer):
	desk = open_desk("rep")
	desk.open_list("Customer")
	may_export = desk.page.evaluate("frappe.model.can_export('Customer')")
	if may_export:
		desk.page.evaluate("frappe.boot.user.can_export = []")
	desk.page.locator(".list-row-checkbox:visible").nth(1).click()
	desk.page.locator(".page-head:visible .actions-btn-group button").first.click()
	desk.page.locator(".dropdown-menu.show").get_by_text("Export", exact=True).click()
	notice = dialog(desk).locator(".export-notice")
	if not may_export:
		expect(notice).to_contain_text("you need the right to export")
	expect(notice).to_be_visible()
	expect(dialog(desk).locator("input[data-fieldname='transparency_purpose']")).to_be_hidden()
	dialog(desk).locator(".btn-primary").click()
	expect(desk.page.locator(".msgprint:visible")).not_to_be_empty()
	assert errors(desk) == []


def test_an_entry_is_headed_by_who_exported_what(open_desk, exported):
	_customer, entry = exported
	desk = open_desk("manager")
	desk.open_form("Export Log", entry)
	heading = desk.page.locator(".page-head:visible .title-text")
	expect(heading).to_contain_text("Customer, 1 row")
	expect(heading).not_to_contain_text("@")


def test_contacts_as_vcards(open_desk, administrator, contact, purpose):
	administrator.create("Contact", first_name=f"Carlo {secrets.token_hex(2)}")
	desk = open_desk("administrator")
	desk.open_list("Contact")
	desk.page.locator(".list-row-checkbox:visible").nth(1).click()
	desk.page.locator(".page-head:visible .actions-btn-group button").first.click()
	vcards = desk.page.locator(".dropdown-menu.show").get_by_text("Download vCards")
	if not vcards.count():
		pytest.skip("this Frappe has no vCards")
	vcards.click()
	say_what_for(desk, purpose)
	download(desk)
	entry = latest(administrator, channel="vCard")
	assert (entry["purpose"], entry["row_count"]) == (purpose, 1)


def test_one_contact_as_a_vcard(open_desk, administrator, contact, purpose):
	desk = open_desk("administrator")
	desk.open_form("Contact", contact)
	desk.settle()
	desk.page.locator(".page-head:visible .menu-btn-group button").first.click()
	vcard = desk.page.locator(".dropdown-menu.show").get_by_text("Download vCard")
	if not vcard.count():
		pytest.skip("this Frappe has no vCards")
	vcard.click()
	say_what_for(desk, purpose)
	with desk.page.context.expect_page():
		dialog(desk).locator(".btn-primary").click()
	desk.settle()
	assert latest(administrator, channel="vCard")["purpose"] == purpose


def test_a_dialog_that_exports_nothing_stays_as_it_was(open_desk):
	desk = open_desk("administrator")
	desk.open_list("Customer")
	desk.page.evaluate("frappe.prompt({ fieldname: 'word', fieldtype: 'Data', label: 'Word' }, () => {})")
	expect(dialog(desk).locator("input[data-fieldname='word']")).to_be_visible()
	expect(dialog(desk).locator("[data-fieldname='transparency_purpose']")).to_have_count(0)


def test_a_manager_reads_which_records_an_export_held(open_desk, exported):
	name, entry = exported
	desk = open_desk("hr")
	desk.open_form("Export Log", entry)
	expect(desk.page.locator(".manifest-records:visible tbody tr")).to_have_count(1)
	expect(desk.page.locator(".manifest-records:visible")).to_contain_text(name)
	expect(desk.page.locator("[data-fieldname='ip_address']:visible").first).to_contain_text("127.0.0.1")
	desk.page.locator(".manifest-search:visible").fill("no such record")
	expect(desk.page.locator(".manifest-records:visible tbody tr")).to_have_count(0)
	assert desk.errors == []


def test_the_one_who_exported_reads_the_own_details_and_records(open_desk, rep, customer):
	print_customer(rep, customer)
	desk = open_desk("rep")
	desk.open_form("Export Log", latest(rep, channel="Print", user=rep.user)["name"])
	expect(desk.page.locator("[data-fieldname='details']:visible")).to_contain_text("127.0.0.1")
	expect(desk.page.locator(".manifest-records:visible")).to_contain_text(customer)
	assert desk.errors == []


def test_a_colleague_sees_the_fact_and_nothing_more(open_desk, exported):
	_name, entry = exported
	desk = open_desk("rep")
	desk.open_form("Export Log", entry)
	desk.settle()
	expect(desk.page.locator("[data-fieldname='row_count']:visible")).to_be_visible()
	expect(desk.page.locator(".manifest-records:visible")).to_have_count(0)
	expect(desk.page.get_by_text("127.0.0.1")).to_have_count(0)
	assert desk.errors == []


def test_a_form_shows_fifty_records_at_a_time(open_desk, administrator):
	for number in range(51 - len(administrator.get_list("Contact", limit_page_length=51))):
		administrator.create("Contact", first_name="Carla", last_name=str(number))
	export_list(administrator, "Contact", ("name",))
	entry = latest(administrator, channel="List Export", reference_doctype="Contact")
	desk = open_desk("administrator")
	desk.open_form("Export Log", entry["name"])
	expect(desk.page.locator(".manifest-records:visible tbody tr")).to_have_count(50)
	first = desk.page.locator(".manifest-records:visible tbody tr").first.inner_text()
	desk.page.locator(".manifest-records:visible").get_by_role("button", name="Next").click()
	expect(desk.page.locator(".manifest-records:visible [role='status']")).to_contain_text("51 to ")
	assert desk.page.locator(".manifest-records:visible tbody tr").first.inner_text() != first


def test_the_list_of_exports(open_desk, exported):
	desk = open_desk("rep")
	desk.open_list("Export Log")
	entry = desk.page.locator(".frappe-list:visible .list-row", has_text="Print").first
	expect(entry).to_contain_text("Customer: 1 row")
	assert desk.errors == []


def test_from_a_customer_to_who_exported_it(open_desk, exported):
	name, _entry = exported
	desk = open_desk("hr")
	open_report(desk, "Who Exported This Record", reference_doctype="Customer", reference_name=name)
	expect(cells(desk, "Print").first).to_be_visible()
	desk = open_desk("manager")
	desk.open_form("Customer", name)
	desk.settle()
	desk.page.locator(".page-head:visible .menu-btn-group button").first.click()
	desk.page.get_by_text("Who exported this?").click()
	expect(cells(desk, "For the trade fair").first).to_be_visible()
	desk.screenshot("report-who-exported-this-record")
	rows(desk).first.locator("a").first.click()
	expect(desk.page.locator("[data-fieldname='row_count']:visible")).to_be_visible()
	assert errors(desk) == []


def test_from_a_week_to_the_exports_in_it(open_desk, exported):
	desk = open_desk("hr")
	open_report(desk, "Exports by Person and Week")
	expect(rows(desk).first).to_be_visible()
	desk.page.locator(".datatable:visible .dt-tree-node__toggle").first.click()
	expect(desk.page.locator(".frappe-chart:visible .dataset-0 rect").last).to_be_visible()
	desk.screenshot("report-exports-by-person-and-week")
	rows(desk).nth(1).locator("a").first.click()
	expect(desk.page.locator(".frappe-list:visible .list-row-container").nth(1)).to_be_visible()
	assert errors(desk) == []


def test_everybody_finds_their_own_exports(open_desk, exported):
	desk = open_desk("manager")
	open_report(desk, "My Exports")
	expect(cells(desk, "For the trade fair").first).to_be_visible()
	expect(cells(desk, "127.0.0.1").first).to_be_visible()
	desk.screenshot("report-my-exports")
	assert errors(desk) == []


def test_from_a_user_to_system_events(open_desk, manager, exported):
	desk = open_desk("administrator")
	desk.open_form("User", manager.user)
	desk.settle()
	desk.page.get_by_role("button", name="System events").click()
	expect(cells(desk, "for: For the trade fair").first).to_be_visible()
	expect(desk.page.locator(".report-summary:visible")).to_contain_text("Emails to external addresses")
	assert errors(desk) == []


def test_from_an_employee_to_system_events(open_desk, administrator, manager, exported):
	company = administrator.get_list("Company")[0]["name"]
	employee = employee_of(administrator, company, manager.user, "Mona")
	desk = open_desk("hr")
	desk.open_form("Employee", employee)
	desk.settle()
	desk.page.get_by_role("button", name="System events").click()
	expect(cells(desk, "for: For the trade fair").first).to_be_visible()
	expect(desk.page.locator(".frappe-chart:visible .dataset-0 rect").last).to_be_visible()
	desk.screenshot("report-system-events")
	desk.page.locator("select[data-fieldname='kind']:visible").select_option("Backup")
	expect(cells(desk, "for: For the trade fair")).to_have_count(0)
	assert errors(desk) == []


def test_from_an_offboarding_to_system_events(open_desk, administrator, hr):
	leaver = administrator.create(
		"User", email=f"lea.{secrets.token_hex(3)}@example.com", first_name="Lea", send_welcome_email=0
	)["name"]
	offboarding = hr.create("Offboarding", employee_name="Lea", user=leaver)["name"]
	desk = open_desk("hr")
	desk.open_form("Offboarding", offboarding)
	desk.settle()
	desk.page.get_by_role("button", name="System events").click()
	expect(desk.page.locator("input[data-fieldname='user']:visible")).to_have_value(leaver)
	assert errors(desk) == []


def test_a_rep_sees_the_own_system_events(open_desk, rep):
	desk = open_desk("rep")
	desk.open_form("User", rep.user)
	desk.settle()
	desk.page.get_by_role("button", name="System events").click()
	expect(desk.page.locator("[data-fieldname='user']:visible input").first).to_have_value(rep.user)
	assert errors(desk) == []


@pytest.mark.parametrize(("role", "viewport"), [("rep", PHONE), ("manager", DESKTOP), ("hr", PHONE)])
def test_reports_fit(open_desk, exported, role, viewport):
	name, entry = exported
	desk = open_desk(role, viewport=viewport)
	for report in REPORTS:
		filters = {"reference_doctype": "Customer", "reference_name": name} if "Record" in report else {}
		open_report(desk, report, **filters)
		assert desk.overflow() <= 0, report
	desk.open_form("Export Log", entry)
	desk.settle()
	assert desk.overflow() <= 0
	assert errors(desk) == []
