"""The ownership reports and coaching notes as people see them, at a desk and on a phone."""

import re
import secrets
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.browser.desk import Desk
from tests.http.conftest import first_leaf

pytestmark = pytest.mark.browser

REPORTS = ("Account Owner Changes", "Takeover Patterns", "Employee Change Log")


@pytest.fixture
def cinemas(coach, rep) -> list[str]:
	"""Three customers of the coach's that the rep takes over; one of them is given back."""
	beginning = f"Quay Cinema {secrets.token_hex(2)}"
	names = [
		coach.create(
			"Customer",
			customer_name=f"{beginning} {number}",
			customer_type="Company",
			customer_group=first_leaf(coach, "Customer Group"),
			territory=first_leaf(coach, "Territory"),
			account_manager=coach.user,
		)["name"]
		for number in range(3)
	]
	for name in names:
		coach.update("Customer", name, customer_name=f"{name} <b>Bold</b>")
		rep.update("Customer", name, account_manager=rep.user)
	rep.update("Customer", names[0], account_manager=coach.user, website="https://quay.example")
	return names


def open_report(desk: Desk, report: str, **filters) -> None:
	query = "&".join(f"{field}={quote(value)}" for field, value in filters.items())
	with desk.page.expect_response(lambda response: "query_report.run" in response.url):
		desk.page.goto(f"/app/query-report/{quote(report)}?{query}")
	desk.settle()


def errors(desk: Desk) -> list[str]:
	"""Return the errors, without what Frappe's charts say when a report is left while they adapt to its size."""
	return [error for error in desk.errors if "removeChild" not in error]


def banner(desk: Desk):
	return desk.page.get_by_text("Only the coach and the employee can read this note.")


def rows(desk: Desk):
	return desk.page.locator(".datatable:visible .dt-scrollable .dt-row:visible")


def cells(desk: Desk, text: str):
	return desk.page.locator(".datatable:visible .dt-scrollable .dt-cell__content:visible", has_text=text)


def test_everybody_follows_a_change_to_its_account_and_its_person(open_desk, rep, cinemas):
	desk = open_desk("rep")
	open_report(desk, "Account Owner Changes", reference_doctype="Customer", reference_name=cinemas[1])
	expect(rows(desk)).to_have_count(2)
	expect(desk.page.locator(".frappe-chart:visible .dataset-0")).to_be_visible()
	expect(cells(desk, "<b>Bold</b>").first).to_be_visible()
	desk.screenshot("report-account-owner-changes")
	cells(desk, "<b>Bold</b>").first.locator("a").click()
	expect(desk.strip()).to_contain_text("Taken Over")
	desk.page.go_back()
	taken_over_by = rows(desk).first.locator("a").last
	person = taken_over_by.inner_text()
	taken_over_by.click()
	expect(rows(desk).first).to_contain_text(person)
	desk.settle()
	assert rep.user in desk.page.locator("[data-fieldname='person'] input").input_value()
	assert errors(desk) == []


def test_changing_a_filter_and_going_through_pages(open_desk, rep, coach, cinemas):
	for turn in range(101):
		rep.update("Customer", cinemas[2], account_manager=(coach.user, rep.user)[turn % 2])
	desk = open_desk("manager")
	open_report(desk, "Account Owner Changes", reference_doctype="Customer", reference_name=cinemas[2])
	expect(desk.page.get_by_text("Choose Older to see more")).to_be_visible()
	desk.page.get_by_role("button", name="Older").click()
	expect(rows(desk)).to_have_count(3)
	desk.page.get_by_role("button", name="Older").click()
	expect(desk.page.get_by_text("no older entries")).to_be_visible()
	desk.page.locator("select[data-fieldname='kind']").select_option("Assigned")
	expect(rows(desk)).to_have_count(1)
	assert errors(desk) == []


