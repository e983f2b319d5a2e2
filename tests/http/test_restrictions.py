"""Restrictions over real HTTP: what a script with a restricted user's session gets, by every way we know."""

import json
import re
import secrets
from datetime import date, timedelta

import pytest
import requests

from tests.http.client import checked
from tests.http.conftest import first_leaf
from tests.http.restricting import ANSWERS, DECISIONS, REASON, hiding_customer, restrict, withdraw

pytestmark = pytest.mark.http


@pytest.fixture
def hidden(administrator, manager, rep, managers_customer):
	"""A customer with a contact, hidden from the rep."""
	contact = administrator.create(
		"Contact",
		first_name="Mila",
		links=[{"link_doctype": "Customer", "link_name": managers_customer}],
	)["name"]
	name = restrict(administrator, manager, rep.user, **hiding_customer(managers_customer))
	yield managers_customer, contact
	withdraw(manager, name)


def test_rest_refuses_it_and_says_why(rep, hidden):
	customer, contact = hidden
	for doctype, name in (("Customer", customer), ("Contact", contact)):
		for version in ("resource", "v2/document"):
			response = rep.session.get(f"{rep.address}/api/{version}/{doctype}/{name}", timeout=60)
			assert response.status_code == 403, (version, response.text)
			assert REASON.rstrip(".") in response.text, (version, response.text)


NOBODYS_NAME = "Nobody's Mill Ltd"
OPENING = [
	("frappe.desk.form.load.getdoc", "name"),
	("frappe.desk.form.load.get_docinfo", "name"),
	("frappe.desk.form.linked_with.get", "docname"),
	("frappe.desk.link_preview.get_preview_data", "docname"),
	("frappe.desk.search.get_link_title", "docname"),
	("frappe.client.get", "name"),
	("frappe.client.validate_link", "docname"),
	("frappe.client.delete", "name"),
	("frappe.utils.print_format.download_pdf", "name"),
]


def test_opening_a_name_is_answered_the_same_whether_it_is_hidden_or_nobodys(rep, hidden):
	customer, _contact = hidden
	for version in ("resource", "v1/resource", "v2/document"):
		addresses = [f"{rep.address}/api/{version}/Customer/{name}" for name in (customer, NOBODYS_NAME)]
		for method in ("GET", "PUT", "DELETE"):
			assert_alike(*(rep.session.request(method, address, timeout=60) for address in addresses))
	for method, argument in OPENING:
		for http_method in ("GET", "POST"):
			assert_alike(
				*(
					rep.call(method, http_method, doctype="Customer", **{argument: name})
					for name in (customer, NOBODYS_NAME)
				)
			)
	parameters = {"doctype": "Customer", "format": "Standard"}
	assert_alike(
		*(
			rep.session.get(f"{rep.address}/printview", params={**parameters, "name": name}, timeout=60)
			for name in (customer, NOBODYS_NAME)
		)
	)


def assert_alike(hidden, missing):
	told = [(answer.status_code, sorted(messages(answer))) for answer in (hidden, missing)]
	assert told[0] == told[1], (hidden.url, hidden.text[:2000], missing.text[:2000])


def messages(answer) -> list[str]:
	"""Return what a reader is told, without traces and the numbers by which Frappe finds them again."""
	if not answer.headers.get("Content-Type", "").startswith("application/json"):
		return []
	told = json.loads(re.sub(r"__frappe_exc_id(\W+)\w+", r"\1", answer.text))
	return [
		f"{key}: {told.get(key)}"
		for key in ("message", "docs", "data", "exc_type", "_server_messages", "errors")
	]


def test_a_restricted_rep_goes_on_adding_customers_under_new_names(rep, hidden):
	name = f"New Quay {secrets.token_hex(4)}"
	values = {"doctype": "Customer", "name": name, "customer_name": name, "customer_type": "Company"}
	response = rep.session.post(f"{rep.address}/api/resource/Customer", json=values, timeout=120)
	assert response.ok, response.text
	made = response.json()["data"]["name"]
	assert checked(rep.call("frappe.client.get", doctype="Customer", name=made))["message"]["name"] == made


