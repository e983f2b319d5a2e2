"""Carrying a transfer out: what changes hands, what is recorded, what stays and why."""

import json

import frappe
import pytest
from frappe.desk.form.assign_to import add as assign

from crm_transparency.crm_transparency.jobs import NotOurTurn
from crm_transparency.transfers import account_moves, transfer_actions
from crm_transparency.transfers.exceptions import WrongMoment
from crm_transparency.transfers.transfer_job import tell_people
from tests.people_and_accounts import acting_as, history, make_customer, make_lead, make_user
from tests.transfers.transferring import (
	as_filters,
	carried_out,
	items,
	make_customers,
	owner_of,
	previewed,
	statuses,
	undone,
	worked_off,
)

BOTH_MODES = pytest.mark.parametrize("mode", ["Fast", "Full Save"])


@pytest.fixture
def mona():
	return make_user("Mona", "Transparency Manager")


def assign_to(person: str, account) -> str:
	arguments = {
		"assign_to": [person],
		"doctype": account.doctype,
		"name": account.name,
		"description": "Call",
	}
	assign(arguments)
	filters = {"reference_name": account.name, "allocated_to": person, "status": "Open"}
	return frappe.db.get_value("ToDo", filters)


def follow(account, user: str) -> None:
	frappe.get_doc(
		doctype="Document Follow", ref_doctype=account.doctype, ref_docname=account.name, user=user
	).insert()


def followers(account) -> list[str]:
	return sorted(frappe.get_all("Document Follow", filters={"ref_docname": account.name}, pluck="user"))


def assigned(account) -> list[str]:
	return json.loads(frappe.db.get_value(account.doctype, account.name, "_assign") or "[]")


def versions(account, field: str) -> list[tuple]:
	"""Return the changes of one field that Versions tell about: (before, after, by whom)."""
	found = frappe.get_all(
		"Version", filters={"docname": account.name}, fields=["data", "owner"], order_by="creation"
	)
	return [
		(before, after, version.owner)
		for version in found
		for changed, before, after in json.loads(version.data)["changed"]
		if changed == field
	]


@BOTH_MODES
def test_every_account_gets_its_successor_and_one_entry(mode, ana, ben, mona):
	customers, lead = make_customers(3, ana), make_lead(lead_owner=ana)
	with acting_as(mona):
		transfer = carried_out(ben, from_user=ana, mode=mode)
	assert (transfer.status, transfer.transferred, transfer.total) == ("Completed", 4, 4)
	assert transfer.run_by == mona
	for account in (*customers, lead):
		assert owner_of(account) == ben
		_assigned, entry = history(account)
		assert (entry.kind, entry.source, entry.account_transfer) == (
			"Reassigned",
			"Account Transfer",
			transfer.name,
		)
		assert (entry.previous_owner, entry.new_owner, entry.changed_by) == (ana, ben, mona)
		assert entry.account_title and entry.owner_field
	assert frappe.db.get_value("Customer", customers[0].name, "modified_by") == mona
	assert versions(customers[0], "account_manager") == [(ana, ben, mona)]


@BOTH_MODES
def test_the_kind_says_who_did_it(mode, ana, ben, mona):
	own, foreign, nobodys = (
		make_customer(account_manager=ana),
		make_customer(account_manager=mona),
		make_customer(),
	)
	names = [account.name for account in (own, foreign, nobodys)]
	with acting_as(mona):
		carried_out(ben, source="Filters", document_types=as_filters(["name", "in", names]), mode=mode)
	assert [history(account)[-1].kind for account in (own, foreign, nobodys)] == [
		"Reassigned",
		"Handed Over",
		"Assigned",
	]
	with acting_as(mona):
		carried_out(mona, source="Filters", document_types=as_filters(["name", "=", own.name]), mode=mode)
	assert history(own)[-1].kind == "Taken Over"


