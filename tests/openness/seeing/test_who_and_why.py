"""Who can see this, and why can't I: answers that agree with the engine, and never tell what is hidden."""

import json

import frappe
import pytest

from crm_transparency.openness import visibility
from crm_transparency.openness.seeing import answers, api, verdicts
from tests.openness.opening import close, make_territory
from tests.people_and_accounts import acting_as, make_customer, make_user
from tests.restrictions.registering import hide_customers, restrict


@pytest.fixture
def customer():
	return make_customer()


def kinds(doc, user):
	return [rule.kind for rule in verdicts.rules_against(doc, user)]


def test_each_kind_of_rule_is_told_from_the_others(customer, ana, ben, olga):
	hedi = make_user("Hedi", "HR Manager")
	close(ana, "Territory", make_territory("North"))
	hide_customers([customer.name], olga, user=ben)
	assert kinds(customer, ana) == [visibility.BY_USER_PERMISSION]
	assert kinds(customer, ben) == [visibility.BY_RESTRICTION]
	assert kinds(customer, olga) == []
	if not visibility.role_may_read(hedi, "Customer"):
		assert kinds(customer, hedi) == [visibility.NO_ROLE]


def test_all_user_permissions_that_close_a_document_are_named(customer, ana):
	close(ana, "Territory", make_territory("North"))
	close(ana, "Customer", make_customer().name)
	assert {rule.source for rule in verdicts.rules_against(customer, ana)} == {"Territory", "Customer"}


def test_a_shared_document_is_open_whatever_closes_it(customer, ana):
	close(ana, "Territory", make_territory("North"))
	frappe.share.add("Customer", customer.name, ana, read=1)
	assert kinds(customer, ana) == []


def test_another_apps_hook_is_named(customer, ana, monkeypatch):
	hooks = frappe.get_hooks
	denying = {**hooks("has_permission"), "Customer": ["frappe.utils.denies_customers"]}
	monkeypatch.setattr("frappe.utils.denies_customers", lambda doc, user: False, raising=False)
	monkeypatch.setattr(
		frappe,
		"get_hooks",
		lambda hook=None, *rest, **more: denying if hook == "has_permission" else hooks(hook, *rest, **more),
	)
	[rule] = verdicts.rules_against(customer, ana)
	assert rule.kind == visibility.BY_APP and rule.source == "frappe.utils.denies_customers"
	with acting_as(ana):
		assert "opened" in api.why_not("Customer", "No such customer")["rules"][0]["text"]


def test_the_answers_agree_with_the_engine_for_everybody(ana, ben, olga):
	north, south = make_territory("North"), make_territory("South")
	customers = [make_customer() for _ in range(4)]
	for customer, territory in zip(customers, (north, north, south, None), strict=True):
		customer.db_set("territory", territory)
	close(ana, "Territory", north)
	close(ben, "Customer", customers[2].name)
	hide_customers([customers[0].name], olga, user=ana)
	for customer in customers:
		customer.reload()
		for user, rules in verdicts.of(customer).items():
			assert bool(rules) != verdicts.can_read(customer, user), (user, rules)


def test_whoever_reads_a_document_sees_who_else_does(customer, ana, ben, olga):
	restriction = hide_customers([customer.name], olga, user=ben)
	with acting_as(ana):
		answer = api.who_can_see("Customer", customer.name)
	assert ana in {person["user"] for person in answer["open_to"]}
	[closed] = [each for each in answer["closed"] if restriction.name in each["rule"]["text"]]
	assert [person["user"] for person in closed["people"]] == [ben]
	assert closed["rule"]["link_name"] == restriction.name
	assert "Sales User" in closed["people"][0]["roles"]
	closed_to = {person["user"] for each in answer["closed"] for person in each["people"]}
	assert answer["people"] == len(answer["open_to"]) + len(closed_to)


def test_whoever_cant_read_a_document_cant_ask_who_does(customer, ben, olga):
	hide_customers([customer.name], olga, user=ben)
	messages = []
	with acting_as(ben):
		for name in (customer.name, "No such customer"):
			with pytest.raises(frappe.PermissionError) as refused:
				api.who_can_see("Customer", name)
			messages.append(str(refused.value))
	assert messages[0] == messages[1]


def test_why_names_the_rule_and_is_the_same_for_a_name_nobody_has(customer, ben, olga):
	restriction = hide_customers([customer.name], olga, user=ben)
	with acting_as(ben):
		hidden = api.why_not("Customer", customer.name)
		frappe.clear_messages()
		missing = api.why_not("Customer", "No such customer")
		assert not frappe.get_message_log()
	assert json.dumps(hidden) == json.dumps(missing)
	assert hidden["readable"] is None
	[rule] = hidden["rules"]
	assert restriction.name in rule["text"] and rule["owner"] == frappe.utils.get_fullname(olga)


def test_without_any_rule_the_name_is_most_likely_wrong(ana):
	with acting_as(ana):
		answer = api.why_not("Customer", "No such customer")
	assert answer["rules"] == [] and "most likely none of this name" in answer["sentence"]


def test_a_readable_document_says_which_fields_are_hidden(customer, ben, olga):
	restriction = restrict("Customer", olga, user=ben, restriction_kind="Hide Fields", fields="tax_id")
	with acting_as(ben):
		answer = api.why_not("Customer", customer.name)
	assert answer["readable"]
	assert restriction.name in answer["fields"][0]["rule"]["text"]


def test_managers_ask_for_others_and_nobody_else_does(customer, ana, ben, mara):
	close(ana, "Territory", make_territory("North"))
	with acting_as(mara):
		answer = api.why_not("Customer", customer.name, ana)
		assert answer["readable"] is False and answer["rules"]
		assert answer["rules"][0]["link_doctype"] is None or answer["rules"][0]["link_filters"]
	with acting_as(ben), pytest.raises(frappe.PermissionError):
		api.why_not("Customer", customer.name, ana)


def test_a_manager_who_cant_read_it_learns_nothing_about_it_from_asking_for_others(customer, ana, mara, olga):
	close(ana, "Territory", make_territory("North"))
	hide_customers([customer.name], olga, user=mara)
	with acting_as(mara):
		hidden = api.why_not("Customer", customer.name, ana)
		assert json.dumps(hidden) == json.dumps(api.why_not("Customer", "No such customer", ana))


def test_only_accounts_and_what_goes_with_them_can_be_asked_about(ana):
	with acting_as(ana):
		with pytest.raises(frappe.ValidationError):
			api.why_not("Employee", "HR-EMP-00001")
		with pytest.raises(frappe.PermissionError):
			api.who_can_see("Employee", "HR-EMP-00001")


def test_guests_and_website_users_get_no_answer(customer):
	visitor = make_user("Vera", user_type="Website User")
	for user in (visitor, "Guest"):
		with acting_as(user), pytest.raises(frappe.PermissionError):
			api.why_not("Customer", customer.name)
		with acting_as(user), pytest.raises(frappe.PermissionError):
			api.who_can_see("Customer", customer.name)


def test_answering_for_all_doesnt_change_whose_session_it_is(customer, ana, olga):
	with acting_as(olga):
		answers.who_can_see("Customer", customer.name)
		assert frappe.session.user == olga
