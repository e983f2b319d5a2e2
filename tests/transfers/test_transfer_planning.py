"""The plan: which accounts, who gets them, and what the preview says about it."""

import json
from collections import Counter
from itertools import islice

import frappe
import pytest

from crm_transparency.transfers import transfer_actions, transfer_successors
from crm_transparency.transfers.exceptions import TransferNotPossible, WrongMoment
from tests.people_and_accounts import first_leaf, make_customer, make_lead, make_user
from tests.transfers.transferring import (
	as_filters,
	carried_out,
	draft,
	items,
	make_customers,
	owner_of,
	previewed,
	statuses,
)


def plan(transfer) -> dict:
	return json.loads(transfer.plan)


def make_territory(name: str, above: str | None = None) -> str:
	root = frappe.get_all("Territory", filters={"parent_territory": ("is", "not set")}, pluck="name")[0]
	territory = frappe.get_doc(
		doctype="Territory",
		territory_name=f"{name} {frappe.generate_hash(length=6)}",
		parent_territory=above or root,
		is_group=0 if above else 1,
	)
	return territory.insert().name


def test_a_users_accounts_of_all_tracked_types_are_found(ana, ben):
	customers, lead = make_customers(3, ana), make_lead(lead_owner=ana)
	make_customer(account_manager=ben)
	transfer = previewed(ben, from_user=ana)
	assert {item.reference_name for item in items(transfer)} == {*(c.name for c in customers), lead.name}
	assert (transfer.status, transfer.total, transfer.skipped) == ("Draft", 4, 0)
	item = items(transfer, reference_name=customers[0].name)[0]
	assert (item.previous_owner, item.to_user, item.status) == (ana, ben, "Pending")
	assert (item.account_title, item.territory) == (customers[0].customer_name, customers[0].territory)


def test_only_chosen_document_types(ana, ben):
	make_customers(2, ana), make_lead(lead_owner=ana)
	transfer = previewed(ben, from_user=ana, document_types=[{"document_type": "Lead"}])
	assert [item.reference_doctype for item in items(transfer)] == ["Lead"]


def test_filters_find_accounts_of_anybody_and_of_nobody(ana, ben, cleo):
	mark = frappe.generate_hash(length=8)
	for account_manager in (ana, ben, None):
		make_customer(account_manager=account_manager, title=mark)
	transfer = previewed(
		cleo, source="Filters", document_types=as_filters(["customer_name", "like", f"{mark}%"])
	)
	assert {item.previous_owner for item in items(transfer)} == {ana, ben, None}


def test_filters_as_the_desk_writes_them(ana, ben):
	mark = frappe.generate_hash(length=8)
	make_customer(account_manager=ana, title=mark)
	from_list_view = as_filters(["Customer", "customer_name", "like", f"{mark}%", False])
	assert previewed(ben, source="Filters", document_types=from_list_view).total == 1


def test_filters_over_child_tables_find_each_account_once(ana, ben):
	customer = make_customer(account_manager=ana)
	people = frappe.get_all("Sales Person", filters={"is_group": 0}, pluck="name", limit=2)
	people = people or [
		frappe.get_doc(doctype="Sales Person", sales_person_name=f"Sally {n} {customer.name}").insert().name
		for n in range(2)
	]
	for person in people:
		customer.append("sales_team", {"sales_person": person, "allocated_percentage": 100 / len(people)})
	customer.save()
	condition = ["Sales Team", "sales_person", "in", people]
	transfer = previewed(
		ben, source="Filters", document_types=as_filters(condition, ["name", "=", customer.name])
	)
	assert transfer.total == 1


def test_overlapping_filters_take_an_account_once(ana, ben):
	customer = make_customer(account_manager=ana)
	same_twice = as_filters(["name", "=", customer.name]) + as_filters(["account_manager", "=", ana])
	assert previewed(ben, source="Filters", document_types=same_twice).total == 1


@pytest.mark.parametrize("filters", ["not JSON", '"text"', "[1, 2]", '[["too short"]]'])
def test_filters_that_cannot_be_read_are_refused(filters, ana):
	with pytest.raises(TransferNotPossible, match="can't be read"):
		draft(ana, source="Filters", document_types=[{"document_type": "Customer", "filters": filters}])