@BOTH_MODES
def test_the_person_behind_an_impersonated_session_is_recorded(mode, ana, ben, mona):
	customer = make_customer(account_manager=ana)
	with acting_as(mona):
		frappe.session.data.impersonated_by = "Administrator"
		transfer = previewed(ben, from_user=ana, mode=mode)
		transfer_actions.start(transfer.name)
	from crm_transparency.transfers import transfer_job

	transfer.reload()
	assert (transfer.run_by, transfer.impersonated_by) == (mona, "Administrator")
	transfer_job.WORK.begin(transfer.name, transfer.worker)
	worked_off(transfer)
	entry = history(customer)[-1]
	assert (entry.changed_by, entry.impersonated_by) == (mona, "Administrator")
	data = frappe.get_all("Version", filters={"docname": customer.name}, pluck="data")[-1]
	assert json.loads(data)["impersonated_by"] == "Administrator"


@BOTH_MODES
def test_open_assignments_move_along_and_closed_ones_stay(mode, ana, ben, cleo):
	customer = make_customer(account_manager=ana)
	todo, others = assign_to(ana, customer), assign_to(cleo, customer)
	closed = assign_to(ana, make_customer(account_manager=ana))
	frappe.get_doc("ToDo", closed).update({"status": "Closed"}).save()
	carried_out(ben, from_user=ana, mode=mode)
	assert frappe.db.get_value("ToDo", todo, ["allocated_to", "status"]) == (ben, "Open")
	assert frappe.db.get_value("ToDo", others, "allocated_to") == cleo
	assert frappe.db.get_value("ToDo", closed, "allocated_to") == ana
	assert sorted(assigned(customer)) == sorted([ben, cleo])
	# and Frappe itself wouldn't write anything else
	frappe.get_doc("ToDo", todo).update_in_reference()
	assert sorted(assigned(customer)) == sorted([ben, cleo])


@BOTH_MODES
def test_a_successor_with_an_own_assignment_is_named_once(mode, ana, ben):
	customer = make_customer(account_manager=ana)
	assign_to(ana, customer), assign_to(ben, customer)
	carried_out(ben, from_user=ana, mode=mode)
	assert (
		frappe.db.count("ToDo", {"reference_name": customer.name, "allocated_to": ben, "status": "Open"}) == 2
	)
	assert assigned(customer) == [ben]


@BOTH_MODES
def test_follows_move_along_without_duplicates(mode, ana, ben, cleo):
	customer, other = make_customers(2, ana)
	for user in (ana, cleo):
		follow(customer, user)
	for user in (ana, ben):
		follow(other, user)
	carried_out(ben, from_user=ana, mode=mode)
	assert followers(customer) == sorted([ben, cleo])
	assert followers(other) == [ben]


@BOTH_MODES
def test_an_account_changed_since_the_preview_is_skipped(mode, ana, ben, cleo):
	changed, deleted, released, same = make_customers(4, ana)
	transfer = previewed(ben, from_user=ana, mode=mode)
	set_owner(changed, cleo)
	released.db_set("account_manager", None)
	frappe.delete_doc("Customer", deleted.name)
	transfer_actions.start(transfer.name)
	transfer = worked_off(transfer)
	notes = {item.reference_name: (item.status, item.note) for item in items(transfer)}
	assert notes == {
		changed.name: ("Skipped", "Now belongs to Cleo."),
		released.name: ("Skipped", "The account has no owner any more."),
		deleted.name: ("Skipped", "The account doesn't exist any more."),
		same.name: ("Transferred", None),
	}
	assert (transfer.status, transfer.transferred, transfer.skipped) == ("Completed", 1, 3)
	assert (owner_of(changed), owner_of(released), owner_of(same)) == (cleo, None, ben)
	assert len(history(changed)) == 2


def set_owner(account, user: str) -> None:
	account.reload()
	account.account_manager = user
	account.save()


@BOTH_MODES
def test_an_account_renamed_since_the_preview_is_transferred(mode, ana, ben):
	customer = make_customer(account_manager=ana)
	# what Frappe remembers when a document is renamed before the first transfer
	frappe.cache.set_value("dynamic_link_map::Account Transfer Item::reference_doctype", ["Lead"])
	transfer = previewed(ben, from_user=ana, mode=mode)
	new_name = frappe.rename_doc("Customer", customer.name, f"Renamed {frappe.generate_hash(length=6)}")
	transfer_actions.start(transfer.name)
	assert worked_off(transfer).transferred == 1
	assert frappe.db.get_value("Customer", new_name, "account_manager") == ben


