"""Carrying a plan out: accounts move as it lists, everything else too, successors are told once, and it can be undone."""

from email import message_from_string

import frappe
import pytest
from frappe.utils import add_days, now_datetime

from crm_transparency.crm_transparency.jobs import NotOurTurn
from crm_transparency.offboarding import (
	belongings_of_position,
	handover_api,
	handover_belongings,
	handover_job,
	plan_grid,
	plan_rows,
	step_flows,
	transfer_step,
	user_fields,
	wizard_api,
)
from crm_transparency.offboarding.exceptions import NotASuccessor, NothingToDo, WrongMoment
from crm_transparency.offboarding.offboarding_records import UNDO
from crm_transparency.transfers import transfer_actions, transfer_job, transfer_planning
from crm_transparency.transfers.exceptions import WrongMoment as WrongMomentOfTransfer
from tests.handover.leaving import (
	carry_out,
	computed,
	key_customer,
	make_quotation,
	row_of,
	rows,
	take_back,
	things,
)
from tests.offboarding.people import do, make_employee, offboarding_of
from tests.offboarding.people import row as row_of_step
from tests.people_and_accounts import acting_as, full_name, history, make_customer, make_lead, make_user
from tests.relationships.test_coverage import make_mail
from tests.transfers.transferring import items, owner_of


@pytest.fixture
def accounts(ana):
	return [key_customer(ana), make_customer(ana)]


@pytest.fixture
def planned(offboarding, accounts, ben, hanna, mail_account):
	"""A plan in which Ben gets everything."""
	document = computed(offboarding)
	with acting_as(hanna):
		plan_grid.change(offboarding.name, filters={}, successor=ben)
	document.db_set("default_successor", ben)
	return document


def transferred(offboarding, hanna, **arguments):
	do(offboarding, "transfer", by=hanna, **arguments)
	with acting_as(hanna):
		return carry_out(plan_rows.of_offboarding(offboarding.name))


def test_accounts_move_as_the_plan_lists(offboarding, planned, accounts, ana, ben, hanna):
	document = transferred(offboarding, hanna)
	account_transfer = frappe.get_doc("Account Transfer", document.account_transfer)
	assert (account_transfer.offboarding, account_transfer.strategy) == (offboarding.name, "As Listed")
	assert [owner_of(account) for account in accounts] == [ben, ben]
	assert history(accounts[0])[-1].account_transfer == account_transfer.name
	keys = {item.reference_name: item.is_key_account for item in items(account_transfer)}
	assert keys == {accounts[0].name: 1, accounts[1].name: 0}
	assert frappe.db.get_value("Offboarding", offboarding.name, "account_transfer") == account_transfer.name


def test_doing_it_twice_makes_one_transfer(offboarding, planned, hanna):
	do(offboarding, "transfer", by=hanna)
	do(offboarding, "transfer", by=hanna)
	transferred(offboarding, hanna)
	do(offboarding, "transfer", by=hanna)
	assert frappe.db.count("Account Transfer", {"offboarding": offboarding.name}) == 1
	assert frappe.db.count("Offboarding Mail", {"offboarding": offboarding.name}) == 1


def test_accounts_without_successor_stay_only_if_somebody_says_so(offboarding, planned, accounts, ana, hanna):
	row = row_of(offboarding, accounts[1])
	frappe.db.set_value("Handover Plan Account", row.name, "successor", None)
	with pytest.raises(NothingToDo):
		do(offboarding, "transfer", by=hanna)
	transferred(offboarding, hanna, leave_the_rest=1)
	assert owner_of(accounts[1]) == ana


def disable(user: str) -> None:
	frappe.db.set_value("User", user, "enabled", 0)


def warnings_of(offboarding, step: str) -> list[str]:
	return step_flows.get(step).known(frappe.get_doc("Offboarding", offboarding.name))["warnings"]


@pytest.mark.parametrize("because", ["disabled", "leaving"])
def test_a_successor_who_cannot_take_over_is_found_when_the_plan_is_opened_and_when_it_starts(
	because, offboarding, planned, accounts, ana, ben, hanna
):
	disable(ben) if because == "disabled" else offboarding_of(user=ben)
	for step in ("handover_plan", "transfer"):
		assert warnings_of(offboarding, step) == [f"Ben is {because}. Accounts: 2."]
	with pytest.raises(NothingToDo, match=f"Ben is {because}"):
		do(offboarding, "transfer", by=hanna)
	assert not frappe.db.exists("Account Transfer", {"offboarding": offboarding.name})
	with acting_as(hanna), pytest.raises(NotASuccessor, match=f"Ben is {because}"):
		plan_grid.change(offboarding.name, filters={}, successor=ben)


def test_a_successor_who_may_not_edit_accounts_is_named_before_the_start(offboarding, planned, hanna):
	nele = make_user("Nele", "Employee")
	with acting_as(hanna):
		plan_grid.change(offboarding.name, filters={}, successor=nele)
	(sentence,) = warnings_of(offboarding, "transfer")
	assert sentence.startswith("Nele has no permission to edit documents of these types: Customer.")