def test_an_untracked_document_type_is_refused(ana):
	with pytest.raises(TransferNotPossible, match="tracked"):
		draft(ana, source="Filters", document_types=[{"document_type": "User"}])


def test_the_preview_counts_by_successor_document_type_and_territory(ana, ben, cleo):
	make_customers(3, ana), make_lead(lead_owner=ana)
	transfer = previewed([{"user": ben}, {"user": cleo}], from_user=ana, strategy="Round Robin")
	assert [line["accounts"] for line in plan(transfer)["by_successor"]] == [2, 2]
	assert plan(transfer)["by_document_type"] == [
		{"label": "Customer", "accounts": 3},
		{"label": "Lead", "accounts": 1},
	]
	assert {"label": first_leaf("Territory"), "accounts": 3} in plan(transfer)["by_territory"]


def test_the_preview_counts_what_moves_along(ana, ben):
	from frappe.desk.form.assign_to import add

	customer, other = make_customers(2, ana)
	for account, person in ((customer, ana), (customer, ben), (other, ana)):
		add({"assign_to": [person], "doctype": "Customer", "name": account.name, "description": "Call"})
	frappe.get_doc(
		doctype="Document Follow", ref_doctype="Customer", ref_docname=customer.name, user=ana
	).insert()
	transfer = previewed(ben, from_user=ana)
	assert (plan(transfer)["open_todos"], plan(transfer)["follows"]) == (2, 1)


def test_accounts_that_the_successor_has_already_are_a_conflict(ana, ben):
	mark = frappe.generate_hash(length=8)
	for account_manager in (ana, ben, ben):
		make_customer(account_manager=account_manager, title=mark)
	transfer = previewed(
		ben, source="Filters", document_types=as_filters(["customer_name", "like", f"{mark}%"])
	)
	assert sorted(statuses(transfer)) == ["Pending", "Skipped", "Skipped"]
	assert plan(transfer)["conflicts"] == [{"label": "Already belongs to Ben.", "accounts": 2}]
	assert (transfer.total, transfer.skipped) == (3, 2)


@pytest.mark.parametrize(
	("change", "reason"),
	[({"enabled": 0}, "is disabled"), ({"user_type": "Website User"}, "can't open the Desk")],
)
def test_a_successor_who_cannot_work_is_a_conflict(change, reason, ana, ben, cleo):
	make_customers(4, ana)
	frappe.db.set_value("User", ben, change)
	transfer = previewed([{"user": ben}, {"user": cleo}], from_user=ana, strategy="Round Robin")
	assert sorted(statuses(transfer)) == ["Pending", "Pending", "Skipped", "Skipped"]
	assert reason in plan(transfer)["conflicts"][0]["label"]


def test_nothing_starts_when_everything_is_a_conflict(ana, ben):
	make_customers(2, ana)
	frappe.db.set_value("User", ben, "enabled", 0)
	transfer = previewed(ben, from_user=ana)
	with pytest.raises(TransferNotPossible, match="nothing to transfer"):
		transfer_actions.start(transfer.name)


def test_no_accounts_at_all(ana, ben):
	transfer = draft(ben, from_user=ana)
	with pytest.raises(TransferNotPossible, match="No accounts match"):
		transfer_actions.preview(transfer.name)


def test_a_successor_who_may_not_edit_the_accounts_is_a_hint(ana):
	hana = make_user("Hana", "HR User")
	make_customer(account_manager=ana)
	transfer = previewed(hana, from_user=ana)
	(hint,) = plan(transfer)["hints"]
	assert hint.startswith("Hana has no permission to edit documents of these types: Customer.")
	assert "transferred anyway" in hint and statuses(transfer) == ["Pending"]


def test_round_robin_follows_the_weights_exactly(ana, ben, cleo):
	make_customers(12, ana)
	weights = [{"user": ben, "weight": 1}, {"user": cleo, "weight": 2}]
	transfer = previewed(weights, from_user=ana, strategy="Round Robin")
	assert Counter(item.to_user for item in items(transfer)) == {ben: 4, cleo: 8}


