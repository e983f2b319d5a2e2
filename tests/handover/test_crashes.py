"""Killed in the middle, or done by two at once: every letter goes once, every thing moves once, no row is there twice.

These tests commit, in processes of their own, and take away what they made.
"""

import time
from collections.abc import Iterator

import frappe
import pytest

from crm_transparency.offboarding import (
	belongings_of_work,
	handover_belongings,
	handover_job,
	handover_summaries,
	introduction_drafts,
	introduction_sending,
	mail_once,
	plan_grid,
	plan_rows,
	transfer_step,
)
from tests.handover.leaving import key_customer, letters, rows, things
from tests.offboarding.people import add_mail_account, make_hr, offboarding_of
from tests.ownership.processes import Process, wait_until
from tests.people_and_accounts import make_customer, make_user

ACCOUNTS = 6


class World:
	"""A committed leaver with customers, some of them key accounts with a contact, and to-dos."""

	def __init__(self):
		self.people = [make_user(name, "Sales User") for name in ("Ana", "Ben")]
		self.people.append(make_hr())
		self.ana, self.ben, self.hanna = self.people
		self.tag = frappe.generate_hash(length=8)
		self.customers = [key_customer(self.ana, f"r{number}.{self.tag}@x.example") for number in range(3)]
		self.customers += [make_customer(self.ana) for _number in range(ACCOUNTS - 3)]
		self.todos = [
			frappe.get_doc(doctype="ToDo", description=f"Order {number}", allocated_to=self.ana).insert().name
			for number in range(4)
		]
		self.mail_account = add_mail_account()
		self.offboarding = offboarding_of(user=self.ana)
		self.plan = plan_rows.of_offboarding(self.offboarding.name)
		frappe.db.commit()

	def computed(self) -> None:
		plan_rows.compute(self.plan)
		plan_grid.change(self.offboarding.name, filters={}, successor=self.ben)
		self.plan.db_set("default_successor", self.ben)
		frappe.db.commit()

	def approved(self) -> None:
		self.computed()
		introduction_drafts.draft(self.plan)
		introduction_sending.start_sending(self.plan, 500)
		for letter in letters(self.offboarding):
			introduction_drafts.approve(letter.name)
		frappe.db.commit()

	def taken(self, task: str) -> str:
		"""Give the plan to a job that the test runs; return its token."""
		values = {
			"task": task,
			"worker": "first",
			"last_progress_on": frappe.utils.now(),
			"run_by": self.hanna,
		}
		self.plan.db_set(values)
		frappe.db.commit()
		return "first"

	def end(self) -> None:
		frappe.db.rollback()
		frappe.set_user("Administrator")
		offboarding, names = self.offboarding.name, [customer.name for customer in self.customers]
		contacts = frappe.get_all("Contact Email", {"email_id": ("like", f"%{self.tag}%")}, pluck="parent")
		queued = frappe.get_all("Offboarding Mail", {"offboarding": offboarding}, pluck="email_queue")
		for doctype, field, values in (
			("Handover Plan Account", "offboarding", [offboarding]),
			("Handover Belonging", "offboarding", [offboarding]),
			("Handover Introduction", "offboarding", [offboarding]),
			("Handover Plan", "name", [offboarding]),
			("Offboarding Mail", "offboarding", [offboarding]),
			("Offboarding Step", "parent", [offboarding]),
			("Offboarding", "name", [offboarding]),
			("Email Queue Recipient", "parent", queued),
			("Email Queue", "name", queued),
			("Communication", "reference_name", names),
			("Communication Link", "link_name", [*names, *contacts]),
			("Contact", "name", contacts),
			("Contact Email", "parent", contacts),
			("Dynamic Link", "link_name", names),
			("Quotation", "party_name", names),
			("Account Owner Change", "reference_name", names),
			("Version", "docname", [*names, *self.people, *self.todos]),
			("ToDo", "name", self.todos),
			("Comment", "reference_name", [*names, *self.people, offboarding]),
			("Notification Settings", "name", self.people),
			("Notification Log", "document_name", [offboarding]),
			("Has Role", "parent", self.people),
			("Customer", "name", names),
			("User", "name", self.people),
			("Email Account", "name", [self.mail_account]),
		):
			if values := [value for value in values if value]:
				frappe.db.delete(doctype, {field: ("in", values)})
		frappe.db.commit()


@pytest.fixture
def world() -> Iterator[World]:
	if frappe.db.db_type != "mariadb":
		pytest.skip("Processes that wait for each other's rows need MariaDB: --db mariadb, or --bench")
	world = World()
	yield world
	world.end()


def slowly(module, step: str, seconds: float = 0.5):
	"""Let a function dawdle after its work, in this process."""
	function = getattr(module, step)

	def dawdle(*args, **kwargs):
		result = function(*args, **kwargs)
		time.sleep(seconds)
		return result

	setattr(module, step, dawdle)


def addresses(world: World) -> list[str]:
	"""Return whom the queued mails go to, but for the successor, who gets a copy of each."""
	frappe.db.rollback()
	recipients = frappe.get_all(
		"Email Queue Recipient", {"recipient": ("like", f"%{world.tag}%")}, pluck="recipient"
	)
	return sorted(recipients)


def everybody(world: World) -> list[str]:
	return [f"r{number}.{world.tag}@x.example" for number in range(3)]