def test_accounts_left_behind_keep_the_step_open_with_the_reason_and_can_go_to_somebody_else(
	offboarding, planned, accounts, ana, ben, hanna
):
	"""Ben is disabled after the transfer was started and before it ran."""
	do(offboarding, "transfer", by=hanna)
	disable(ben)
	with acting_as(hanna):
		carry_out(plan_rows.of_offboarding(offboarding.name))
	do(offboarding, "transfer", by=hanna)
	step = row_of_step(offboarding, "transfer")
	assert step.status == "In Progress"
	assert f"Accounts that {full_name(ana)} still has: 2. Ben is disabled." in step.result
	nele, late = make_user("Nele"), make_customer(ana)
	with acting_as(hanna):
		wizard_api.run(offboarding.name, "handover_plan", {})
		assert late.name in rows(offboarding)
		plan_grid.change(offboarding.name, filters={}, successor=nele)
	transferred(offboarding, hanna)
	do(offboarding, "transfer", by=hanna)
	assert [owner_of(account) for account in (*accounts, late)] == [nele] * 3
	step = row_of_step(offboarding, "transfer")
	assert (step.status, step.result[:30]) == ("Done", "3 accounts moved, 0 not moved;")
	do(offboarding, "transfer", by=hanna, action="undo")
	with acting_as(hanna):
		take_back(plan_rows.of_offboarding(offboarding.name))
	assert [owner_of(account) for account in (*accounts, late)] == [ana] * 3


def test_what_moved_stays_in_the_plan_while_the_rest_is_planned_anew(
	offboarding, planned, accounts, ana, ben, hanna
):
	nele = make_user("Nele")
	with acting_as(hanna):
		plan_grid.change(offboarding.name, names=[row_of(offboarding, accounts[1]).name], successor=nele)
	do(offboarding, "transfer", by=hanna)
	disable(nele)
	with acting_as(hanna):
		carry_out(plan_rows.of_offboarding(offboarding.name))
		wizard_api.run(offboarding.name, "handover_plan", {})
		assert plan_grid.change(offboarding.name, filters={}, successor=hanna) == 1
	assert {name: row.successor for name, row in rows(offboarding).items()} == {
		accounts[0].name: ben,
		accounts[1].name: hanna,
	}
	document = transferred(offboarding, hanna)
	assert [owner_of(account) for account in accounts] == [ben, hanna]
	assert transfer_actions.progress(document.account_transfer)["counts"]["transferred"] == 2
	with acting_as(hanna), pytest.raises(frappe.ValidationError):
		frappe.delete_doc("Account Transfer", document.account_transfer)


def test_a_transfer_that_moved_nothing_can_be_undone_and_the_plan_changed(
	offboarding, planned, accounts, ana, ben, hanna
):
	do(offboarding, "transfer", by=hanna)
	disable(ben)
	with acting_as(hanna):
		document = carry_out(plan_rows.of_offboarding(offboarding.name))
		assert transfer_actions.progress(document.account_transfer)["actions"] == ["resume", "undo"]
	do(offboarding, "transfer", by=hanna, action="undo")
	with acting_as(hanna):
		plan_grid.change(offboarding.name, filters={}, successor=hanna)


def test_other_items_do_not_go_to_somebody_who_is_disabled(offboarding, planned, ana, ben, hanna):
	todo = frappe.get_doc(doctype="ToDo", description="Order paper", allocated_to=ana).insert()
	computed(offboarding)
	disable(ben)
	transferred(offboarding, hanna, leave_the_rest=1)
	(row,) = things(offboarding, "ToDo")
	assert (row.status, row.note) == ("Failed", "Ben is disabled.")
	assert frappe.db.get_value("ToDo", todo.name, "allocated_to") == ana


def test_the_step_is_done_without_anybody_looking(offboarding, planned, hanna, nothing_is_committed):
	do(offboarding, "transfer", by=hanna)
	with acting_as(hanna):
		carry_out(plan_rows.of_offboarding(offboarding.name))
	assert row_of_step(offboarding, "transfer").status == "In Progress"
	transfer_step.proceed_with(offboarding.name)
	assert row_of_step(offboarding, "transfer").status == "Done"


def test_whoever_has_nothing_to_hand_over_is_done_at_once(offboarding, hanna, monkeypatch):
	computed(offboarding)
	monkeypatch.setattr(handover_job, "move", lambda plan: pytest.fail("there is nothing to queue"))
	do(offboarding, "transfer", by=hanna)
	assert row_of_step(offboarding, "transfer").status == "Done"


def test_whoever_has_no_user_finishes_every_step_of_the_handover(hanna):
	nobody = offboarding_of(make_employee(None))
	for step, arguments in (("handover_plan", {}), ("introductions", {}), ("transfer", {})):
		do(nobody, step, by=hanna, **arguments)
		assert row_of_step(nobody, step).status == "Done", step


def test_the_plan_stays_as_it_was_carried_out(offboarding, planned, ben, hanna):
	transferred(offboarding, hanna)
	with acting_as(hanna), pytest.raises(WrongMoment):
		plan_grid.change(offboarding.name, filters={}, successor=ben)
	with pytest.raises(frappe.ValidationError):
		do(offboarding, "handover_plan", by=hanna)