def test_an_api_key_opens_nothing_that_the_session_does_not(administrator, rep, hidden):
	customer, contact = hidden
	method = "frappe.core.doctype.user.user.generate_keys"
	secret = checked(administrator.call(method, user=rep.user))["message"]["api_secret"]
	headers = {"Authorization": f"token {administrator.read('User', rep.user)['api_key']}:{secret}"}
	for path, parameters in (
		(f"resource/Customer/{customer}", {}),
		("method/frappe.share.get_users", {"doctype": "Customer", "name": customer}),
		("method/frappe.contacts.doctype.contact.contact.get_contact_details", {"contact": contact}),
		("method/frappe.desk.search.get_link_title", {"doctype": "Customer", "docname": customer}),
	):
		answer = requests.get(f"{rep.address}/api/{path}", params=parameters, headers=headers, timeout=60)
		assert answer.status_code == 403, (path, answer.text)
		assert "Mila" not in answer.text


def test_lists_by_every_way_leave_it_out(rep, hidden):
	customer, contact = hidden
	wanted = json.dumps([["Customer", "name", "=", customer]])
	answers = [
		rep.session.get(f"{rep.address}/api/resource/Customer", params={"limit_page_length": 0}, timeout=60),
		rep.session.get(f"{rep.address}/api/v2/document/Customer", params={"limit": 10000}, timeout=60),
		rep.session.get(f"{rep.address}/api/resource/Contact", params={"limit_page_length": 0}, timeout=60),
		rep.call("frappe.client.get_list", doctype="Customer", limit_page_length=0),
		rep.call("frappe.client.get_value", doctype="Customer", fieldname="customer_name", filters=wanted),
		rep.call(
			"frappe.desk.reportview.get", doctype="Customer", fields=json.dumps(["name"]), page_length=10000
		),
		rep.call("frappe.desk.search.search_link", doctype="Customer", txt="Quayside", page_length=1000),
		rep.call("frappe.utils.global_search.search", text=customer.rsplit(" ", 1)[1]),
	]
	for response in answers:
		assert response.ok, response.text
		assert customer not in response.text and contact not in response.text, response.url
	count = rep.call("frappe.client.get_count", doctype="Customer", filters=wanted)
	assert checked(count)["message"] == 0
	count = rep.call("frappe.desk.reportview.get_count", doctype="Customer", filters=wanted)
	assert checked(count).get("message", 0) == 0


@pytest.mark.parametrize(
	("method", "arguments"),
	[
		("frappe.desk.form.load.getdoc", {"doctype": "Customer", "name": "{customer}"}),
		("frappe.desk.form.load.get_docinfo", {"doctype": "Customer", "name": "{customer}"}),
		("frappe.desk.form.linked_with.get", {"doctype": "Customer", "docname": "{customer}"}),
		("frappe.desk.search.get_link_title", {"doctype": "Customer", "docname": "{customer}"}),
		("frappe.desk.notifications.get_open_count", {"doctype": "Customer", "name": "{customer}"}),
		("frappe.client.get", {"doctype": "Customer", "name": "{customer}"}),
		("frappe.client.validate_link", {"doctype": "Customer", "docname": "{customer}"}),
		("frappe.utils.print_format.download_pdf", {"doctype": "Customer", "name": "{customer}"}),
		("frappe.contacts.doctype.contact.contact.get_contact_details", {"contact": "{contact}"}),
		("frappe.contacts.doctype.contact.contact.download_vcard", {"contact": "{contact}"}),
		("crm_transparency.ownership.strip.read", {"doctype": "Customer", "name": "{customer}"}),
		("frappe.share.get_users", {"doctype": "Customer", "name": "{customer}"}),
	],
)
def test_no_method_tells_about_it_by_name(rep, hidden, method, arguments):
	customer, contact = hidden
	arguments = {key: value.format(customer=customer, contact=contact) for key, value in arguments.items()}
	http_method = "POST" if method in ("frappe.client.validate_link",) else "GET"
	response = rep.call(method, http_method, **arguments)
	assert response.status_code in (403, 417), response.text
	assert "Mila" not in response.text


def test_several_names_in_one_request_are_looked_at_one_by_one(rep, hidden):
	customer, _contact = hidden
	seen = rep.get_list("Customer", filters={"name": ["!=", customer]}, limit_page_length=1)[0]["name"]
	for names, is_refused in (([seen], False), ([seen, customer], True), ([seen, NOBODYS_NAME], True)):
		answer = rep.call(
			"frappe.desk.form.assign_to.add_multiple",
			doctype="Customer",
			name=names,
			assign_to=[rep.user],
			description="Please call",
		)
		assert (answer.status_code == 403) is is_refused, (names, answer.text)


