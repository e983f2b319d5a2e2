import secrets

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.http.client import Client
from tests.http.conftest import first_leaf

pytestmark = pytest.mark.browser


@pytest.fixture
def rep(server, ground):
	return Client(server, ground.logins["rep"])


@pytest.fixture
def hr(server, ground):
	return Client(server, ground.logins["hr"])


@pytest.fixture
def manager(server, ground):
	return Client(server, ground.logins["manager"])


@pytest.fixture
def bakeries(rep) -> list[str]:
	"""Three customers of the rep's, which share the beginning of their names."""
	beginning = f"Canal Bakery {secrets.token_hex(2)}"
	return [
		rep.create(
			"Customer",
			customer_name=f"{beginning} {number}",
			customer_type="Company",
			customer_group=first_leaf(rep, "Customer Group"),
			territory=first_leaf(rep, "Territory"),
			account_manager=rep.user,
		)["name"]
		for number in range(3)
	]


@pytest.fixture
def drafted(hr, bakeries, ground) -> str:
	lines = ["ID", *bakeries, "No such bakery"]
	return hr.create(
		"Account Transfer",
		source="List",
		listed_accounts="\n".join(lines),
		list_document_type="Customer",
		successors=[{"user": ground.logins["manager"].user}],
	)["name"]


def button(desk, label: str):
	return desk.page.locator(".page-head:visible").get_by_role("button", name=label, exact=True)


def confirm(desk) -> None:
	desk.confirm()


def test_hr_previews_starts_watches_and_undoes(open_desk, drafted, bakeries, rep):
	desk = open_desk("hr")
	desk.open_form("Account Transfer", drafted)
	button(desk, "Preview").click()
	preview = desk.page.locator("[data-fieldname='preview_html']:visible")
	expect(preview.locator("table")).to_have_count(3)
	expect(preview).to_contain_text("Customer")
	expect(preview).to_contain_text("Line 5: there is no Customer No such bakery.")
	desk.screenshot("account-transfer-preview")

	button(desk, "Start transfer").click()
	expect(desk.page.locator(".modal-dialog:visible")).to_contain_text("Transfer 3 accounts now?")
	confirm(desk)
	progress = desk.page.locator(".account-transfer-progress:visible")
	expect(progress).to_contain_text("Transferred: 3")
	expect(progress).to_contain_text("Skipped: 1")
	expect(desk.page.locator(".indicator-pill:visible", has_text="Completed").first).to_be_visible()
	assert rep.read("Customer", bakeries[0])["account_manager"] != rep.user
	desk.screenshot("account-transfer-completed")

	progress.get_by_text("Skipped: 1").click()
	expect(desk.page.locator(".frappe-list:visible .list-row-container .list-row")).to_have_count(1)
	desk.page.go_back()
	button(desk, "Undo transfer").click()
	expect(desk.page.locator(".modal-dialog:visible")).to_contain_text("Give 3 accounts back?")
	confirm(desk)
	expect(progress).to_contain_text("Given back: 3")
	expect(progress).not_to_contain_text("Not given back")
	assert rep.read("Customer", bakeries[0])["account_manager"] == rep.user
	assert desk.errors == []


def test_a_rep_transfers_a_selection_from_the_list(open_desk, bakeries, ground, rep):
	desk = open_desk("rep")
	beginning = bakeries[0].rsplit(" ", 1)[0]
	desk.open_list("Customer", f'?customer_name=["like","{beginning}%25"]')
	rows = desk.page.locator(".frappe-list:visible .list-row-container .list-row")
	expect(rows).to_have_count(3)
	for at in (0, 1):
		rows.nth(at).locator("input.list-row-checkbox").check()
	desk.page.locator(".page-head:visible").get_by_role("button", name="Actions").click()
	desk.page.locator(".dropdown-menu:visible").get_by_text("Transfer to a colleague…").click()
	expect(desk.page.locator(".modal-dialog:visible")).to_contain_text("Transfer 2 accounts")
	desk.choose("successor", ground.logins["manager"].user)
	desk.settle()
	desk.page.locator(".modal-dialog:visible").get_by_role("button", name="Preview").click()
	expect(button(desk, "Start transfer")).to_be_visible()
	expect(desk.page.locator("[data-fieldname='preview_html']:visible")).to_contain_text("Customer")
	assert desk.errors == []