def test_undone_everything_is_as_before_and_can_be_done_anew(offboarding, planned, accounts, ana, ben, hanna):
	todo = frappe.get_doc(doctype="ToDo", description="Order paper", allocated_to=ana).insert()
	computed(offboarding)
	transferred(offboarding, hanna)
	assert frappe.db.get_value("ToDo", todo.name, "allocated_to") == ben
	do(offboarding, "transfer", by=hanna, action="undo")
	with acting_as(hanna):
		take_back(plan_rows.of_offboarding(offboarding.name))
	assert [owner_of(account) for account in accounts] == [ana, ana]
	assert frappe.db.get_value("ToDo", todo.name, "allocated_to") == ana
	document = transferred(offboarding, hanna)
	assert [owner_of(account) for account in accounts] == [ben, ben]
	assert frappe.db.get_value("ToDo", todo.name, "allocated_to") == ben
	assert document.account_transfer
	assert frappe.db.count("Account Transfer", {"offboarding": offboarding.name}) == 2


def test_successors_are_told_once_what_they_got(
	offboarding, planned, accounts, ben, hanna, nothing_is_committed
):
	document = transferred(offboarding, hanna)
	with acting_as(hanna):
		transfer_step.proceed(document)
	transfer_step.continue_handovers()
	(mail,) = frappe.get_all("Offboarding Mail", filters={"offboarding": offboarding.name}, fields=["*"])
	assert mail.recipient == ben
	text = frappe.db.get_value("Email Queue", mail.email_queue, "message")
	assert "taking over" in text and "2 accounts" in text.replace("=\n", "")


def test_what_is_decided_later_is_told_in_one_more_mail(
	offboarding, planned, ana, ben, hanna, nothing_is_committed
):
	roles = [only_signed_with_a_role_of(ana) for _time in range(2)]
	frappe.get_doc("User", hanna).add_roles("System Manager")
	computed(offboarding)
	transferred(offboarding, hanna)
	transfer_step.continue_handovers()
	assert len(summaries_of(offboarding)) == 1
	decided(offboarding, "Approval Role", hanna, action="Move")
	do(offboarding, "transfer", by=hanna, move_decided=1)
	transfer_step.continue_handovers()
	assert len(summaries_of(offboarding)) == 1
	while handover_belongings.move_next(offboarding.name):
		pass
	handover_job.WORK.release(offboarding.name)
	for _time in range(2):
		transfer_step.continue_handovers()
	do(offboarding, "transfer", by=hanna)
	summary, addition = summaries_of(offboarding)
	assert "2 accounts" in summary and not any(role in summary for role in roles)
	assert "You are also taking over 2 other items" in addition and all(role in addition for role in roles)
	assert "2 accounts" not in addition
	known = transfer_step.transfer_state(plan_rows.of_offboarding(offboarding.name))
	assert known["summaries"] == [f"{ben} (Queued)"]


def test_whoever_could_not_be_told_is_told_of_all_of_it_in_one_mail(
	offboarding, planned, ana, ben, hanna, nothing_is_committed
):
	frappe.get_doc(doctype="ToDo", description="Order paper", allocated_to=ana).insert()
	frappe.db.set_value("User", ben, "email", "ben at ours")
	computed(offboarding)
	decided(offboarding, "ToDo", hanna, action="Leave")
	transferred(offboarding, hanna)
	decided(offboarding, "ToDo", hanna, action="Move")
	transferred(offboarding, hanna, move_decided=1)
	assert summaries_of(offboarding) == []
	frappe.db.set_value("User", ben, "email", ben)
	for _time in range(2):
		transfer_step.continue_handovers()
	(mail,) = summaries_of(offboarding)
	assert "2 accounts and 1 other item." in mail and "Order paper" in mail


def test_what_somebody_began_to_undo_meanwhile_is_not_told(offboarding, planned, ana, hanna):
	"""Whoever goes on may have waited for those who undo, with the plan as it was before."""
	frappe.get_doc(doctype="ToDo", description="Order paper", allocated_to=ana).insert()
	computed(offboarding)
	while handover_belongings.move_next(offboarding.name):
		pass
	as_it_was = plan_rows.of_offboarding(offboarding.name)
	handover_job.start(as_it_was, UNDO)
	transfer_step.proceed(as_it_was)
	assert summaries_of(offboarding) == []


def test_what_moved_anew_after_it_was_undone_is_told_anew(offboarding, planned, ana, ben, hanna):
	frappe.get_doc(doctype="ToDo", description="Order paper", allocated_to=ana).insert()
	computed(offboarding)
	transferred(offboarding, hanna)
	do(offboarding, "transfer", by=hanna, action="undo")
	with acting_as(hanna):
		take_back(plan_rows.of_offboarding(offboarding.name))
	transferred(offboarding, hanna)
	assert ["1 other item." in mail for mail in summaries_of(offboarding)] == [True, True]


def summaries_of(offboarding) -> list[str]:
	"""Return the texts of the mails to successors, the oldest first."""
	mails = frappe.get_all(
		"Offboarding Mail",
		filters={"offboarding": offboarding.name, "kind": ("like", "handover summary %")},
		pluck="email_queue",
		order_by="sent_on",
	)
	queued = [frappe.db.get_value("Email Queue", mail, "message") for mail in mails]
	parts = [next(part for part in message_from_string(text).walk() if is_plain(part)) for text in queued]
	return [" ".join(part.get_payload(decode=True).decode().split()) for part in parts]


def is_plain(part) -> bool:
	return part.get_content_type() == "text/plain"


def test_the_step_is_done_when_all_is_completed(offboarding, planned, hanna):
	from tests.offboarding.people import row

	do(offboarding, "transfer", by=hanna)
	assert row(offboarding, "transfer").status == "In Progress"
	with acting_as(hanna):
		carry_out(plan_rows.of_offboarding(offboarding.name))
	do(offboarding, "transfer", by=hanna)
	assert row(offboarding, "transfer").status == "Done"
	assert row(offboarding, "transfer").result.startswith("2 accounts moved, 0 not moved")