@BOTH_MODES
def test_a_user_renamed_since_the_preview_is_still_the_owner(mode, ana, ben):
	customer = make_customer(account_manager=ana)
	transfer = previewed(ben, from_user=ana, mode=mode)
	frappe.rename_doc("User", ben, f"new.{ben}")
	frappe.rename_doc("User", ana, f"new.{ana}")
	transfer_actions.start(transfer.name)
	assert worked_off(transfer).transferred == 1
	assert owner_of(customer) == f"new.{ben}"


@BOTH_MODES
def test_a_successor_disabled_since_the_preview_gets_nothing(mode, ana, ben, cleo):
	make_customers(4, ana)
	successors = [{"user": ben}, {"user": cleo}]
	transfer = previewed(successors, from_user=ana, strategy="Round Robin", mode=mode)
	frappe.db.set_value("User", ben, "enabled", 0)
	transfer_actions.start(transfer.name)
	transfer = worked_off(transfer)
	assert (transfer.transferred, transfer.skipped) == (2, 2)
	assert {item.note for item in items(transfer, to_user=ben)} == {"Ben is disabled."}
	assert {
		owner_of(frappe.get_doc("Customer", i.reference_name)) for i in items(transfer, to_user=cleo)
	} == {cleo}


def test_chunks_hold_one_document_type_and_no_more_than_asked_for(ana, ben, monkeypatch):
	make_customers(5, ana), [make_lead(lead_owner=ana) for _ in range(2)]
	chunks = []
	move = account_moves.MOVERS["Fast"]
	monkeypatch.setitem(
		account_moves.MOVERS,
		"Fast",
		lambda chunk: chunks.append((chunk.doctype, len(chunk.moves))) or move(chunk),
	)
	carried_out(ben, from_user=ana, chunk_size=3)
	assert chunks == [("Customer", 3), ("Customer", 2), ("Lead", 2)]


def test_one_account_that_cannot_be_saved_does_not_stop_the_others(ana, ben, monkeypatch):
	good, bad, other = make_customers(3, ana)
	refuse_to_save(monkeypatch, bad.name, "This customer is locked by the auditors")
	transfer = carried_out(ben, from_user=ana, mode="Full Save")
	assert (transfer.status, transfer.transferred, transfer.failed) == ("Completed", 2, 1)
	(failed,) = items(transfer, status="Failed")
	assert (failed.reference_name, failed.note) == (bad.name, "This customer is locked by the auditors")
	assert [owner_of(account) for account in (good, bad, other)] == [ben, ana, ben]
	assert len(history(bad)) == 1


def refuse_to_save(monkeypatch, name: str, sentence: str) -> None:
	"""Let an app's hook refuse one document."""

	def refuse(doc, *args):
		if doc.name == name:
			frappe.throw(sentence)

	hook_into_customer(monkeypatch, "on_update", refuse)


def hook_into_customer(monkeypatch, event: str, hook) -> None:
	from frappe.model.document import Document

	run_method = Document.run_method

	def with_hook(self, method, *args, **kwargs):
		result = run_method(self, method, *args, **kwargs)
		if self.doctype == "Customer" and method == event:
			hook(self)
		return result

	monkeypatch.setattr(Document, "run_method", with_hook)


def test_what_failed_can_be_tried_again(ana, ben, monkeypatch):
	_good, bad = make_customers(2, ana)
	with monkeypatch.context() as patched:
		refuse_to_save(patched, bad.name, "Not today")
		transfer = carried_out(ben, from_user=ana, mode="Full Save")
	assert transfer_actions.progress(transfer.name)["actions"] == ["resume", "undo"]
	transfer_actions.resume(transfer.name)
	transfer = worked_off(transfer)
	assert (transfer.status, transfer.transferred, transfer.failed) == ("Completed", 2, 0)
	assert owner_of(bad) == ben and len(history(bad)) == 2


