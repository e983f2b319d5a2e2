"""Taking over an account on a detour: whoever had it and didn't give it away is who it was taken from."""

from datetime import timedelta

import frappe
import pytest
from frappe.utils import add_days, now_datetime, nowdate

from crm_transparency.crm_transparency import registry
from crm_transparency.ownership import changes, patterns, strip
from crm_transparency.ownership.ownership_visibility import LEDGER
from crm_transparency.ownership.report.account_owner_changes import account_owner_changes as report
from tests.ownership.changing_hands import hand, narrow_to_people_concerned, take_over
from tests.people_and_accounts import acting_as, history, make_customer


@pytest.fixture
def customer(ben):
	return make_customer(account_manager=ben)


@pytest.fixture
def told(monkeypatch):
	"""Whom the notices are for that would be sent once the changes are committed, in order."""
	queue = []

	def enqueue(method, entry=None, **kwargs):
		if method is changes.send_takeover_notice:
			queue.extend(changes.who_lost_it(frappe.get_doc(LEDGER, entry)))

	monkeypatch.setattr(frappe, "enqueue", enqueue)
	return queue


def taken_from(customer):
	return history(customer)[-1].taken_from or None


def takeovers_of(person):
	today = nowdate()
	found = patterns.takeover_patterns(add_days(today, -89), today, user=person)
	return {taken.colleague: taken.takeovers for pattern in found for taken in pattern.colleagues}


def days_pass(customer, days):
	for change in history(customer):
		moment = change.changed_on - timedelta(days=days)
		frappe.db.set_value(LEDGER, change.name, "changed_on", moment, update_modified=False)


def test_emptying_the_field_first_hides_nothing(customer, ana, ben, told):
	hand(customer, to=None, by=ana)
	take_over(customer, by=ana)
	newest = history(customer)[-1]
	assert (newest.kind, newest.previous_owner, newest.taken_from) == ("Assigned", None, ben)
	shown = strip.read("Customer", customer.name)["last_change"]
	assert shown["sentence"] == "Ana took this account over from Ben, after it had no owner in between"
	assert takeovers_of(ana) == {ben: 1}
	assert told == [ben, ben], "of both steps"


def test_letting_a_third_person_have_it_hides_nothing(customer, ana, ben, cleo, told):
	hand(customer, to=cleo, by=ana)
	take_over(customer, by=ana)
	newest = history(customer)[-1]
	assert (newest.kind, newest.previous_owner, newest.taken_from) == ("Taken Over", cleo, ben)
	shown = strip.read("Customer", customer.name)["last_change"]
	assert shown["sentence"] == "Ana took this account over from Ben, after Cleo had it in between"
	assert takeovers_of(ana) == {ben: 1}
	assert told == [cleo, ben]


@pytest.mark.parametrize("released", [False, True])
def test_a_third_person_who_passes_it_on_hides_nothing(customer, ana, ben, cleo, released):
	hand(customer, to=None if released else cleo, by=ana)
	hand(customer, to=ana, by=cleo)
	assert taken_from(customer) == ben
	shown = strip.read("Customer", customer.name)["last_change"]
	assert shown["sentence"] == "Cleo passed this account on to Ana, who had taken it from Ben"
	assert takeovers_of(ana) == {ben: 1} and takeovers_of(cleo) == {}


def test_a_colleague_who_empties_the_field_hides_nothing(customer, ana, ben, cleo):
	hand(customer, to=None, by=cleo)
	take_over(customer, by=ana)
	assert taken_from(customer) == ben and takeovers_of(ana) == {ben: 1}


def test_what_was_given_away_is_not_taken(customer, ana, ben):
	hand(customer, to=None, by=ben)
	take_over(customer, by=ana)
	assert taken_from(customer) is None and takeovers_of(ana) == {}


def test_what_a_manager_moved_is_taken_from_the_new_owner(customer, ana, ben, cleo, mona):
	hand(customer, to=cleo, by=mona)
	take_over(customer, by=ana)
	assert taken_from(customer) is None and takeovers_of(ana) == {cleo: 1}