def test_cancelling_gives_back_and_says_who_was_told(offboarding, planned, accounts, ana, hanna):
	from crm_transparency.offboarding import wizard_api

	transferred(offboarding, hanna)
	do(offboarding, "transfer", by=hanna)
	with acting_as(hanna):
		not_undone = wizard_api.cancel(offboarding.name, "Ana stays")
		take_back(plan_rows.of_offboarding(offboarding.name))
	assert owner_of(accounts[0]) == ana
	assert any("summary" in sentence for sentence in not_undone)


# what else hangs on somebody


@pytest.fixture
def belongings(offboarding, accounts, employee, ana, ben, mona):
	"""One of each kind, and what it was before, read by a function."""
	make_employee(ben, "Ben")
	customer = accounts[0]
	names = {}
	names["ToDo"] = frappe.get_doc(doctype="ToDo", description="Order paper", allocated_to=ana).insert().name
	with acting_as(ana):
		names["Event"] = (
			frappe.get_doc(doctype="Event", subject="Fair", starts_on=add_days(now_datetime(), 5))
			.insert(ignore_permissions=True)
			.name
		)
		names["List Filter"] = (
			frappe.get_doc(
				doctype="List Filter",
				filter_name="Mine",
				reference_doctype="Customer",
				for_user=ana,
				filters="[]",
			)
			.insert(ignore_permissions=True)
			.name
		)
		names["View"] = (
			frappe.get_doc(
				doctype="Report",
				report_name=f"Mine {frappe.generate_hash(length=6)}",
				ref_doctype="Customer",
				report_type="Report Builder",
				is_standard="No",
			)
			.insert(ignore_permissions=True)
			.name
		)
	names["Quotation"] = make_quotation(customer, 700, owner=ana)
	names["Mail"] = make_mail(customer, "lena@harbour.example", ana, sent=False, days_ago=1).name
	names["Issue"] = issue(customer, ana)
	names["Assignment Rule"] = assignment_rule(ana)
	names["Notification"] = notification(ana)
	names["Scheduled Report"] = scheduled_report(ana)
	names["Sales Person"] = sales_person(employee.name, "Ana")
	sales_person(frappe.db.get_value("Employee", {"user_id": ben}), "Ben")
	names["Territory"] = territory(names["Sales Person"])
	names["Subordinate"] = make_employee(None, "Sub", reports_to=employee.name).name
	return names


def issue(customer, owner: str) -> str:
	document = frappe.get_doc(doctype="Issue", subject="Late delivery", customer=customer.name, status="Open")
	document.insert(ignore_permissions=True)
	document.db_set("owner", owner)
	return document.name


def assignment_rule(user: str) -> str:
	rule = frappe.get_doc(
		doctype="Assignment Rule",
		name=f"Rule {frappe.generate_hash(length=6)}",
		document_type="Issue",
		assign_condition="status == 'Open'",
		rule="Round Robin",
		users=[{"user": user}],
		assignment_days=[{"day": day} for day in ("Monday", "Tuesday")],
		description="Please answer",
		disabled=1,
	)
	return rule.insert(ignore_permissions=True).name


def notification(user: str) -> str:
	document = frappe.get_doc(
		doctype="Notification",
		name=f"Notice {frappe.generate_hash(length=6)}",
		subject="New customer",
		document_type="Customer",
		event="New",
		channel="Email",
		message="…",
		enabled=0,
		recipients=[{"cc": f"boss@ours.example\n{user}"}],
	)
	return document.insert(ignore_permissions=True).name


def scheduled_report(user: str) -> str:
	report = frappe.get_all("Report", filters={"report_type": "Script Report"}, pluck="name", limit=1)[0]
	document = frappe.new_doc("Auto Email Report")
	document.update(
		{
			"report": report,
			"user": user,
			"enabled": 0,
			"email_to": f"boss@ours.example\n{user}",
			"format": "CSV",
			"frequency": "Daily",
		}
	)
	document.name = f"Report {frappe.generate_hash(length=6)}"
	document.db_insert()
	return document.name


def sales_person(employee: str, name: str) -> str:
	parents = frappe.get_all("Sales Person", filters={"is_group": 1}, pluck="name", limit=1)
	document = frappe.get_doc(
		doctype="Sales Person",
		sales_person_name=f"{name} {frappe.generate_hash(length=6)}",
		employee=employee,
		enabled=1,
		is_group=0,
		parent_sales_person=parents[0] if parents else None,
	)
	return document.insert(ignore_permissions=True).name


def territory(manager: str) -> str:
	parents = frappe.get_all("Territory", filters={"is_group": 1}, pluck="name", limit=1)
	document = frappe.get_doc(
		doctype="Territory",
		territory_name=f"Wharf {frappe.generate_hash(length=6)}",
		parent_territory=parents[0] if parents else None,
		territory_manager=manager,
		is_group=0,
	)
	return document.insert(ignore_permissions=True).name


