from datetime import timedelta

import frappe
import pytest

from crm_transparency.crm_transparency import registry
from crm_transparency.ownership import reconciliation
from crm_transparency.ownership.ownership_visibility import LEDGER
from tests.ownership.changing_hands import hand, take_over
from tests.people_and_accounts import history, make_customer


@pytest.fixture(autouse=True)
def nothing_is_committed(monkeypatch):
	"""Reconciling commits after each chunk; these tests take everything back in the end."""
	monkeypatch.setattr(frappe.db, "commit", lambda: None)


@pytest.fixture(autouse=True)
def the_baseline_is_written(nothing_is_committed):
	reconciliation.reconcile("Customer")


def silently_set(customer, owner):
	frappe.db.set_value("Customer", customer.name, "account_manager", owner, update_modified=False)


def test_a_silent_change_gets_one_untracked_entry(ana, ben):
	customer = make_customer(account_manager=ana)
	silently_set(customer, ben)
	reconciliation.reconcile("Customer")
	reconciliation.reconcile("Customer")
	_assigned, found = history(customer)
	assert (found.source, found.kind, found.previous_owner, found.new_owner) == (
		"Untracked",
		"Reassigned",
		ana,
		ben,
	)
	assert found.changed_by is None
	assert "directly in the database" in found.reason


def test_a_silent_release_and_a_silent_assignment_are_found(ana):
	released, assigned = make_customer(account_manager=ana), make_customer()
	silently_set(released, None)
	silently_set(assigned, ana)
	reconciliation.reconcile("Customer")
	assert history(released)[-1].kind == "Released"
	assert [(entry.kind, entry.source) for entry in history(assigned)] == [("Assigned", "Untracked")]


def test_the_hour_that_comes_twice_is_no_silent_change(ana, ben):
	customer = make_customer(account_manager=ana)
	take_over(customer, by=ben)
	hand(customer, to=ana, by=ben)
	given_back = history(customer)[-1]
	an_hour_earlier = given_back.changed_on - timedelta(hours=1)
	frappe.db.set_value(LEDGER, given_back.name, "changed_on", an_hour_earlier, update_modified=False)
	reconciliation.reconcile("Customer")
	assert len(history(customer)) == 3


def test_accounts_without_a_silent_change_get_no_entry(ana):
	customer, ownerless = make_customer(account_manager=ana), make_customer()
	reconciliation.reconcile("Customer")
	assert len(history(customer)) == 1
	assert history(ownerless) == []


def start_without_a_ledger():
	frappe.db.delete("Account Owner Change", {"reference_doctype": "Customer"})
	frappe.db.set_value("Tracked Document Type", {"document_type": "Customer"}, "baseline_written_on", None)


def test_an_old_account_that_nobody_had_and_somebody_silently_takes_is_found(ana):
	customer = make_customer()
	start_without_a_ledger()
	reconciliation.reconcile("Customer")
	silently_set(customer, ana)
	reconciliation.reconcile("Customer")
	assert [(entry.kind, entry.source) for entry in history(customer)] == [("Assigned", "Untracked")]


def test_accounts_from_before_the_ledger_get_a_baseline(ana):
	customer = make_customer(account_manager=ana)
	start_without_a_ledger()
	reconciliation.reconcile("Customer")
	(entry,) = history(customer)
	assert (entry.kind, entry.source, entry.previous_owner, entry.new_owner) == (
		"Baseline",
		"Background Job",
		None,
		ana,
	)


def test_an_account_whose_entries_expired_gets_a_baseline_and_not_an_accusation(ana, ben, monkeypatch):
	old = make_customer(account_manager=ana)
	frappe.db.delete("Account Owner Change", {"reference_doctype": "Customer"})
	make_customer(account_manager=ben)
	exists = frappe.db.exists
	monkeypatch.setattr(
		frappe.db, "exists", lambda dt, *args, **kw: dt == "Ledger Pruning" or exists(dt, *args, **kw)
	)
	reconciliation.reconcile("Customer")
	assert [entry.kind for entry in history(old)] == ["Baseline"]


def test_a_doctype_that_is_tracked_from_now_on_gets_its_baselines(ana):
	note = frappe.get_doc(doctype="ToDo", description="Call the printer", assigned_by=ana).insert()
	settings = frappe.get_single(registry.SETTINGS)
	settings.append("tracked_doctypes", {"document_type": "ToDo", "owner_field": "assigned_by", "enabled": 1})
	settings.save()
	reconciliation.reconcile("ToDo")
	assert [entry.kind for entry in history(note)] == ["Baseline"]


def test_a_renamed_account_is_no_silent_change(ana):
	customer = make_customer(account_manager=ana)
	frappe.rename_doc("Customer", customer.name, f"{customer.name} and Sons", force=True)
	customer.name = f"{customer.name} and Sons"
	reconciliation.reconcile("Customer")
	assert history(customer) == []


def test_a_renamed_user_is_no_silent_change(ana):
	customer = make_customer(account_manager=ana)
	frappe.rename_doc("User", ana, ana.replace("ana.", "ana.garcia."), force=True)
	reconciliation.reconcile("Customer")
	assert len(history(customer)) == 1


def test_more_accounts_than_fit_in_a_chunk(ana, ben, monkeypatch):
	monkeypatch.setattr(reconciliation, "ACCOUNTS_AT_A_TIME", 3)
	customers = [make_customer(account_manager=ana) for _ in range(8)]
	for customer in customers[::2]:
		silently_set(customer, ben)
	reconciliation.reconcile("Customer")
	assert [len(history(customer)) for customer in customers] == [2, 1, 2, 1, 2, 1, 2, 1]
