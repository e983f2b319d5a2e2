"""Entries name users as they were called then: renamed people keep what is theirs, and whoever gets an address gets nothing."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_transparency.export_audit.report.exports_by_person_and_week import (
	exports_by_person_and_week as by_week,
)
from crm_transparency.ledger import entries, names
from crm_transparency.ownership import change_reasons, patterns, strip
from crm_transparency.ownership.ownership_visibility import LEDGER
from crm_transparency.ownership.report.account_owner_changes import account_owner_changes as report
from tests.ownership.changing_hands import hand, narrow_to_people_concerned, recorded, take_over
from tests.people_and_accounts import acting_as, history, make_customer, make_user


@pytest.fixture
def customer(ana, ben):
	customer = make_customer(account_manager=ben)
	take_over(customer, by=ana)
	return customer


def rename(user):
	return frappe.rename_doc("User", user, f"new.{user}", force=True)


def newcomer(address, first_name="Nora"):
	"""A new colleague who gets an address that somebody else had."""
	user = frappe.get_doc(doctype="User", email=address, first_name=first_name, send_welcome_email=0)
	user.append_roles("Sales User")
	return user.insert().name


def seen_by(user, customer):
	with acting_as(user):
		listed = frappe.get_list(LEDGER, filters={"reference_name": customer.name}, pluck="name")
		_columns, rows, *_rest = report.execute({})
		in_report = [row.name for row in rows if row.reference_name == customer.name]
		change = strip.read("Customer", customer.name)["last_change"]
	assert set(in_report) == set(listed)
	return len(listed), bool(change)


def patterns_of(user):
	today = nowdate()
	return [found.takeovers for found in patterns.takeover_patterns(add_days(today, -1), today, user=user)]


def test_a_renamed_user_sees_their_own_entries_and_whoever_gets_the_address_sees_none(customer, ana):
	narrow_to_people_concerned()
	renamed = rename(ana)
	somebody_else = newcomer(ana)
	assert seen_by(renamed, customer) == (1, True)
	assert seen_by(somebody_else, customer) == (0, False)
	assert patterns_of(renamed) == [1] and patterns_of(somebody_else) == []
	entry = history(customer)[-1].name
	with acting_as(somebody_else), pytest.raises(frappe.PermissionError):
		change_reasons.give(entry, "Not mine")
	with acting_as(renamed):
		change_reasons.give(entry, "The customer called.")
		assert len(frappe.get_list("Account Owner Change Reason")) == 1


def test_both_count_when_each_took_an_account_over(customer, ana, ben):
	renamed, somebody_else = rename(ana), newcomer(ana)
	for _number in range(2):
		recorded(previous_owner=ben, new_owner=ana, changed_by=ana)
	assert patterns_of(renamed) == [1] and patterns_of(somebody_else) == [2]
	today = nowdate()
	found = {pattern.person: pattern.takeovers for pattern in patterns.takeover_patterns(today, today)}
	assert (found[renamed], found[somebody_else]) == (1, 2)


def test_entries_keep_the_name_of_the_time_when_an_address_is_used_again(customer, ana, ben, cleo, mona):
	hand(customer, to=cleo, by=ana)
	frappe.delete_doc("User", ana, force=True)
	assert strip.read("Customer", customer.name)["last_change"]["sentence"].startswith("Ana handed")
	newcomer(ana)
	assert strip.read("Customer", customer.name)["last_change"]["sentence"].startswith("Ana handed")
	with acting_as(mona):
		_columns, rows, *_rest = report.execute(
			{"reference_doctype": "Customer", "reference_name": customer.name}
		)
	assert [row.changed_by_name for row in rows] == ["Ana", "Ana", "Administrator"]
	boot = frappe._dict(crm_transparency={})
	names.add_to_bootinfo(boot)
	((until, called),) = boot.crm_transparency["former_people"][ana]
	assert called == "Ana" and str(history(customer)[-1].changed_on) <= until
	narrow_to_people_concerned()
	assert seen_by(ana, customer) == (0, False)
	assert patterns_of(ana) == [] and patterns_of("Ana") == [1]


def test_a_name_given_up_twice_is_followed_by_time(ana):
	first = rename(ana)
	second = frappe.rename_doc("User", newcomer(ana), f"second.{ana}", force=True)
	changes = frappe.get_all(
		names.LEDGER, filters={"old_name": ana}, fields=["changed_on", "new_name"], order_by="name"
	)
	assert [names.current_name("User", ana, at=change.changed_on) for change in changes] == [first, second]


def test_exports_by_week_show_a_renamed_person_once(mona):
	exporter = make_user("Ella")
	for is_renamed in (False, True):
		user = rename(exporter) if is_renamed else exporter
		entries.add_at_once(
			"Export Log",
			user=user,
			channel="List Export",
			reference_doctype="Customer",
			row_count=3,
			exported_on=frappe.utils.now(),
		)
	with acting_as(mona):
		_columns, rows, *_rest = by_week.execute({"everyone": 1})
	mine = [row for row in rows if row["indent"] == 0 and row["user"] in (exporter, user)]
	assert [(row["user"], row["exports"], row["person_name"]) for row in mine] == [(user, 2, "Ella")]
