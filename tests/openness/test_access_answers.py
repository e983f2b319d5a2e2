"""Who can see this, and why can't I: answers that agree with the engine, and never tell what is hidden."""

import json

import frappe
import pytest

from crm_transparency.openness import access_answers, limiting_rules, visibility
from tests.openness.permissions_setup import limit, make_territory
from tests.people_and_accounts import acting_as, make_customer, make_user
from tests.restrictions.registering import hide_customers, restrict

pytestmark = pytest.mark.usefixtures("no_other_rules")


@pytest.fixture
def customer():
	return make_customer()


def kinds(doc, user):
	return [rule.kind for rule in limiting_rules.hiding_document(doc, user)]


def test_each_kind_of_rule_is_told_from_the_others(customer, ana, ben, olga):
	hedi = make_user("Hedi", "HR Manager")
	limit(ana, "Territory", make_territory("North"))
	hide_customers([customer.name], olga, user=ben)
	assert kinds(customer, ana) == [limiting_rules.BY_USER_PERMISSION]
	assert kinds(customer, ben) == [limiting_rules.BY_RESTRICTION]
	assert kinds(customer, olga) == []
	if not limiting_rules.role_may_read(hedi, "Customer"):
		assert kinds(customer, hedi) == [limiting_rules.NO_ROLE]


def test_all_user_permissions_that_close_a_document_are_named(customer, ana):
	limit(ana, "Territory", make_territory("North"))
	limit(ana, "Customer", make_customer().name)
	assert {rule.source for rule in limiting_rules.hiding_document(customer, ana)} == {
		"Territory",
		"Customer",
	}


def test_a_shared_document_is_open_whatever_closes_it(customer, ana):
	limit(ana, "Territory", make_territory("North"))
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
	[rule] = limiting_rules.hiding_document(customer, ana)
	assert rule.kind == limiting_rules.BY_APP and rule.source == "frappe.utils.denies_customers"
	with acting_as(ana):
		assert "opened" in access_answers.why_not("Customer", "No such customer")["rules"][0]["text"]


def test_the_answers_agree_with_the_engine_for_everybody(ana, ben, olga):
	north, south = make_territory("North"), make_territory("South")
	customers = [make_customer() for _ in range(4)]
	for customer, territory in zip(customers, (north, north, south, None), strict=True):
		customer.db_set("territory", territory)
	limit(ana, "Territory", north)
	limit(ben, "Customer", customers[2].name)
	hide_customers([customers[0].name], olga, user=ana)
	for customer in customers:
		customer.reload()
		for user in visibility.desk_users():
			rules = limiting_rules.hiding_document(customer, user)
			assert bool(rules) != limiting_rules.can_read(customer, user), (user, rules)


def test_whoever_reads_a_document_sees_who_else_does(customer, ana, ben, olga):
	restriction = hide_customers([customer.name], olga, user=ben)
	with acting_as(ana):
		answer = access_answers.who_can_see("Customer", customer.name)
	assert ana in {person["user"] for person in answer["can_read"]}
	[closed] = [each for each in answer["hidden_from"] if restriction.name in each["rule"]["text"]]
	assert [person["user"] for person in closed["people"]] == [ben]
	assert closed["rule"]["link_name"] == restriction.name
	assert "Sales User" in closed["people"][0]["roles"]
	closed_to = {person["user"] for each in answer["hidden_from"] for person in each["people"]}
	assert answer["people"] == len(answer["can_read"]) + len(closed_to)


def test_whoever_cant_read_a_document_cant_ask_who_does(customer, ben, olga):
	hide_customers([customer.name], olga, user=ben)
	messages = []
	with acting_as(ben):
		for name in (customer.name, "No such customer"):
			with pytest.raises(frappe.PermissionError) as refused:
				access_answers.who_can_see("Customer", name)
			messages.append(str(refused.value))
	assert messages[0] == messages[1]


def test_why_names_the_rule_and_is_the_same_for_a_name_nobody_has(customer, ben, olga):
	restriction = hide_customers([customer.name], olga, user=ben)
	with acting_as(ben):
		hidden = access_answers.why_not("Customer", customer.name)
		frappe.clear_messages()
		missing = access_answers.why_not("Customer", "No such customer")
		assert not frappe.get_message_log()
	assert json.dumps(hidden) == json.dumps(missing)
	assert hidden["readable"] is None
	[rule] = hidden["rules"]
	assert restriction.name in rule["text"] and rule["owner"] == frappe.utils.get_fullname(olga)


def test_without_any_rule_the_name_is_most_likely_wrong(ana):
	with acting_as(ana):
		answer = access_answers.why_not("Customer", "No such customer")
	assert answer["rules"] == [] and "Most likely none with this name" in answer["sentence"]


def test_a_readable_document_says_which_fields_are_hidden(customer, ben, olga):
	restriction = restrict("Customer", olga, user=ben, restriction_kind="Hide Fields", fields="tax_id")
	with acting_as(ben):
		answer = access_answers.why_not("Customer", customer.name)
	assert answer["readable"]
	assert restriction.name in answer["fields"][0]["rule"]["text"]


def test_managers_ask_for_others_and_nobody_else_does(customer, ana, ben, mara):
	limit(ana, "Territory", make_territory("North"))
	with acting_as(mara):
		answer = access_answers.why_not("Customer", customer.name, ana)
		assert answer["readable"] is False and answer["rules"]
		assert answer["rules"][0]["link_doctype"] is None or answer["rules"][0]["link_filters"]
	with acting_as(ben), pytest.raises(frappe.PermissionError):
		access_answers.why_not("Customer", customer.name, ana)


def test_a_manager_who_cant_read_it_learns_nothing_about_it_from_asking_for_others(customer, ana, mara, olga):
	limit(ana, "Territory", make_territory("North"))
	hide_customers([customer.name], olga, user=mara)
	with acting_as(mara):
		hidden = access_answers.why_not("Customer", customer.name, ana)
		assert json.dumps(hidden) == json.dumps(access_answers.why_not("Customer", "No such customer", ana))


def test_only_accounts_and_what_goes_with_them_can_be_asked_about(ana):
	with acting_as(ana):
		with pytest.raises(frappe.ValidationError):
			access_answers.why_not("Employee", "HR-EMP-00001")
		with pytest.raises(frappe.PermissionError):
			access_answers.who_can_see("Employee", "HR-EMP-00001")


def test_guests_and_website_users_get_no_answer(customer):
	visitor = make_user("Vera", user_type="Website User")
	for user in (visitor, "Guest"):
		with acting_as(user), pytest.raises(frappe.PermissionError):
			access_answers.why_not("Customer", customer.name)
		with acting_as(user), pytest.raises(frappe.PermissionError):
			access_answers.who_can_see("Customer", customer.name)


def test_answering_for_all_doesnt_change_whose_session_it_is(customer, ana, olga):
	with acting_as(olga):
		access_answers.who_can_see("Customer", customer.name)
		assert frappe.session.user == olga