def test_what_a_transfer_moved_is_not_taken(customer, ana, ben):
	with changes.account_transfer("Transfer 1"):
		hand(customer, to=None, by=ana)
	take_over(customer, by=ana)
	assert taken_from(customer) is None and takeovers_of(ana) == {}


def test_taking_back_what_one_had_is_not_taken_from_oneself(customer, ana, ben):
	hand(customer, to=None, by=ana)
	take_over(customer, by=ben)
	assert taken_from(customer) is None and takeovers_of(ben) == {}


def test_after_the_days_of_the_setting_nobody_has_a_claim(customer, ana, ben):
	hand(customer, to=None, by=ana)
	days_pass(customer, 31)
	take_over(customer, by=ana)
	assert taken_from(customer) is None


def test_the_days_can_be_set(customer, ana, ben):
	settings = frappe.get_single(registry.SETTINGS)
	assert settings.taken_from_days == 30
	settings.taken_from_days = 40
	settings.save()
	hand(customer, to=None, by=ana)
	days_pass(customer, 31)
	take_over(customer, by=ana)
	assert taken_from(customer) == ben


def test_emptying_the_field_in_the_database_hides_nothing(customer, ana, ben):
	frappe.db.set_value("Customer", customer.name, "account_manager", None)
	frappe.clear_document_cache("Customer", customer.name)
	take_over(customer, by=ana)
	assert taken_from(customer) == ben


def test_merging_it_into_an_own_account_hides_nothing(customer, ana, ben, told):
	own = make_customer(account_manager=ana)
	told.clear()
	with acting_as(ana):
		frappe.rename_doc("Customer", customer.name, own.name, merge=True, force=True)
	newest = history(own)[-1]
	assert (newest.kind, newest.previous_owner, newest.new_owner) == ("Taken Over", ben, ana)
	assert told == [ben] and takeovers_of(ana) == {ben: 1}


def test_emptying_and_merging_hides_nothing(customer, ana, ben):
	own = make_customer(account_manager=ana)
	hand(customer, to=None, by=ana)
	with acting_as(ana):
		frappe.rename_doc("Customer", customer.name, own.name, merge=True, force=True)
	assert taken_from(own) == ben


def test_merging_two_accounts_of_the_same_person_is_no_change(customer, ben):
	other = make_customer(account_manager=ben)
	frappe.rename_doc("Customer", customer.name, other.name, merge=True, force=True)
	assert [change.kind for change in history(other)] == ["Assigned"]


@pytest.mark.parametrize("emptied_first", [False, True])
def test_deleting_it_and_adding_it_anew_hides_nothing(customer, ana, ben, told, emptied_first):
	if emptied_first:
		hand(customer, to=None, by=ana)
	anew = frappe.copy_doc(customer)
	with acting_as(ana):
		frappe.delete_doc("Customer", customer.name, force=True, ignore_permissions=True)
		anew.account_manager = ana
		anew.insert()
	assert taken_from(anew) == ben
	assert told == [ben, ben] and takeovers_of(ana) == {ben: 1}


def test_a_copy_takes_nothing_from_whoever_has_the_original(customer, ana, ben):
	with acting_as(ana):
		copy = frappe.copy_doc(customer)
		copy.account_manager = ana
		copy.insert()
	assert taken_from(copy) is None
	assert frappe.db.get_value("Customer", customer.name, "account_manager") == ben


def test_an_import_hides_nothing(customer, ana, ben, told):
	frappe.flags.in_import = True
	hand(customer, to=None, by=ana)
	take_over(customer, by=ana)
	newest = history(customer)[-1]
	assert (newest.source, newest.taken_from) == ("Data Import", ben)
	assert told == [ben, ben]