def test_a_transfer_in_which_everything_fails_has_failed(ana, ben, monkeypatch):
	customer = make_customer(account_manager=ana)
	refuse_to_save(monkeypatch, customer.name, "Not today")
	transfer = carried_out(ben, from_user=ana, mode="Full Save")
	assert (transfer.status, transfer.failed) == ("Failed", 1)
	assert transfer_actions.progress(transfer.name)["actions"] == ["resume", "undo"]


def test_what_was_skipped_because_of_its_successor_says_why_and_can_be_resumed(ana, ben):
	mine, others = make_customer(account_manager=ana), make_customer(account_manager=ana)
	transfer = previewed(ben, from_user=ana)
	frappe.db.set_value("User", ben, "enabled", 0)
	others.db_set("account_manager", None)
	transfer_actions.start(transfer.name)
	transfer = worked_off(transfer)
	progress = transfer_actions.progress(transfer.name)
	assert (progress["counts"]["skipped"], progress["actions"]) == (2, ["resume", "undo"])
	assert progress["reasons"][0] == {"label": "Ben is disabled.", "accounts": 2}
	frappe.db.set_value("User", ben, "enabled", 1)
	transfer_actions.resume(transfer.name)
	transfer = worked_off(transfer)
	assert (transfer.transferred, transfer.skipped, owner_of(mine), owner_of(others)) == (1, 1, ben, None)
	(progress,) = transfer_actions.progress(transfer.name)["reasons"]
	assert progress.label == "The account has no owner any more."


def test_an_app_that_sets_the_owner_back_makes_it_fail(ana, ben, monkeypatch):
	customer = make_customer(account_manager=ana)
	hook_into_customer(monkeypatch, "validate", lambda doc: doc.set("account_manager", ana))
	transfer = carried_out(ben, from_user=ana, mode="Full Save")
	assert transfer.failed == 1 and "another owner" in items(transfer)[0].note
	assert owner_of(customer) == ana


def test_hooks_run_in_full_save_and_not_in_fast(ana, ben, cleo, monkeypatch):
	customer, saved = make_customer(account_manager=ana), []
	hook_into_customer(monkeypatch, "on_update", lambda doc: saved.append(doc.name))
	carried_out(ben, from_user=ana, mode="Fast")
	assert saved == []
	carried_out(cleo, from_user=ben, mode="Full Save")
	assert saved == [customer.name]


def state_after(mode: str, account_count: int = 3) -> list:
	"""Transfer the same accounts with the same circumstances, and describe all that is there afterwards."""
	people = {name: make_user(name, "Sales User", "Sales Manager") for name in ("Ana", "Ben", "Cleo")}
	names = {user: name for name, user in people.items()}
	ana, ben, cleo = people.values()
	# who moves them wants to follow everything they save
	mona = make_user("Mona", "Transparency Manager")
	frappe.db.set_value("User", mona, {"document_follow_notify": 1, "follow_created_documents": 1})
	accounts = [*make_customers(account_count, ana), make_lead(lead_owner=ana), make_customer()]
	assign_to(ana, accounts[0]), assign_to(cleo, accounts[0]), assign_to(ana, accounts[1])
	follow(accounts[0], ana), follow(accounts[1], ana), follow(accounts[1], ben)
	names[mona] = "Mona"
	text = "\n".join(f"{account.doctype},{account.name},{ben}" for account in accounts)
	with acting_as(mona):
		carried_out(
			source="List",
			listed_accounts=f"Document type,ID,Successor\n{text}",
			strategy="As Listed",
			mode=mode,
		)
	return [
		{
			"owner": names[owner_of(account)],
			"modified_by": names[frappe.db.get_value(account.doctype, account.name, "modified_by")],
			"ledger": [
				(
					entry.kind,
					entry.source,
					entry.owner_field,
					names.get(entry.previous_owner),
					names.get(entry.new_owner),
					names.get(entry.changed_by),
					entry.account_title == titles(account),
					entry.impersonated_by,
					entry.reason,
					entry.docstatus,
					entry.idx,
					bool(entry.account_transfer),
					names.get(entry.owner),
				)
				for entry in history(account)
			],
			"versions": [
				(names.get(before, before), names.get(after, after), names.get(by, by))
				for before, after, by in versions(account, account_moves.owner_field(account.doctype))
			],
			"version_shape": [
				sorted(json.loads(data))
				for data in frappe.get_all("Version", filters={"docname": account.name}, pluck="data")
			],
			"todos": sorted(
				(names[todo.allocated_to], todo.status)
				for todo in frappe.get_all(
					"ToDo", filters={"reference_name": account.name}, fields=["allocated_to", "status"]
				)
			),
			"assign": [names[user] for user in assigned(account)],
			"followers": sorted(names[user] for user in followers(account)),
		}
		for account in accounts
	]


