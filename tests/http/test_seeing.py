"""Asking who can see something, and why not, over real requests: a hidden record and none at all give the same answer."""

import json

import pytest

from tests.http.client import checked
from tests.http.restricting import hiding_customer, restrict, withdraw

pytestmark = pytest.mark.http

ANSWERS = "crm_transparency.openness.access_answers"
RECALCULATE = "crm_transparency.openness.report.openness_report.openness_report.recalculate"


@pytest.fixture
def hidden_customer(administrator, manager, rep, managers_customer):
	"""A customer that is hidden from the rep."""
	restriction = restrict(administrator, manager, rep.user, **hiding_customer(managers_customer))
	yield managers_customer
	withdraw(manager, restriction)


def why(client, name, **more):
	return client.call(f"{ANSWERS}.why_not", "GET", of_doctype="Customer", of_name=name, **more)


def test_why_doesnt_tell_a_hidden_customer_from_none_at_all(rep, hidden_customer):
	hidden, missing = why(rep, hidden_customer), why(rep, "No such customer")
	assert hidden.status_code == missing.status_code == 200
	assert hidden.json() == missing.json()
	assert "names the people who may know of it" in hidden.text and hidden_customer not in hidden.text


def test_who_doesnt_either(rep, hidden_customer):
	answers = [
		rep.call(f"{ANSWERS}.who_can_see", "GET", of_doctype="Customer", of_name=name)
		for name in (hidden_customer, "No such customer")
	]
	assert [answer.status_code for answer in answers] == [403, 403]
	told = [
		[json.loads(message)["message"] for message in json.loads(answer.json()["_server_messages"])]
		for answer in answers
	]
	assert told[0] == told[1]


def test_the_manager_sees_that_the_rep_cant(manager, rep, hidden_customer):
	answer = checked(
		manager.call(f"{ANSWERS}.who_can_see", "GET", of_doctype="Customer", of_name=hidden_customer)
	)
	closed_to = {person["user"] for each in answer["message"]["hidden_from"] for person in each["people"]}
	assert rep.user in closed_to


def test_counting_is_for_managers_and_the_counts_of_people_stay_inside(rep, coach):
	assert rep.call(RECALCULATE).status_code == 403
	assert checked(coach.call(RECALCULATE))["message"] is True
	for client in (rep, coach):
		day = client.get_list("Openness Snapshot", fields=["name", "openness"])[0]
		assert 0 < day["openness"] <= 100
		assert not client.read("Openness Snapshot", day["name"]).get("by_person")
		parameters = {"fields": json.dumps(["name", "by_person"])}
		response = client.session.get(
			f"{client.address}/api/resource/Openness Snapshot", params=parameters, timeout=60
		)
		assert not response.ok or not response.json()["data"][0].get("by_person")
	asked = {"report_name": "Openness Report", "filters": json.dumps({"view": "By person"})}
	rows = checked(rep.call("frappe.desk.query_report.run", "GET", **asked))["message"]["result"]
	assert {row["user"] for row in rows} == {rep.user}
