import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.http.client import Client
from tests.http.conftest import make_customer

pytestmark = pytest.mark.browser

SETTINGS = "CRM Transparency Settings"
SECONDS_UNTIL_JUDGED = 60


@pytest.fixture
def administrator(server, ground):
	return Client(server, ground.logins["administrator"])


@pytest.fixture
def alert(administrator, rep):
	"""An open alert about the rep, who read many customers at once with a program."""
	customers = len(administrator.get_list("Customer", limit_page_length=40))
	for _lacking in range(40 - customers):
		make_customer(administrator)
	with administrator.changed(SETTINGS, SETTINGS, bulk_read_rows=20, large_export_rows=20):
		assert len(rep.get_list("Customer", fields=["customer_name"], limit_page_length=40)) == 40
		yield wait_for_alert(administrator, rep.user)


@pytest.fixture
def rep(server, ground):
	return Client(server, ground.logins["rep"])


def wait_for_alert(client, user):
	for _second in range(SECONDS_UNTIL_JUDGED):
		found = client.get_list("Export Alert", filters={"user": user, "rule": "Large Export"})
		if found:
			return found[0]["name"]
		time.sleep(1)
	raise AssertionError("no alert was raised")


@pytest.mark.parametrize(("viewport", "where"), [(DESKTOP, "desktop"), (PHONE, "phone")])
def test_a_manager_looks_at_an_alert_and_explains_it(open_desk, alert, viewport, where, administrator):
	administrator.update("Export Alert", alert, status="Follow up", note="")
	administrator.update("Export Alert", alert, status="Open", note="")
	desk = open_desk("manager", viewport)
	desk.open_list("Export Alert")
	expect(desk.page.locator(".frappe-list:visible")).to_contain_text("rows of Customer")
	desk.screenshot(f"export-alerts-{where}")
	desk.open_form("Export Alert", alert)
	expect(desk.page.locator(".form-layout:visible")).to_contain_text("are reviewed, whoever makes them")
	desk.screenshot(f"export-alert-{where}")
	explain(desk, "Christmas cards")
	looked_at = administrator.read("Export Alert", alert)
	assert (looked_at["status"], looked_at["note"]) == ("Explained", "Christmas cards")
	assert looked_at["looked_at_by"] == desk.login.user
	assert desk.errors == []


def explain(desk, note):
	if desk.page.viewport_size["width"] < 600:
		desk.page.locator(".menu-btn-group:visible .btn").first.click()
		desk.page.locator(".dropdown-menu:visible a", has_text="Mark as explained").first.click()
	else:
		desk.page.get_by_role("button", name="Mark as explained", exact=True).click()
	dialog = desk.page.locator(".modal-dialog:visible")
	dialog.get_by_label("What was it?").or_(dialog.locator("textarea")).first.fill(note)
	with desk.page.expect_response(lambda response: "savedocs" in response.url) as saved:
		dialog.get_by_role("button", name="Save").click()
	assert saved.value.ok, saved.value.text()


def test_the_person_concerned_reads_it_and_changes_nothing(open_desk, alert):
	desk = open_desk("rep")
	desk.open_form("Export Alert", alert)
	desk.settle()
	expect(desk.page.locator(".form-layout:visible")).to_contain_text("are reviewed, whoever makes them")
	expect(desk.page.locator(".frappe-control[data-fieldname='note']:visible")).to_have_count(0)
	expect(desk.page.get_by_role("button", name="Mark as explained", exact=True)).to_have_count(0)
	desk.screenshot("export-alert-own")
	assert desk.errors == []