def titles(account) -> str:
	return frappe.db.get_value(
		account.doctype, account.name, "customer_name" if account.doctype == "Customer" else "title"
	)


def test_both_modes_leave_the_same_behind():
	assert state_after("Fast") == state_after("Full Save")


def test_a_paused_transfer_stops_and_goes_on_where_it_was(ana, ben):
	customers = make_customers(3, ana)
	transfer = previewed(ben, from_user=ana, chunk_size=1)
	transfer_actions.start(transfer.name)
	transfer.reload()
	account_moves.work_on(transfer.name, transfer.worker)
	assert transfer_actions.pause(transfer.name)["actions"] == ["resume", "undo"]
	with pytest.raises(NotOurTurn):
		account_moves.work_on(transfer.name, transfer.worker)
	assert sorted(statuses(transfer)) == ["Pending", "Pending", "Transferred"]
	with pytest.raises(WrongMoment):
		transfer_actions.pause(transfer.name)
	assert transfer_actions.resume(transfer.name)["status"] == "Running"
	assert worked_off(transfer).transferred == 3
	assert all(owner_of(customer) == ben and len(history(customer)) == 2 for customer in customers)


def test_progress_tells_rate_and_time_left(ana, ben):
	make_customers(4, ana)
	transfer = previewed(ben, from_user=ana, chunk_size=2)
	transfer_actions.start(transfer.name)
	transfer.reload()
	frappe.db.set_value(
		"Account Transfer", transfer.name, "run_started_on", frappe.utils.add_to_date(None, seconds=-10)
	)
	account_moves.work_on(transfer.name, transfer.worker)
	progress = transfer_actions.progress(transfer.name)
	assert (progress["done"], progress["total"], progress["status"]) == (2, 4, "Running")
	assert progress["rate"] == pytest.approx(0.2, rel=0.2)
	assert progress["seconds_left"] == pytest.approx(10, abs=2)


def test_a_job_that_was_replaced_finds_that_it_is_not_its_turn(ana, ben):
	make_customers(2, ana)
	transfer = previewed(ben, from_user=ana)
	transfer_actions.start(transfer.name)
	transfer.reload()
	with pytest.raises(NotOurTurn):
		account_moves.work_on(transfer.name, "another worker")
	assert statuses(transfer) == ["Pending", "Pending"]


def test_a_transfer_without_progress_is_taken_up_again(ana, ben):
	from crm_transparency.transfers import transfer_job

	make_customers(2, ana)
	transfer = previewed(ben, from_user=ana)
	transfer_actions.start(transfer.name)
	assert transfer.name not in transfer_job.WORK.stalled()
	long_ago = frappe.utils.add_to_date(None, hours=-1)
	frappe.db.set_value("Account Transfer", transfer.name, "last_progress_on", long_ago)
	assert transfer.name in transfer_job.WORK.stalled()
	progress = transfer_actions.progress(transfer.name)
	assert progress["stalled"] and progress["actions"] == ["resume", "pause"]
	worker = frappe.db.get_value("Account Transfer", transfer.name, "worker")
	transfer_actions.resume(transfer.name)
	assert frappe.db.get_value("Account Transfer", transfer.name, "worker") != worker
	assert worked_off(transfer).transferred == 2