@pytest.mark.parametrize("weights", [{"a": 1, "b": 1}, {"a": 5, "b": 3, "c": 2}, {"a": 1, "b": 99}, {"a": 7}])
def test_every_share_is_exact_after_a_whole_round_and_never_far_off_before(weights):
	whole = sum(weights.values())
	turns = list(islice(transfer_successors.rotate(weights), 3 * whole))
	assert Counter(turns) == {user: 3 * weight for user, weight in weights.items()}
	for length in range(1, len(turns)):
		so_far = Counter(turns[:length])
		assert all(abs(so_far[user] - length * weight / whole) < 1 for user, weight in weights.items())


def test_by_territory_the_nearest_one_above_decides(ana, ben, cleo):
	dora = make_user("Dora")
	germany = make_territory("Germany")
	bavaria, berlin = make_territory("Bavaria", germany), make_territory("Berlin", germany)
	france = make_territory("France")
	accounts = {
		territory: make_customer(account_manager=ana, title=territory)
		for territory in (bavaria, berlin, france)
	}
	for territory, customer in accounts.items():
		frappe.db.set_value("Customer", customer.name, "territory", territory)
	successors = [
		{"user": ben, "territory": germany},
		{"user": cleo, "territory": bavaria},
		{"user": dora},
	]
	transfer = previewed(successors, from_user=ana, strategy="By Territory")
	to = {item.territory: item.to_user for item in items(transfer)}
	assert to == {bavaria: cleo, berlin: ben, france: dora}


def test_by_territory_without_a_fallback(ana, ben):
	territory = make_territory("Iceland")
	customer = make_customer(account_manager=ana)
	make_lead(lead_owner=ana)
	transfer = previewed([{"user": ben, "territory": territory}], from_user=ana, strategy="By Territory")
	assert statuses(transfer) == ["Skipped", "Skipped"]
	notes = " ".join(item.note for item in items(transfer))
	assert f"No successor has the territory {customer.territory}" in notes
	assert "The account has no territory" in notes


def test_several_successors_of_a_territory_take_turns(ana, ben, cleo):
	make_customers(4, ana)
	territory = first_leaf("Territory")
	successors = [{"user": user, "territory": territory} for user in (ben, cleo)]
	transfer = previewed(successors, from_user=ana, strategy="By Territory")
	assert Counter(item.to_user for item in items(transfer)) == {ben: 2, cleo: 2}


def test_a_new_preview_replaces_the_old_one(ana, ben, cleo):
	make_customers(3, ana)
	transfer = previewed(ben, from_user=ana)
	transfer.successors[0].user = cleo
	transfer.save()
	assert (transfer.previewed_on, transfer.plan) == (None, None)
	with pytest.raises(WrongMoment, match="previewed"):
		transfer_actions.start(transfer.name)
	transfer_actions.preview(transfer.name)
	assert {item.to_user for item in items(transfer)} == {cleo}
	assert len(items(transfer)) == 3


def test_what_does_not_change_the_plan_keeps_the_preview(ana, ben):
	make_customer(account_manager=ana)
	transfer = previewed(ben, from_user=ana)
	transfer.mode = "Full Save"
	transfer.save()
	assert transfer.previewed_on and transfer.plan


def test_a_started_transfer_keeps_its_plan(ana, ben, cleo):
	make_customer(account_manager=ana)
	transfer = carried_out(ben, from_user=ana)
	transfer.successors[0].user = cleo
	with pytest.raises(WrongMoment, match="started"):
		transfer.save()


def test_nobody_sets_how_far_it_is_by_hand(ana, ben):
	customer = make_customer(account_manager=ana)
	transfer = draft(ben, from_user=ana, status="Completed", transferred=7)
	assert (transfer.status, transfer.transferred) == ("Draft", 0)
	transfer.status, transfer.previewed_on = "Running", frappe.utils.now()
	transfer.save()
	transfer.reload()
	assert (transfer.status, transfer.previewed_on) == ("Draft", None)
	assert owner_of(customer) == ana