def test_a_manager_sees_a_pattern_and_writes_a_coaching_note(open_desk, rep, cinemas):
	desk = open_desk("manager")
	open_report(desk, "Takeover Patterns", person=rep.user)
	expect(cells(desk, "Pattern").first).to_be_visible()
	desk.page.locator(".datatable:visible .dt-tree-node__toggle").first.click()
	expect(cells(desk, "from ").first).to_be_visible()
	expect(rows(desk).first.locator("svg rect")).to_have_count(12)
	desk.screenshot("report-takeover-patterns")
	rows(desk).first.get_by_text(re.compile("^Write a")).click()
	observation = desk.page.locator("[data-fieldname='observation']:visible textarea")
	expect(observation).to_have_value(re.compile(r"Took over \d+ accounts? of (a|one|\d+) colleagues?\."))
	desk.page.locator("[data-fieldname='agreed_next_step']:visible textarea").fill("Ask first.")
	desk.save()
	desk.screenshot("coaching-note")
	note = desk.page.url.rsplit("/", 1)[-1]
	expect(banner(desk)).to_have_count(1)
	open_report(desk, "Takeover Patterns", person=rep.user)
	expect(rows(desk).first.locator(f"a[href*='{note}']")).to_have_text("Coaching note: Open")
	assert errors(desk) == []

	employee = open_desk("rep")
	employee.open_form("Coaching Note", note)
	expect(banner(employee)).to_be_visible()
	expect(employee.page.get_by_text("Ask first.")).to_be_visible()
	expect(employee.page.get_by_role("button", name="Save")).to_have_count(0)
	expect(employee.page.locator(".comment-box:visible, .form-sidebar:visible")).to_have_count(0)

	somebody_else = open_desk("hr")
	somebody_else.page.goto(f"/app/coaching-note/{note}")
	somebody_else.settle()
	expect(somebody_else.page.get_by_text("Ask first.")).to_have_count(0)


def test_from_a_pattern_to_the_takeovers_and_to_the_log(open_desk, rep, cinemas):
	desk = open_desk("manager")
	open_report(desk, "Takeover Patterns", person=rep.user)
	rows(desk).first.locator("a[href*='takeovers=1']").click()
	expect(desk.page.locator("input[data-fieldname='takeovers']:visible")).to_be_checked()
	expect(cells(desk, "<b>Bold</b>").first).to_be_visible()
	desk.page.go_back()
	rows(desk).first.locator("a[href*='Employee']").click()
	expect(cells(desk, "Taken Over").first).to_be_visible()
	assert errors(desk) == []


def test_a_rep_reads_the_own_log_field_by_field(open_desk, cinemas):
	desk = open_desk("rep")
	open_report(desk, "Employee Change Log")
	expect(cells(desk, "Taken Over").first).to_be_visible()
	desk.screenshot("report-employee-change-log")
	desk.page.locator("select[data-fieldname='document_type']:visible").select_option("Customer")
	desk.settle()
	desk.suggest(desk.page.locator("input[data-fieldname='field']:visible"), "Website")
	expect(cells(desk, "https://quay.example").first).to_be_visible()
	expect(cells(desk, "Taken Over")).to_have_count(0)
	assert errors(desk) == []


def test_a_manager_exports_everything_that_matches(open_desk, cinemas):
	desk = open_desk("manager")
	open_report(desk, "Account Owner Changes", reference_doctype="Customer", reference_name=cinemas[0])
	desk.page.locator(".page-head:visible .menu-btn-group button").first.click()
	desk.page.get_by_text("Export all matching rows").click()
	desk.page.locator(".modal-dialog:visible select").select_option("CSV")
	with desk.page.expect_download() as download:
		desk.page.locator(".modal-dialog:visible .btn-primary").click()
	lines = download.value.path().read_text().strip().splitlines()
	assert len(lines) == 4 and "Taken Over" in lines[2]


def test_a_rep_is_offered_no_export(open_desk, cinemas):
	desk = open_desk("rep")
	open_report(desk, "Account Owner Changes")
	assert desk.page.get_by_text("Export all matching rows").count() == 0


@pytest.mark.parametrize("role", ["rep", "manager"])
def test_reports_fit_a_phone(open_desk, cinemas, role):
	desk = open_desk(role, viewport=PHONE)
	for report in REPORTS:
		open_report(desk, report)
		expect(rows(desk).first).to_be_visible()
		assert desk.overflow() <= 0, report
	assert errors(desk) == []