def test_a_job_that_waits_in_a_queue_is_left_waiting(ana, ben, monkeypatch):
	from crm_transparency.transfers import transfer_job

	make_customer(account_manager=ana)
	transfer = previewed(ben, from_user=ana)
	transfer_actions.start(transfer.name)
	frappe.db.set_value(
		"Account Transfer", transfer.name, "last_progress_on", frappe.utils.add_to_date(None, hours=-1)
	)
	worker = frappe.db.get_value("Account Transfer", transfer.name, "worker")
	waiting = {transfer_job.WORK.job_id(transfer.name, worker): frappe._dict(get_status=lambda: "queued")}
	monkeypatch.setattr("crm_transparency.crm_transparency.jobs.get_job", waiting.get)
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	transfer_job.continue_stalled()
	assert frappe.db.get_value("Account Transfer", transfer.name, "worker") == worker
	waiting.clear()
	transfer_job.continue_stalled()
	assert frappe.db.get_value("Account Transfer", transfer.name, "worker") != worker


@BOTH_MODES
def test_undo_gives_everything_back(mode, ana, ben):
	customer, nobodys, plain = (
		make_customer(account_manager=ana),
		make_customer(),
		make_customer(account_manager=ana),
	)
	todo, bens_own = assign_to(ana, customer), assign_to(ben, customer)
	follow(customer, ana)
	follow(plain, ana), follow(plain, ben)
	names = [account.name for account in (customer, nobodys, plain)]
	transfer = carried_out(ben, source="Filters", document_types=as_filters(["name", "in", names]), mode=mode)
	transfer = undone(transfer)
	assert (transfer.status, transfer.given_back, transfer.not_given_back) == ("Undone", 3, 0)
	assert [owner_of(account) for account in (customer, nobodys, plain)] == [ana, None, ana]
	assert [entry.kind for entry in history(customer)] == ["Assigned", "Reassigned", "Reassigned"]
	assert {entry.account_transfer for entry in history(customer)[1:]} == {transfer.name}
	assert history(nobodys)[-1].kind == "Released"
	assert (
		frappe.db.get_value("ToDo", todo, "allocated_to"),
		frappe.db.get_value("ToDo", bens_own, "allocated_to"),
	) == (
		ana,
		ben,
	)
	assert sorted(assigned(customer)) == sorted([ana, ben])
	assert (followers(customer), followers(plain)) == ([ana], sorted([ana, ben]))
	progress = transfer_actions.progress(transfer.name)
	assert (progress["actions"], progress["done"], progress["total"]) == ([], 3, 3)


@BOTH_MODES
def test_undo_leaves_what_changed_hands_again_and_lists_it(mode, ana, ben, cleo):
	kept, moved_on, gone = make_customers(3, ana)
	transfer = carried_out(ben, from_user=ana, mode=mode)
	set_owner(moved_on, cleo)
	frappe.delete_doc("Customer", gone.name)
	transfer = undone(transfer)
	assert (transfer.given_back, transfer.not_given_back) == (1, 2)
	left = {item.reference_name: item.note for item in items(transfer, status="Not Given Back")}
	assert left == {
		moved_on.name: "Now belongs to Cleo.",
		gone.name: "The account doesn't exist any more.",
	}
	assert (owner_of(kept), owner_of(moved_on)) == (ana, cleo)


def test_undo_gives_back_to_a_leaver_too(ana, ben):
	customer = make_customer(account_manager=ana)
	transfer = carried_out(ben, from_user=ana)
	frappe.db.set_value("User", ana, "enabled", 0)
	assert undone(transfer).given_back == 1
	assert owner_of(customer) == ana


def test_a_transfer_stopped_half_way_can_be_undone(ana, ben):
	customers = make_customers(3, ana)
	transfer = previewed(ben, from_user=ana, chunk_size=1)
	transfer_actions.start(transfer.name)
	transfer.reload()
	account_moves.work_on(transfer.name, transfer.worker)
	transfer_actions.pause(transfer.name)
	transfer = undone(transfer)
	assert (transfer.status, transfer.given_back) == ("Undone", 1)
	assert {owner_of(customer) for customer in customers} == {ana}