def test_a_rep_finds_the_own_name_filled_in(open_desk, ground, rep):
	desk = open_desk("rep")
	desk.page.goto("/app/account-transfer/new")
	from_user = desk.page.locator(".frappe-control[data-fieldname='from_user']:visible")
	expect(from_user).to_contain_text(rep.user)
	expect(from_user.locator("input:visible")).to_have_count(0)
	assert desk.errors == []


def test_a_rep_who_selects_others_accounts_reads_who_may(open_desk, ground, rep, manager):
	customer = manager.create(
		"Customer",
		customer_name=f"Quay Bakery {secrets.token_hex(4)}",
		customer_type="Company",
		customer_group=first_leaf(manager, "Customer Group"),
		territory=first_leaf(manager, "Territory"),
		account_manager=manager.user,
	)["name"]
	desk = open_desk("rep")
	desk.open_list("Customer", f"?name={customer}")
	desk.page.locator(".frappe-list:visible .list-row-container input.list-row-checkbox").check()
	desk.page.locator(".page-head:visible").get_by_role("button", name="Actions").click()
	desk.page.locator(".dropdown-menu:visible").get_by_text("Transfer to a colleague…").click()
	expect(desk.page.locator(".modal-dialog:visible")).to_contain_text("Transfer one account")
	desk.choose("successor", ground.logins["hr"].user)
	desk.settle()
	desk.page.locator(".modal-dialog:visible").get_by_role("button", name="Preview").click()
	expect(desk.page.locator(".modal-dialog:visible").last).to_contain_text(
		"You can hand over your own accounts."
	)
	assert [error for error in desk.errors if "403" not in error and "PermissionError" not in error] == []


def test_filters_are_chosen_in_a_dialog(open_desk, ground):
	desk = open_desk("hr")
	desk.page.goto("/app/account-transfer/new")
	expect(desk.page.locator(".form-layout:visible")).to_be_visible()
	desk.page.locator("[data-fieldname='source'] select:visible").select_option("Filters")
	grid = desk.page.locator("[data-fieldname='document_types']:visible")
	grid.get_by_role("button", name="Add row").click()
	row = grid.locator(".grid-body .grid-row").first
	# a row's cell, the control in it and its input have the same name
	row.locator(".col[data-fieldname='document_type']").click()
	row.locator("input[data-fieldname='document_type']").fill("Customer")
	desk.page.locator(".awesomplete ul:visible > *", has_text="Customer").first.click()
	desk.page.wait_for_function("cur_frm.doc.document_types[0].document_type === 'Customer'")
	row.locator("button[data-fieldname='choose_filters']").click()
	dialog = desk.page.locator(".modal-dialog:visible")
	expect(dialog).to_contain_text("Which documents of type Customer?")
	dialog.get_by_role("button", name="Use these filters").click()
	expect(dialog).to_have_count(0)
	assert desk.errors == []


def test_a_users_form_leads_to_a_transfer_of_their_accounts(open_desk, rep):
	desk = open_desk("rep")
	desk.page.goto("/app/user/" + rep.user)
	expect(desk.page.locator(".form-layout:visible")).to_be_visible()
	button(desk, "Transfer accounts…").click()
	from_user = desk.page.locator(".frappe-control[data-fieldname='from_user']:visible")
	expect(from_user).to_contain_text(rep.user)


def test_the_form_fits_a_phone(open_desk, drafted, hr):
	hr.call("crm_transparency.transfers.transfer_actions.preview", name=drafted)
	desk = open_desk("hr", viewport=PHONE)
	desk.open_form("Account Transfer", drafted)
	expect(desk.page.locator("[data-fieldname='preview_html']:visible table").first).to_be_visible()
	assert desk.overflow() <= 0
