import pytest
import requests

from tests.http.client import JOB_SECONDS, checked

pytestmark = pytest.mark.http

READ = "crm_transparency.ownership.strip.read"


def test_the_strip_says_who_took_the_account_over(rep, manager, managers_customer):
	rep.update("Customer", managers_customer, account_manager=rep.user)
	strip = checked(manager.call(READ, "GET", doctype="Customer", name=managers_customer))["message"]
	assert strip["account_owner"] == rep.user
	assert strip["since"] == strip["last_change"]["changed_on"]
	assert strip["last_change"]["kind"] == "Taken Over"
	assert "took this account over from" in strip["last_change"]["sentence"]


def test_the_strip_of_an_untracked_document_is_empty(rep):
	assert "message" not in checked(rep.call(READ, "GET", doctype="User", name=rep.user))


def test_nobody_sees_the_strip_of_a_document_they_may_not_read(hr, managers_customer, server):
	response = requests.get(
		f"{server}/api/method/{READ}", params={"doctype": "Customer", "name": managers_customer}, timeout=60
	)
	assert response.status_code == 403
	assert managers_customer not in response.text


def test_an_account_that_does_not_exist_is_not_found(rep):
	assert rep.call(READ, "GET", doctype="Customer", name="No such customer").status_code == 404


@pytest.mark.parametrize("http_method", ["POST"])
def test_it_is_only_read(rep, managers_customer, http_method):
	response = rep.call(READ, http_method, doctype="Customer", name=managers_customer)
	assert response.status_code == 403


def test_entries_refuse_every_change_over_http(administrator, managers_customer):
	(entry,) = administrator.history("Customer", managers_customer)
	path = f"{administrator.address}/api/resource/Account Owner Change"
	for response in (
		administrator.session.put(f"{path}/{entry['name']}", json={"reason": "Second thoughts"}, timeout=60),
		administrator.session.delete(f"{path}/{entry['name']}", timeout=60),
		administrator.session.post(path, json={**entry, "name": None}, timeout=60),
	):
		assert response.status_code == 403
	administrator.call(
		"frappe.desk.reportview.delete_items", items=[entry["name"]], doctype="Account Owner Change"
	)
	assert administrator.history("Customer", managers_customer) == [entry]


def test_emptying_the_field_first_hides_no_takeover_by_an_api_key(
	rep, manager, administrator, managers_customer
):
	rep.update("Customer", managers_customer, account_manager=None)
	secret = checked(administrator.call("frappe.core.doctype.user.user.generate_keys", user=rep.user))[
		"message"
	]
	key = f"{administrator.read('User', rep.user)['api_key']}:{secret['api_secret']}"
	taken = requests.put(
		f"{rep.address}/api/resource/Customer/{managers_customer}",
		json={"account_manager": rep.user},
		headers={"Authorization": f"token {key}"},
		timeout=JOB_SECONDS,
	)
	checked(taken)
	newest = rep.history("Customer", managers_customer)[-1]
	assert (newest["kind"], newest["source"], newest["taken_from"]) == ("Assigned", "API", manager.user)
	shown = checked(rep.call(READ, "GET", doctype="Customer", name=managers_customer))["message"]
	name = administrator.read("User", manager.user)["full_name"]
	assert f"took this account over from {name}" in shown["last_change"]["sentence"]


def test_lists_ask_which_accounts_changed_hands(rep, managers_customer):
	rep.update("Customer", managers_customer, account_manager=rep.user)
	method = "crm_transparency.ownership.recent_edits.recently_changed"
	marked = checked(rep.call(method, doctype="Customer", names=[managers_customer]))["message"]
	assert marked[managers_customer]["kind"] == "Taken Over"