@pytest.mark.parametrize(
	("module", "step"),
	[
		(introduction_sending, "add_to_timeline"),
		(mail_once, "claim"),
		(mail_once, "send_once"),
		(introduction_sending, "queue_mail"),
	],
)
def test_a_sender_killed_between_queue_and_note_sends_nobody_anything_twice(module, step, world):
	world.approved()

	def send():
		slowly(module, step, 0.6)
		introduction_sending.send_due()

	process = Process(send)
	wait_until(lambda: len(letters(world.offboarding, status="Sent")) == 1)
	time.sleep(0.4)
	process.kill()
	assert len(addresses(world)) == len(letters(world.offboarding, status="Sent")) < 3
	Process(introduction_sending.send_due).wait()
	assert addresses(world) == everybody(world)
	assert len(letters(world.offboarding, status="Sent")) == 3
	communications = [letter.communication for letter in letters(world.offboarding)]
	assert len(set(communications)) == 3


def test_two_schedulers_at_once_send_every_letter_once(world):
	world.approved()

	def send():
		slowly(introduction_sending, "add_to_timeline", 0.2)
		introduction_sending.send_due()

	for process in [Process(send) for _number in range(3)]:
		process.wait()
	assert addresses(world) == everybody(world)
	names = [customer.name for customer in world.customers]
	assert frappe.db.count("Communication", {"reference_name": ("in", names)}) == 3


@pytest.mark.parametrize("step", ["write", "rows_of"])
def test_a_computation_killed_in_the_middle_is_begun_anew_without_doubles(step, world):
	worker = world.taken("Compute")

	def compute():
		plan_rows.ACCOUNTS_AT_ONCE = 2
		slowly(plan_rows, step)
		handover_job.run(world.offboarding.name, worker)

	process = Process(compute)
	wait_until(lambda: len(rows(world.offboarding)) == 2)
	process.kill()
	frappe.db.rollback()
	assert len(rows(world.offboarding)) < ACCOUNTS
	Process(lambda: handover_job.run(world.offboarding.name, worker)).wait()
	frappe.db.rollback()
	assert set(rows(world.offboarding)) == {customer.name for customer in world.customers}
	assert not frappe.db.get_value("Handover Plan", world.offboarding.name, "task")


def test_a_worker_that_comes_back_from_the_dead_stops(world):
	world.taken("Compute")

	def compute():
		plan_rows.ACCOUNTS_AT_ONCE = 2
		slowly(plan_rows, "write", 0.8)
		handover_job.run(world.offboarding.name, "first")

	undead = Process(compute)
	wait_until(lambda: len(rows(world.offboarding)) >= 2)
	frappe.db.set_value("Handover Plan", world.offboarding.name, "worker", "second")
	frappe.db.commit()
	Process(lambda: handover_job.run(world.offboarding.name, "second")).wait()
	undead.wait()
	frappe.db.rollback()
	assert len(rows(world.offboarding)) == ACCOUNTS


def test_moving_killed_in_the_middle_goes_on_and_moves_each_once(world):
	world.computed()
	worker = world.taken("Transfer")

	def move():
		slowly(belongings_of_work, "reallocate", 0.4)
		handover_job.run(world.offboarding.name, worker)

	def moved() -> int:
		return frappe.db.count("ToDo", {"name": ("in", world.todos), "allocated_to": world.ben})

	process = Process(move)
	wait_until(lambda: moved() == 1)
	time.sleep(0.2)
	process.kill()
	frappe.db.rollback()
	done = [row for row in things(world.offboarding, "ToDo") if row.status == "Done"]
	assert len(done) == moved() < 4
	Process(lambda: handover_job.run(world.offboarding.name, worker)).wait()
	frappe.db.rollback()
	assert moved() == 4
	assert {(row.status, row.note) for row in things(world.offboarding, "ToDo")} == {("Done", None)}


def test_two_browsers_press_transfer_and_there_is_one(world):
	world.computed()

	def press():
		slowly(transfer_step, "as_list", 0.3)
		frappe.set_user(world.hanna)
		transfer_step.begin(plan_rows.of_offboarding(world.offboarding.name))
		frappe.db.after_commit.reset()
		frappe.db.commit()

	for process in [Process(press) for _number in range(2)]:
		process.wait()
	frappe.db.rollback()
	names = frappe.get_all("Account Transfer", {"offboarding": world.offboarding.name}, pluck="name")
	try:
		assert len(names) == 1
	finally:
		for doctype, field in (("Account Transfer Item", "account_transfer"), ("Account Transfer", "name")):
			frappe.db.delete(doctype, {field: ("in", names)})
		frappe.db.commit()


def test_two_who_tell_the_successors_tell_them_once(world):
	"""At first of what moved, and later of what was added."""
	world.computed()

	def tell():
		slowly(handover_summaries, "written", 0.3)
		slowly(handover_summaries, "addition_written", 0.3)
		handover_summaries.send(plan_rows.of_offboarding(world.offboarding.name))
		frappe.db.commit()

	for number in (1, 2):
		for _time in range(2):
			assert handover_belongings.move_next(world.offboarding.name)
		frappe.db.commit()
		for process in [Process(tell) for _number in range(2)]:
			process.wait()
		frappe.db.rollback()
		assert frappe.db.count("Offboarding Mail", {"offboarding": world.offboarding.name}) == number
	assert {row.is_told for row in things(world.offboarding, "ToDo")} == {1}
