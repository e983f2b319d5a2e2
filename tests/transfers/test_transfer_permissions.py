"""Who may transfer: managers any account, everybody else their own, and a sentence for the others."""

import frappe
import pytest

from crm_transparency.transfers import transfer_actions
from tests.people_and_accounts import acting_as, history, make_customer, make_user
from tests.transfers.transferring import (
	as_filters,
	carried_out,
	draft,
	items,
	make_customers,
	owner_of,
	previewed,
	undone,
	worked_off,
)


@pytest.fixture
def rita():
	"""A rep, with no other role."""
	return make_user("Rita")


@pytest.mark.parametrize("role", ["Transparency Manager", "Offboarding Manager", "HR Manager"])
def test_managers_transfer_anybodys_accounts_without_permission_on_each(role, rita, ben):
	manager = make_user("Mona", role)
	customer = make_customer(account_manager=rita)
	with acting_as(manager):
		assert not frappe.has_permission("Customer", "write", doc=customer.name)
		transfer = carried_out(ben, from_user=rita, mode="Full Save")
	assert transfer.transferred == 1 and owner_of(customer) == ben
	assert history(customer)[-1].changed_by == manager


def test_the_form_learns_whose_accounts_may_be_transferred(rita):
	with acting_as(rita):
		assert not transfer_actions.may_transfer_any()
	with acting_as(make_user("Mona", "HR Manager")):
		assert transfer_actions.may_transfer_any()
	outsider = make_user("Walt", user_type="Website User")
	with acting_as(outsider), pytest.raises(frappe.PermissionError):
		transfer_actions.may_transfer_any()


def test_a_rep_hands_over_own_accounts(rita, ben):
	customer = make_customer(account_manager=rita)
	with acting_as(rita):
		transfer = carried_out(ben, from_user=rita)
		assert {item.status for item in frappe.get_list("Account Transfer Item", ["status"])} == {
			"Transferred"
		}
	assert (transfer.transferred, owner_of(customer)) == (1, ben)
	assert history(customer)[-1].kind == "Handed Over"


def test_a_rep_takes_back_what_was_handed_over(rita, ben):
	customer = make_customer(account_manager=rita)
	with acting_as(rita):
		undone(carried_out(ben, from_user=rita))
	assert owner_of(customer) == rita


@pytest.mark.parametrize("role", ["Sales User", "Sales Manager", "System Manager", "HR User"])
def test_others_accounts_are_refused_with_a_sentence_that_says_who_may(role, ana, ben):
	somebody, mona = make_user("Sam", role), make_user("Mona", "Transparency Manager")
	make_customer(account_manager=ana)
	with acting_as(somebody), pytest.raises(frappe.PermissionError) as refusal:
		draft(ben, from_user=ana)
	sentence = str(refusal.value)
	assert "You can hand over your own accounts." in sentence
	assert all(role in sentence for role in ("Transparency Manager", "Offboarding Manager", "HR Manager"))
	assert "You can ask" in sentence and frappe.db.exists("User", mona)


def test_a_rep_cannot_slip_others_accounts_into_a_list(rita, ana, ben):
	own, others = make_customer(account_manager=rita), make_customer(account_manager=ana)
	names = [own.name, others.name]
	with (
		acting_as(rita),
		pytest.raises(frappe.PermissionError, match="isn't your account: it belongs to Ana"),
	):
		transfer_actions.preview_selection("Customer", names, ben)
	assert (owner_of(own), owner_of(others)) == (rita, ana)


def test_a_rep_does_not_take_accounts_by_transfer(rita, ana):
	customer = make_customer(account_manager=ana)
	with acting_as(rita), pytest.raises(frappe.PermissionError, match="You can hand over your own accounts"):
		transfer_actions.preview_selection("Customer", [customer.name], rita)
	assert owner_of(customer) == ana


def test_a_rep_transfers_a_selection_of_own_accounts(rita, ben):
	chosen, kept = make_customers(2, rita)
	with acting_as(rita):
		name = transfer_actions.preview_selection("Customer", [chosen.name], ben)
		transfer_actions.start(name)
		worked_off(frappe.get_doc("Account Transfer", name))
	assert (owner_of(chosen), owner_of(kept)) == (ben, rita)


def test_a_reps_filters_find_own_accounts_only(rita, ana, ben):
	own, others = make_customer(account_manager=rita), make_customer(account_manager=ana)
	filters = as_filters(["name", "in", [own.name, others.name]])
	with acting_as(rita):
		transfer = previewed(ben, source="Filters", document_types=filters)
	assert [item.reference_name for item in items(transfer)] == [own.name]


def test_a_rep_does_not_run_or_see_others_transfers(rita, ana, ben):
	make_customer(account_manager=ana)
	transfer = previewed(ben, from_user=ana)
	with acting_as(rita):
		assert frappe.get_list("Account Transfer") == []
		assert frappe.get_list("Account Transfer Item") == []
		for action in (
			transfer_actions.start,
			transfer_actions.preview,
			transfer_actions.progress,
			transfer_actions.undo,
		):
			with pytest.raises(frappe.PermissionError):
				action(transfer.name)


def test_the_one_whose_accounts_leave_does_not_see_it_coming(ana, ben):
	make_customer(account_manager=ana)
	transfer = previewed(ben, from_user=ana)
	with acting_as(ana):
		assert not frappe.has_permission("Account Transfer", "read", doc=transfer.name)
		assert frappe.get_list("Account Transfer Item") == []


def test_a_role_that_was_taken_away_no_longer_starts(ana, ben):
	manager = make_user("Mona", "Transparency Manager", "Sales User")
	make_customer(account_manager=ana)
	with acting_as(manager):
		transfer = previewed(ben, from_user=ana)
	frappe.get_doc("User", manager).remove_roles("Transparency Manager")
	with (
		acting_as(manager),
		pytest.raises(frappe.PermissionError, match="You can hand over your own accounts"),
	):
		transfer_actions.start(transfer.name)


def test_website_users_and_guests_are_kept_out(ana, ben):
	for outsider in (make_user("Walt", user_type="Website User"), "Guest"):
		with acting_as(outsider), pytest.raises(frappe.PermissionError):
			draft(ben, from_user=outsider)


def test_items_are_written_by_the_app_alone(ana, ben):
	make_customer(account_manager=ana)
	transfer = previewed(ben, from_user=ana)
	item = items(transfer)[0]
	with acting_as(make_user("Mona", "Transparency Manager")):
		with pytest.raises(frappe.PermissionError):
			frappe.client.set_value("Account Transfer Item", item.name, "to_user", ana)
		with pytest.raises(frappe.PermissionError):
			frappe.get_doc(doctype="Account Transfer Item", account_transfer=transfer.name).insert()