def state(names: dict[str, str]) -> dict[str, object]:
	"""Return what each belonging says about whose it is."""

	def value(doctype: str, kind: str, field: str):
		return frappe.db.get_value(doctype, names[kind], field)

	return {
		"ToDo": value("ToDo", "ToDo", "allocated_to"),
		"Event": value("Event", "Event", "owner"),
		"List Filter": value("List Filter", "List Filter", "for_user"),
		"View": value("Report", "View", "owner"),
		"Assignment Rule": frappe.get_all(
			"Assignment Rule User", filters={"parent": names["Assignment Rule"]}, pluck="user"
		),
		"Notification": frappe.db.get_value(
			"Notification Recipient", {"parent": names["Notification"]}, "cc"
		).splitlines(),
		"Scheduled Report": [
			value("Auto Email Report", "Scheduled Report", "user"),
			value("Auto Email Report", "Scheduled Report", "email_to").splitlines(),
		],
		"Sales Person": value("Sales Person", "Sales Person", "enabled"),
		"Territory": value("Territory", "Territory", "territory_manager"),
		"Subordinate": value("Employee", "Subordinate", "reports_to"),
		"todos of the successor": frappe.get_all(
			"ToDo",
			filters={
				"status": "Open",
				"reference_name": ("in", [names["Quotation"], names["Issue"]]),
			},
			pluck="allocated_to",
		),
	}


def test_cancelled_right_after_transfer_was_pressed_nothing_moves(offboarding, planned, accounts, ana, hanna):
	todo = frappe.get_doc(doctype="ToDo", description="Order paper", allocated_to=ana).insert()
	computed(offboarding)
	do(offboarding, "transfer", by=hanna)
	with acting_as(hanna):
		step_flows.cancel(frappe.get_doc("Offboarding", offboarding.name), "She stays")
		take_back(plan_rows.of_offboarding(offboarding.name))
	assert [owner_of(account) for account in accounts] == [ana, ana]
	assert frappe.db.get_value("ToDo", todo.name, "allocated_to") == ana
	assert {row.status for row in things(offboarding)} == {"Planned"}
	nothing_moves_any_more(offboarding, accounts, ana, hanna)


@pytest.mark.parametrize("by", ["cancelling", "the step"])
def test_a_transfer_that_was_only_drafted_by_then_can_not_be_started(
	by, offboarding, planned, accounts, ana, hanna, monkeypatch
):
	"""More accounts than this are previewed in the background."""
	monkeypatch.setattr(transfer_planning, "ACCOUNTS_WHILE_WAITING", 0)
	do(offboarding, "transfer", by=hanna)
	account_transfer = frappe.get_doc("Account Transfer", {"offboarding": offboarding.name})
	assert (account_transfer.status, account_transfer.task) == ("Draft", "Preview")
	if by == "cancelling":
		with acting_as(hanna):
			step_flows.cancel(frappe.get_doc("Offboarding", offboarding.name), "She stays")
	else:
		do(offboarding, "transfer", by=hanna, action="undo")
	with pytest.raises(NotOurTurn):
		transfer_job.still_planning(account_transfer.name, account_transfer.worker)
	nothing_moves_any_more(offboarding, accounts, ana, hanna)


def nothing_moves_any_more(offboarding, accounts, leaver: str, by: str) -> None:
	"""Look at the transfer from its own form, which knows nothing of the offboarding."""
	name = frappe.db.get_value("Account Transfer", {"offboarding": offboarding.name})
	with acting_as(by):
		assert transfer_actions.progress(name)["actions"] == []
		for act in (transfer_actions.preview, transfer_actions.start, transfer_actions.resume):
			with pytest.raises(WrongMomentOfTransfer):
				act(name)
	assert [owner_of(account) for account in accounts] == [leaver, leaver]


def test_everything_that_hangs_on_the_leaver_is_found(offboarding, belongings):
	computed(offboarding)
	found = {row.kind: row.reference_name for row in things(offboarding)}
	assert belongings.items() <= found.items()
	computed(offboarding)
	assert len(things(offboarding)) == len({(row.kind, row.reference_name) for row in things(offboarding)})


def test_everything_moves_and_comes_back(offboarding, belongings, planned, accounts, ana, ben, hanna):
	computed(offboarding)
	before = state(belongings)
	transferred(offboarding, hanna)
	assert {row.kind: row.note for row in things(offboarding) if row.status == "Failed"} == {}
	moved = state(belongings)
	assert (moved["ToDo"], moved["Event"], moved["List Filter"], moved["View"]) == (ben, ben, ben, ben)
	assert moved["Assignment Rule"] == [ben]
	assert moved["Notification"] == ["boss@ours.example", ben]
	assert moved["Scheduled Report"] == [ben, ["boss@ours.example", ben]]
	assert moved["Sales Person"] == 0
	assert moved["Territory"].startswith("Ben")
	assert frappe.db.get_value("Employee", moved["Subordinate"], "user_id") == ben
	assert moved["todos of the successor"] == [ben, ben]
	answer = {"reference_name": accounts[0].name, "allocated_to": ben, "status": "Open"}
	assert "Prices for next year" in frappe.db.get_value("ToDo", answer, "description")

	do(offboarding, "transfer", by=hanna, action="undo")
	with acting_as(hanna):
		take_back(plan_rows.of_offboarding(offboarding.name))
	assert [row.note for row in things(offboarding) if row.note] == []
	assert state(belongings) == before