@pytest.mark.parametrize(
	("values", "sentence"),
	[
		({"from_user": None}, "choose the user"),
		({"successors": []}, "name the successor"),
		({"source": "List"}, "attach a CSV file"),
		({"source": "Filters"}, "at least one document type"),
		({"strategy": "As Listed"}, "Only a list"),
		({"chunk_size": 0}, "between 1 and"),
		({"chunk_size": 100_000}, "between 1 and"),
	],
)
def test_what_is_missing_is_named(values, sentence, ana, ben):
	with pytest.raises(TransferNotPossible, match=sentence):
		frappe.get_doc(
			{"doctype": "Account Transfer", "from_user": ana, "successors": [{"user": ben}], **values}
		).insert()


def test_one_successor_means_one(ana, ben, cleo):
	with pytest.raises(TransferNotPossible, match="Round Robin"):
		draft([{"user": ben}, {"user": cleo}], from_user=ana)


def test_nobody_succeeds_oneself(ana):
	with pytest.raises(TransferNotPossible, match="already"):
		draft(ana, from_user=ana)


@pytest.mark.parametrize("weight", [0, -1, 1_000_000])
def test_weights_have_limits(weight, ana, ben):
	with pytest.raises((TransferNotPossible, frappe.NonNegativeError)):
		draft([{"user": ben, "weight": weight}], from_user=ana, strategy="Round Robin")


def test_accounts_are_found_page_by_page(ana, ben, monkeypatch):
	from crm_transparency.transfers import chosen_accounts, transfer_planning

	monkeypatch.setattr(chosen_accounts, "ACCOUNTS_AT_ONCE", 2)
	monkeypatch.setattr(transfer_planning, "ITEMS_DELETED_AT_ONCE", 2)
	customers = make_customers(5, ana)
	transfer = previewed(ben, from_user=ana)
	transfer_actions.preview(transfer.name)
	assert sorted(item.reference_name for item in items(transfer)) == sorted(c.name for c in customers)
	names = [item.name for item in items(transfer)]
	assert len({name[16:] for name in names}) == 5 and names == sorted(names)


def test_a_draft_can_be_deleted_with_its_items_and_history_cannot(ana, ben):
	make_customer(account_manager=ana)
	transfer = previewed(ben, from_user=ana)
	transfer.delete()
	assert items(transfer) == []
	transfer = carried_out(ben, from_user=ana)
	with pytest.raises(WrongMoment, match="history"):
		transfer.delete()


def test_accounts_and_users_can_still_be_deleted(ana, ben):
	customer = make_customer(account_manager=ana)
	transfer = carried_out(ben, from_user=ana)
	frappe.delete_doc("Customer", customer.name)
	assert items(transfer)[0].reference_name == customer.name


def test_a_big_transfer_is_planned_in_the_background(ana, ben, monkeypatch):
	from crm_transparency.transfers import transfer_job, transfer_planning

	monkeypatch.setattr(transfer_planning, "ACCOUNTS_WHILE_WAITING", 2)
	monkeypatch.setattr(transfer_job.frappe.db, "commit", lambda: None)
	make_customers(3, ana)
	transfer = draft(ben, from_user=ana)
	assert transfer_actions.preview(transfer.name)["task"] == "Preview"
	with pytest.raises(WrongMoment):
		transfer_actions.start(transfer.name)
	with pytest.raises(WrongMoment):
		transfer_actions.preview(transfer.name)
	transfer.reload()
	transfer_job.run(transfer.name, transfer.worker)
	transfer.reload()
	assert transfer.total == 3 and not transfer.task
	assert transfer_actions.progress(transfer.name)["actions"] == ["start", "preview"]


def test_a_plan_that_fails_in_the_background_says_why(ana, ben, monkeypatch):
	from crm_transparency.transfers import transfer_job, transfer_planning

	monkeypatch.setattr(transfer_planning, "is_small", lambda transfer: False)
	monkeypatch.setattr(transfer_job.frappe.db, "commit", lambda: None)
	monkeypatch.setattr(transfer_job.frappe.db, "rollback", lambda **_: None)
	transfer = draft(ben, from_user=ana)
	transfer_actions.preview(transfer.name)
	transfer.reload()
	transfer_job.run(transfer.name, transfer.worker)
	progress = transfer_actions.progress(transfer.name)
	assert "No accounts match" in progress["error_message"]
	assert progress["actions"] == ["preview"]