def test_closing_the_field_to_the_colleague_hides_nothing(customer, ana, ben, told):
	from frappe.custom.doctype.property_setter.property_setter import make_property_setter

	make_property_setter(
		"Customer", "account_manager", "permlevel", 1, "Int", validate_fields_for_doctype=False
	)
	frappe.clear_cache(doctype="Customer")
	with acting_as(ana):
		for owner in (None, ana):
			customer.reload()
			customer.flags.ignore_permissions = True
			customer.account_manager = owner
			customer.save()
	assert taken_from(customer) == ben and told == [ben, ben]
	with acting_as(ben):
		assert "from Ben" in strip.read("Customer", customer.name)["last_change"]["sentence"]


def test_the_person_it_was_taken_from_sees_the_entry(customer, ana, ben):
	hand(customer, to=None, by=ana)
	take_over(customer, by=ana)
	narrow_to_people_concerned()
	with acting_as(ben):
		assert strip.read("Customer", customer.name)["last_change"]["kind"] == "Assigned"
		assert len(frappe.get_list(LEDGER, filters={"reference_name": customer.name})) == 3


def test_the_report_lists_exactly_the_takeovers_that_the_patterns_count(ana, ben, cleo, mona):
	on_detour, straight, third = (make_customer(account_manager=ben) for _number in range(3))
	hand(on_detour, to=None, by=ana)
	take_over(on_detour, by=ana)
	take_over(straight, by=ana)
	hand(third, to=cleo, by=ana)
	take_over(third, by=ana)
	take_over(make_customer(account_manager=ana), by=ben)
	with acting_as(mona):
		_columns, rows, *_rest = report.execute({"takeovers": 1, "new_owner": ana, "previous_owner": ben})
		_columns, of_cleo, *_rest = report.execute({"takeovers": 1, "new_owner": ana, "previous_owner": cleo})
	assert {row.reference_name for row in rows} == {on_detour.name, straight.name, third.name}
	assert {row.taken_from_name for row in rows} == {None, "Ben"}
	assert of_cleo == [] and takeovers_of(ana) == {ben: 3}


def test_a_release_by_others_is_told_and_ones_own_is_not(customer, ana, ben, told):
	hand(customer, to=None, by=ana)
	assert told == [ben]
	other = make_customer(account_manager=ben)
	told.clear()
	hand(other, to=None, by=ben)
	assert told == []


def test_a_notice_says_what_happened(customer, ana, ben, monkeypatch):
	monkeypatch.setattr(frappe, "enqueue", lambda *args, **kwargs: None)
	monkeypatch.setattr(frappe, "sendmail", lambda **mail: None)
	name = customer.customer_name
	with acting_as(ana):
		frappe.delete_doc("Customer", customer.name, force=True, ignore_permissions=True)
	changes.send_takeover_notice(history(customer)[-1].name)
	subject = frappe.get_all("Notification Log", filters={"for_user": ben}, pluck="subject")[0]
	assert frappe.utils.strip_html(subject) == f"Ana deleted {name}, which was with you"


def test_what_a_transfer_gave_back_was_not_given_back_by_hand(customer, ana, ben):
	take_over(customer, by=ana)
	with changes.account_transfer("Transfer 1"):
		hand(customer, to=ben, by="Administrator")
	today = nowdate()
	(pattern,) = patterns.takeover_patterns(add_days(today, -1), today, user=ana)
	assert (pattern.takeovers, pattern.given_back) == (1, 0)


def test_giving_back_in_the_hour_that_comes_twice(customer, ana, ben):
	take_over(customer, by=ana)
	hand(customer, to=ben, by=ana)
	assigned, taken, given_back = history(customer)
	later, earlier = now_datetime(), now_datetime() - timedelta(minutes=30)
	frappe.db.set_value(LEDGER, taken.name, "changed_on", later, update_modified=False)
	frappe.db.set_value(LEDGER, given_back.name, "changed_on", earlier, update_modified=False)
	frappe.db.set_value(LEDGER, assigned.name, "changed_on", earlier, update_modified=False)
	assert strip.read("Customer", customer.name)["last_change"]["kind"] == "Handed Over"
	today = nowdate()
	(pattern,) = patterns.takeover_patterns(add_days(today, -1), today, user=ana)
	assert pattern.given_back == 1