def test_what_somebody_closed_meanwhile_stays_closed(offboarding, planned, ana, ben, hanna):
	todo = frappe.get_doc(doctype="ToDo", description="Order paper", allocated_to=ana).insert()
	computed(offboarding)
	todo.status = "Closed"
	todo.save()
	transferred(offboarding, hanna)
	(row,) = things(offboarding, "ToDo")
	assert (row.status, row.note) == ("Done", "Somebody else closed or changed it in the meantime.")
	assert frappe.db.get_value("ToDo", todo.name, "allocated_to") == ana


def test_what_fails_is_told_and_the_rest_moves(offboarding, planned, employee, ana, ben, hanna):
	"""Nobody can report to Ben, who has no employee record."""
	make_employee(None, "Sub", reports_to=employee.name)
	todo = frappe.get_doc(doctype="ToDo", description="Order paper", allocated_to=ana).insert()
	computed(offboarding)
	transferred(offboarding, hanna)
	(row,) = things(offboarding, "Subordinate")
	assert row.status == "Failed" and "has no employee record" in row.note
	assert frappe.db.get_value("ToDo", todo.name, "allocated_to") == ben


def decided(offboarding, kind: str, by: str, **what) -> None:
	with acting_as(by):
		handover_api.change_belongings(
			offboarding.name, [row.name for row in things(offboarding, kind)], **what
		)


def test_a_role_that_nobody_else_has_goes_along_or_the_result_says_whom_to_ask(
	offboarding, planned, ana, ben, hanna
):
	role = only_signed_with_a_role_of(ana)
	document = computed(offboarding)
	decided(offboarding, "Approval Role", hanna, action="Move")
	assert transfer_step.transfer_state(document)["decided"] == [
		{"kind": "Roles for approvals", "title": role, "to": "Ben"}
	]
	transferred(offboarding, hanna)
	(row,) = things(offboarding, "Approval Role")
	assert (row.reference_name, row.status) == (role, "Failed")
	do(offboarding, "transfer", by=hanna)
	result = row_of_step(offboarding, "transfer").result
	assert f"{role}: Only administrators can assign roles. Please ask " in result
	assert f"to assign the role {role} to Ben" in result

	frappe.get_doc("User", hanna).add_roles("System Manager")
	do(offboarding, "transfer", by=hanna, action="undo")
	with acting_as(hanna):
		take_back(plan_rows.of_offboarding(offboarding.name))
	transferred(offboarding, hanna)
	assert role in frappe.get_roles(ben)


def test_a_role_stays_until_somebody_decides_about_it_also_after_the_transfer(
	offboarding, planned, ana, ben, hanna
):
	"""It lets its holder approve things: that isn't handed over in silence."""
	role = only_signed_with_a_role_of(ana)
	frappe.get_doc("User", hanna).add_roles("System Manager")
	document = computed(offboarding)
	assert transfer_step.transfer_state(document)["undecided"] == [f"Roles for approvals: {role}"]
	do(offboarding, "handover_plan", by=hanna, action="finish")
	assert row_of_step(offboarding, "handover_plan").result.endswith("To be decided: 1.")
	with acting_as(hanna):
		(row,) = [
			row for row in handover_api.list_belongings(offboarding.name) if row.kind == "Approval Role"
		]
	assert (row.is_undecided, row.goes_to_name) == (True, "Ben")
	transferred(offboarding, hanna)
	do(offboarding, "transfer", by=hanna)
	assert f"These stay: {role}." in row_of_step(offboarding, "transfer").result
	assert role not in frappe.get_roles(ben)

	decided(offboarding, "Approval Role", hanna, action="Leave")
	assert transfer_step.transfer_state(document)["undecided"] == []
	decided(offboarding, "Approval Role", hanna, action="Move")
	transferred(offboarding, hanna)
	assert role not in frappe.get_roles(ben)
	transferred(offboarding, hanna, move_decided=1)
	assert role in frappe.get_roles(ben)
	assert transfer_step.transfer_state(plan_rows.of_offboarding(offboarding.name))["is_completed"]


def test_what_failed_moves_once_what_was_missing_is_there(offboarding, planned, employee, ana, ben, hanna):
	make_employee(None, "Sub", reports_to=employee.name)
	computed(offboarding)
	transferred(offboarding, hanna)
	assert things(offboarding, "Subordinate")[0].status == "Failed"
	make_employee(ben, "Ben")
	decided(offboarding, "Subordinate", hanna, action="Move")
	transferred(offboarding, hanna, move_decided=1)
	assert things(offboarding, "Subordinate")[0].status == "Done"


def test_mailboxes_stay_unless_somebody_decides(offboarding, planned, ana, hanna):
	frappe.get_doc(
		doctype="User Email", parent=ana, parenttype="User", parentfield="user_emails", email_account="Sales"
	).db_insert()
	computed(offboarding)
	(row,) = things(offboarding, "Mailbox")
	assert (row.reference_name, row.action) == ("Sales", "Leave")
	transferred(offboarding, hanna)
	do(offboarding, "transfer", by=hanna)
	assert "These stay: Sales." in row_of_step(offboarding, "transfer").result