def test_conditions_instead_of_a_name_open_nothing(rep, hidden):
	customer, _contact = hidden
	for method in ("frappe.desk.form.load.getdoc", "frappe.client.get", "frappe.client.delete"):
		for conditions in (
			lambda name: {"customer_name": name},
			lambda name: [["customer_name", "=", name]],
			lambda name: ["customer_name", "=", name],
		):
			answers = [
				rep.session.post(
					f"{rep.address}/api/method/{method}",
					json={"doctype": "Customer", "name": conditions(name)},
					timeout=60,
				)
				for name in (customer, NOBODYS_NAME)
			]
			assert {answer.status_code for answer in answers} == {403}, [answer.text for answer in answers]
			assert_alike(*answers)


SECRET = "DE-4711-SECRET"


@pytest.fixture
def hidden_number(administrator, manager, rep, managers_customer):
	"""A customer whose tax number is hidden from the rep."""
	manager.update("Customer", managers_customer, tax_id=SECRET)
	rule = {"document_type": "Customer", "restriction_kind": "Hide Fields", "fields": "tax_id"}
	name = restrict(administrator, manager, rep.user, **rule)
	yield managers_customer
	withdraw(manager, name)


def test_saving_a_document_does_not_bring_its_hidden_values_along(rep, manager, hidden_number):
	for client, is_told in ((rep, False), (manager, True)):
		opened = checked(client.call("frappe.desk.form.load.getdoc", doctype="Customer", name=hidden_number))
		path = f"{client.address}/api/resource/Customer/{hidden_number}"
		answers = [
			client.call("frappe.desk.form.save.savedocs", doc=opened["docs"][0], action="Save"),
			client.session.put(path, json={"website": "https://mill.example"}, timeout=60),
			client.call(
				"frappe.client.set_value",
				doctype="Customer",
				name=hidden_number,
				fieldname="website",
				value="https://quay.example",
			),
			client.session.get(path, params={"expand_links": "true"}, timeout=60),
		]
		for answer in answers:
			assert answer.ok, answer.text
			assert (SECRET in answer.text) is is_told, (answer.url, answer.text)
	assert manager.read("Customer", hidden_number)["tax_id"] == SECRET


def test_no_search_goes_by_a_hidden_field(rep, hidden_number):
	"""Searches of apps put the field into SQL of their own, so they are called with it directly, too."""
	for method in (
		"frappe.desk.search.search_link",
		"frappe.contacts.doctype.contact.contact.contact_query",
	):
		answer = rep.session.post(
			f"{rep.address}/api/method/{method}",
			json={"doctype": "Customer", "txt": "DE-4711", "searchfield": "tax_id", "start": 0, "page_len": 5}
			| {"filters": {"link_doctype": "Customer", "link_name": hidden_number}},
			timeout=60,
		)
		assert answer.status_code == 403, (method, answer.text)


def test_nobody_takes_the_draft_of_a_restriction_over(rep, administrator, manager):
	draft = administrator.create(
		"Access Restriction",
		applies_to="Role",
		role="Sales Manager",
		reason_category="Contract",
		reason=REASON,
		business_owner=manager.user,
		review_by=str(date.today() + timedelta(days=100)),
		**ANSWERS,
		**hiding_customer(NOBODYS_NAME),
	)["name"]
	path = f"{rep.address}/api/resource/Access Restriction/{draft}"
	assert rep.session.put(path, json={"business_owner": rep.user}, timeout=60).status_code == 403
	assert not rep.call(f"{DECISIONS}.activate", restriction=draft).ok
	administrator.session.delete(path, timeout=60).raise_for_status()


def test_the_print_view_refuses_it(rep, hidden):
	customer, _contact = hidden
	response = rep.session.get(
		f"{rep.address}/printview", params={"doctype": "Customer", "name": customer}, timeout=60
	)
	assert response.status_code == 403 or "Not Permitted" in response.text or "Restricted" in response.text
	assert first_leaf(rep, "Territory") not in response.text


def test_colleagues_go_on_seeing_it(manager, hidden):
	customer, contact = hidden
	assert manager.read("Customer", customer)["name"] == customer
	assert manager.get_list("Contact", filters={"name": contact})