def test_undo_can_be_paused_and_resumed(ana, ben):
	make_customers(3, ana)
	transfer = carried_out(ben, from_user=ana, chunk_size=1)
	transfer_actions.undo(transfer.name)
	transfer.reload()
	account_moves.work_on(transfer.name, transfer.worker)
	transfer_actions.pause(transfer.name)
	progress = transfer_actions.resume(transfer.name)
	assert (progress["task"], progress["done"], progress["total"]) == ("Undo", 1, 3)
	assert worked_off(transfer).given_back == 3


@pytest.mark.parametrize("action", ["preview", "start", "pause", "undo"])
def test_what_cannot_be_done_now_is_refused(action, ana, ben):
	make_customer(account_manager=ana)
	transfer = carried_out(ben, from_user=ana)
	if action != "undo":
		with pytest.raises(WrongMoment):
			getattr(transfer_actions, action)(transfer.name)
	else:
		undone(transfer)
		with pytest.raises(WrongMoment):
			transfer_actions.undo(transfer.name)


def test_a_long_title_and_strange_names_survive(ana, ben):
	title = 'O\'Brien \\ Söhne 100% "quoted" %(param1)s ' + "H" * 80
	customer = make_customer(account_manager=ana, title=title)
	assert carried_out(ben, from_user=ana).transferred == 1
	assert owner_of(customer) == ben
	assert history(customer)[-1].account_title == customer.customer_name[:140]


def test_no_takeover_notification_for_each_account(ana, ben):
	make_customers(3, ana)
	with acting_as("Administrator"):
		carried_out(ben, from_user=ana, mode="Full Save")
	assert frappe.db.count("Notification Log", {"for_user": ana}) == 0


def notices(user: str) -> list[str]:
	subjects = frappe.get_all(
		"Notification Log", filters={"for_user": user}, pluck="subject", order_by="creation"
	)
	return [frappe.utils.strip_html(subject) for subject in subjects]


def test_one_notice_for_everybody_concerned(ana, ben, cleo, mona):
	make_customers(3, ana), make_customer(account_manager=ben)
	successors = [{"user": cleo}, {"user": mona}]
	with acting_as(mona):
		transfer = carried_out(successors, from_user=ana, strategy="Round Robin")
		tell_people(transfer.name, transfer.status)
		assert notices(cleo) == ["Mona transferred accounts of Ana to you: 2"]
		assert notices(ana) == ["Mona transferred accounts of yours to colleagues: 3"]
		assert notices(ben) == notices(mona) == []
		transfer = undone(transfer)
		tell_people(transfer.name, transfer.status)
	assert notices(ana)[-1] == "Mona transferred accounts to you: 3"
	assert notices(cleo)[-1] == "Mona transferred accounts of yours to Ana: 2"


def test_nobody_is_told_of_losses_if_takeovers_are_not_told_either(ana, ben, mona):
	frappe.db.set_single_value("CRM Transparency Settings", "notify_of_takeovers", 0)
	make_customer(account_manager=ana)
	with acting_as(mona):
		transfer = carried_out(ben, from_user=ana)
		tell_people(transfer.name, transfer.status)
	assert notices(ana) == [] and len(notices(ben)) == 1


def test_nothing_is_given_back_to_somebody_who_is_no_user_any_more(ana, ben):
	customer = make_customer(account_manager=ana)
	transfer = carried_out(ben, from_user=ana)
	frappe.db.delete("User", {"name": ana})
	transfer = undone(transfer)
	assert (transfer.given_back, transfer.not_given_back) == (0, 1)
	assert "isn't a user" in items(transfer)[0].note and owner_of(customer) == ben


def test_a_notice_that_cannot_be_sent_does_no_harm(ana, ben, cleo, monkeypatch):
	from frappe.desk.doctype.notification_log import notification_log

	def no_mail_account(notice):
		if notice.for_user == ben:
			raise AttributeError("'NoneType' object has no attribute 'encode'")

	monkeypatch.setattr(notification_log.NotificationLog, "after_insert", no_mail_account)
	make_customers(2, ana)
	transfer = carried_out([{"user": ben}, {"user": cleo}], from_user=ana, strategy="Round Robin")
	tell_people(transfer.name, transfer.status)
	assert (len(notices(ben)), len(notices(cleo)), len(notices(ana))) == (0, 1, 1)