def only_signed_with_a_role_of(user: str) -> str:
	"""Give somebody a role that a workflow asks for, and return it."""
	role = frappe.get_doc(doctype="Role", role_name=f"Signs {frappe.generate_hash(length=6)}").insert().name
	frappe.get_doc("User", user).add_roles(role)
	for name in ("Open", "Signed"):
		if not frappe.db.exists("Workflow State", name):
			frappe.get_doc(doctype="Workflow State", workflow_state_name=name).insert()
	if not frappe.db.exists("Workflow Action Master", "Sign"):
		frappe.get_doc(doctype="Workflow Action Master", workflow_action_name="Sign").insert()
	workflow = frappe.new_doc("Workflow")
	workflow.update({"workflow_name": f"W {role}", "document_type": "Note", "is_active": 1})
	workflow.append(
		"transitions", {"state": "Open", "action": "Sign", "next_state": "Signed", "allowed": role}
	)
	workflow.name = workflow.workflow_name
	workflow.db_insert()
	workflow.transitions[0].parent = workflow.name
	workflow.transitions[0].db_insert()
	return role


# sales teams of customers


@pytest.fixture
def anas_sales_person(employee):
	return sales_person(employee.name, "Ana")


def team(customer) -> dict[str, float]:
	rows = frappe.get_all(
		"Sales Team", filters={"parent": customer.name}, fields=["sales_person", "allocated_percentage"]
	)
	return {row.sales_person: row.allocated_percentage for row in rows}


def in_team(customer, person: str, percentage: float) -> None:
	values = {"sales_person": person, "allocated_percentage": percentage}
	parent = {"parent": customer.name, "parenttype": "Customer", "parentfield": "sales_team"}
	frappe.get_doc(doctype="Sales Team", **values, **parent).db_insert()


@pytest.mark.parametrize("successor_is", ["somebody else", "in the team", "no sales person"])
def test_the_part_in_a_sales_team_goes_along_and_comes_back(
	successor_is, offboarding, planned, accounts, anas_sales_person, ben, mona, hanna
):
	if not frappe.db.exists("DocType", "Sales Team"):
		pytest.skip("Sales teams are ERPNext's")
	customer = accounts[0]
	monas = sales_person(frappe.db.get_value("Employee", {"user_id": mona}), "Mona")
	bens = None if successor_is == "no sales person" else sales_person(make_employee(ben, "Ben").name, "Ben")
	in_team(customer, anas_sales_person, 60)
	in_team(customer, bens if successor_is == "in the team" else monas, 40)
	before = team(customer)
	computed(offboarding)
	transferred(offboarding, hanna)
	assert things(offboarding, "Sales Team")[0].note is None
	assert (
		team(customer)
		== {
			"somebody else": {bens: 60, monas: 40},
			"in the team": {bens: 100},
			"no sales person": {monas: 100},
		}[successor_is]
	)
	do(offboarding, "transfer", by=hanna, action="undo")
	with acting_as(hanna):
		take_back(plan_rows.of_offboarding(offboarding.name))
	assert team(customer) == before


# sales persons in open documents


def in_document(doctype: str, person: str, **values) -> str:
	document = frappe.new_doc(doctype)
	document.update({"docstatus": 1, **values})
	document.name = f"DOC-{frappe.generate_hash(length=10)}"
	document.db_insert()
	row = frappe.get_doc(doctype="Sales Team", sales_person=person, allocated_percentage=100)
	row.update({"parent": document.name, "parenttype": doctype, "parentfield": "sales_team"})
	row.db_insert()
	return document.name


WAITS = "Waits with disabling until these are closed, or their sales team names others: "


def test_a_sales_person_is_disabled_once_no_open_document_names_it(
	offboarding, planned, anas_sales_person, hanna, nothing_is_committed
):
	first, second = sorted(in_document("Sales Order", anas_sales_person, status="To Bill") for _n in range(2))
	in_document("Sales Order", anas_sales_person, status="Completed")
	in_document("Sales Order", anas_sales_person, status="To Bill", docstatus=2)
	computed(offboarding)
	(found,) = things(offboarding, "Sales Person")
	assert found.detail == f"{WAITS}{first}, {second}."
	transferred(offboarding, hanna)
	do(offboarding, "transfer", by=hanna)
	assert WAITS in row_of_step(offboarding, "transfer").result
	frappe.db.set_value("Sales Order", first, "status", "Closed")
	handover_belongings.disable_waiting_sales_persons()
	assert frappe.db.get_value("Sales Person", anas_sales_person, "enabled") == 1
	frappe.db.set_value("Sales Team", {"parent": second}, "sales_person", "Somebody else")
	handover_belongings.disable_waiting_sales_persons()
	assert frappe.db.get_value("Sales Person", anas_sales_person, "enabled") == 0
	do(offboarding, "transfer", by=hanna, action="undo")
	with acting_as(hanna):
		take_back(plan_rows.of_offboarding(offboarding.name))
	assert frappe.db.get_value("Sales Person", anas_sales_person, "enabled") == 1


def test_after_undoing_no_sales_person_waits_to_be_disabled(
	offboarding, planned, anas_sales_person, hanna, nothing_is_committed
):
	order = in_document("Sales Order", anas_sales_person, status="To Bill")
	computed(offboarding)
	transferred(offboarding, hanna)
	do(offboarding, "transfer", by=hanna, action="undo")
	with acting_as(hanna):
		take_back(plan_rows.of_offboarding(offboarding.name))
	frappe.db.set_value("Sales Order", order, "status", "Closed")
	handover_belongings.disable_waiting_sales_persons()
	assert frappe.db.get_value("Sales Person", anas_sales_person, "enabled") == 1


def test_a_sales_person_that_could_not_be_given_back_is_not_disabled_again(
	offboarding, planned, anas_sales_person, hanna, nothing_is_committed, monkeypatch
):
	def fail(*_arguments):
		raise TypeError("There is no such field")

	computed(offboarding)
	transferred(offboarding, hanna)
	kind = handover_belongings.KINDS["Sales Person"]._replace(give_back=fail)
	monkeypatch.setitem(handover_belongings.KINDS, "Sales Person", kind)
	do(offboarding, "transfer", by=hanna, action="undo")
	with acting_as(hanna):
		take_back(plan_rows.of_offboarding(offboarding.name))
	frappe.db.set_value("Sales Person", anas_sales_person, "enabled", 1)
	handover_belongings.disable_waiting_sales_persons()
	assert frappe.db.get_value("Sales Person", anas_sales_person, "enabled") == 1
	assert [row.status for row in things(offboarding, "Sales Person")] == ["Failed"]


def test_what_may_still_be_billed_or_returned_keeps_a_sales_person_enabled(offboarding, anas_sales_person):
	if not frappe.db.exists("DocType", "Delivery Note"):
		pytest.skip("Delivery notes are ERPNext's")
	lately, long_ago = (add_days(now_datetime(), days).date() for days in (-1, -60))
	in_document("Delivery Note", anas_sales_person, status="Completed", posting_date=long_ago)
	in_document("Sales Invoice", anas_sales_person, status="Paid", posting_date=long_ago)
	waiting = [
		in_document("Delivery Note", anas_sales_person, status="To Bill", posting_date=long_ago),
		in_document("Delivery Note", anas_sales_person, status="Completed", posting_date=lately),
		in_document("Sales Invoice", anas_sales_person, status="Paid", posting_date=lately),
		in_document("Sales Invoice", anas_sales_person, status="Draft", docstatus=0, posting_date=long_ago),
	]
	assert set(belongings_of_position.open_documents(anas_sales_person)) == set(waiting)


# fields that name the leaver


def test_any_field_that_names_the_leaver_is_found_counted_moved_and_given_back(
	offboarding, planned, ana, ben, mona, hanna
):
	settings = frappe.get_doc("CRM Transparency Settings")
	next(row for row in settings.tracked_doctypes if row.document_type == "Lead").enabled = 0
	settings.save()
	leads = [make_lead(user, qualified_by=ana) for user in (ana, ana, mona)]
	computed(offboarding)
	found = {row.reference_name: row for row in things(offboarding, "User Field")}
	row = found["Lead.lead_owner"]
	assert (row.detail, row.action) == ("Documents: 2", "Leave")
	assert {"Customer.account_manager", "Employee.user_id", "Employee.leave_approver"}.isdisjoint(found)

	def lead_owners() -> list[str]:
		return [frappe.db.get_value("Lead", lead.name, "lead_owner") for lead in leads]

	decided(offboarding, "User Field", hanna, action="Move")
	transferred(offboarding, hanna)
	assert lead_owners() == [ben, ben, mona]
	frappe.db.set_value("Lead", leads[1].name, "lead_owner", hanna)
	do(offboarding, "transfer", by=hanna, action="undo")
	with acting_as(hanna):
		take_back(plan_rows.of_offboarding(offboarding.name))
	assert lead_owners() == [ana, hanna, mona]
	assert {frappe.db.get_value("Lead", lead.name, "qualified_by") for lead in leads} == {ana}


def test_who_did_something_stays_in_the_documents(offboarding, ana):
	"""Fields that tell what happened aren't offered: history isn't rewritten to name the successor."""
	fields = {f"{meta.name}.{field}" for meta, field in user_fields.user_fields({})}
	deeds = ("Lead.qualified_by", "CRM Note.added_by", "Task.completed_by", "Warranty Claim.resolved_by")
	records = ("Call Log.employee_user_id", "PWA Notification.from_user", "PWA Notification.to_user")
	assert fields.isdisjoint((*deeds, *records))


def test_a_cached_document_names_the_successor_in_its_rows(ana, ben):
	lead = make_lead(ana, notes=[{"note": "Called", "added_by": ana}])
	assert frappe.get_cached_doc("Lead", lead.name).notes[0].added_by == ana
	user_fields.rename("CRM Note.added_by", ana, ben)
	assert frappe.get_cached_doc("Lead", lead.name).notes[0].added_by == ben


def test_custom_fields_that_name_a_user_are_found_on_any_doctype(offboarding):
	"""Only the definition matters: adding the column would end the test's transaction."""
	for doctype, name, read_only in (("Customer", "backup_manager", 0), ("Contact", "made_by", 1)):
		field = frappe.new_doc("Custom Field")
		field.update({"dt": doctype, "fieldname": name, "fieldtype": "Link", "options": "User"})
		field.update({"label": "Backup manager", "read_only": read_only})
		field.name = f"{doctype}-{name}"
		field.db_insert()
		frappe.clear_cache(doctype=doctype)
	fields = {f"{meta.name}.{field}" for meta, field in user_fields.user_fields({})}
	assert "Customer.backup_manager" in fields
	assert {"Contact.made_by", "Contact.user", "ToDo.allocated_to", "Handover Plan.leaver"}.isdisjoint(fields)
	for doctype in ("Customer", "Contact"):
		frappe.db.delete("Custom Field", {"dt": doctype, "fieldname": ("in", ("backup_manager", "made_by"))})
		frappe.clear_cache(doctype=doctype)
