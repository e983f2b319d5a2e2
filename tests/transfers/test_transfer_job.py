"""The background job: killed, cut off, doubled, and still every account moves exactly once.

These tests commit, in processes of their own, and take away what they made.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from types import ModuleType

import frappe
import pytest
import redis

from crm_transparency.crm_transparency import jobs
from crm_transparency.transfers import (
	account_belongings,
	account_moves,
	account_writers,
	transfer_actions,
	transfer_job,
)
from tests.ownership.processes import Process, wait_until
from tests.people_and_accounts import history, make_user
from tests.transfers.transferring import ITEM, TRANSFER, draft, items, make_customers, owner_of, statuses

ACCOUNTS = 6
PER_CHUNK = 2
LEDGER = "Account Owner Change"
BOTH_MODES = pytest.mark.parametrize("mode", ["Fast", "Full Save"])


class World:
	"""Committed people, customers and transfers."""

	def __init__(self):
		self.people = {name: make_user(name, "Sales User") for name in ("Ana", "Ben", "Cleo")}
		self.ana, self.ben, self.cleo = self.people.values()
		self.customers = []
		self.transfers = []
		self.hire_customers(ACCOUNTS)

	def hire_customers(self, count: int) -> None:
		self.customers += make_customers(count, self.ana)
		frappe.db.commit()

	def started(self, to: str, mode: str = "Fast", **values):
		"""Preview and start a transfer of Ana's accounts, and commit that; the tests run its jobs."""
		chunk_size = PER_CHUNK if mode == "Fast" else int(PER_CHUNK / account_moves.FULL_SAVES_PER_CHUNK)
		transfer = draft(to, **{"from_user": self.ana, "mode": mode, "chunk_size": chunk_size, **values})
		self.transfers.append(transfer.name)
		transfer_actions.preview(transfer.name)
		transfer_actions.start(transfer.name)
		return committed(transfer)

	def assert_moved_once(self, to: str) -> None:
		for customer in self.customers:
			assert owner_of(customer) == to
			assert [entry.new_owner for entry in history(customer)] == [self.ana, to]

	def end(self) -> None:
		frappe.db.rollback()
		frappe.set_user("Administrator")
		names = [customer.name for customer in self.customers]
		people = list(self.people.values())
		for doctype, field, values in (
			(ITEM, "account_transfer", self.transfers),
			("Account Transfer Successor", "parent", self.transfers),
			(TRANSFER, "name", self.transfers),
			(LEDGER, "reference_name", names),
			("Version", "docname", [*names, *people, *self.transfers]),
			("ToDo", "reference_name", names),
			("Comment", "reference_name", [*names, *people]),
			("Contact", "user", people),
			("Notification Settings", "name", people),
			("Has Role", "parent", people),
			("Customer", "name", names),
			("User", "name", people),
		):
			if values:
				frappe.db.delete(doctype, {field: ("in", values)})
		frappe.db.commit()


@pytest.fixture
def world() -> Iterator[World]:
	if frappe.db.db_type != "mariadb":
		pytest.skip("Processes that wait for each other's rows need MariaDB: --db mariadb, or --bench")
	world = World()
	yield world
	world.end()


def committed(transfer):
	# nobody is there to work on queued jobs
	frappe.db.after_commit.reset()
	frappe.db.commit()
	transfer.reload()
	return transfer


def resumed(transfer):
	"""Resume a transfer whose worker died a while ago."""
	frappe.db.rollback()
	frappe.db.set_value(TRANSFER, transfer.name, "last_progress_on", frappe.utils.add_to_date(None, hours=-1))
	transfer_actions.resume(transfer.name)
	return committed(transfer)


def run(transfer) -> None:
	transfer_job.run(transfer.name, transfer.worker)


def run_slowly(transfer, module: ModuleType, step: str, seconds: float = 0.8, reached=None) -> None:
	"""Run the transfer's job, which dawdles after `step` each time."""
	function = getattr(module, step)

	def dawdle(*args, **kwargs):
		result = function(*args, **kwargs)
		if reached:
			reached.set()
		time.sleep(seconds)
		return result

	setattr(module, step, dawdle)
	run(transfer)


def transferred(transfer) -> int:
	return statuses(transfer).count("Transferred")


def finished(transfer):
	frappe.db.rollback()
	transfer.reload()
	return transfer


@BOTH_MODES
@pytest.mark.parametrize(
	("module", "step"),
	[
		(account_moves, "claim"),
		(account_moves, "lock_accounts"),
		(account_moves, "note_done"),
		(account_moves, "count"),
		(jobs, "persistently"),
	],
	ids=lambda value: getattr(value, "__name__", value).rpartition(".")[-1],
)
def test_a_killed_worker_leaves_whole_chunks_and_the_next_one_goes_on(module, step, mode, world):
	"""The first chunk is through; the second hangs in the middle, or hasn't begun, when the worker is killed."""
	transfer = world.started(world.ben, mode)
	process = Process(lambda: run_slowly(transfer, module, step))
	wait_until(lambda: transferred(transfer) == PER_CHUNK)
	time.sleep(0.4)
	process.kill()
	frappe.db.rollback()
	moved = [customer for customer in world.customers if owner_of(customer) == world.ben]
	assert len(moved) == transferred(transfer) < ACCOUNTS and len(moved) % PER_CHUNK == 0
	transfer = resumed(transfer)
	Process(lambda: run(transfer)).wait()
	assert (finished(transfer).status, transfer.transferred) == ("Completed", ACCOUNTS)
	world.assert_moved_once(world.ben)


@BOTH_MODES
def test_a_lost_connection_is_opened_again(mode, world):
	transfer = world.started(world.ben, mode)
	connection = multiprocessing.Value("q")

	def run_with_known_connection():
		connection.value = frappe.db.sql("select connection_id()")[0][0]
		run_slowly(transfer, account_moves, "lock_accounts", 0.5)

	process = Process(run_with_known_connection)
	wait_until(lambda: transferred(transfer) == PER_CHUNK)
	frappe.db.sql(f"kill connection {connection.value}")
	process.wait()
	assert (finished(transfer).status, transfer.transferred) == ("Completed", ACCOUNTS)
	world.assert_moved_once(world.ben)


def test_a_database_that_is_away_for_a_while(world):
	transfer = world.started(world.ben)

	def run_without_database():
		connect, refusals = frappe.db.connect, [2003, 2006, 1040]
		close_after_first_chunk = account_moves.count

		def refuse_at_first():
			if refusals:
				raise frappe.db.OperationalError(refusals.pop(), "The database is away")
			connect()

		def count_and_lose(*args):
			close_after_first_chunk(*args)
			if len(refusals) == 3:
				frappe.db.connect = refuse_at_first
				frappe.db.sql("kill connection connection_id()")

		account_moves.count = count_and_lose
		run(transfer)

	Process(run_without_database).wait()
	assert (finished(transfer).status, transfer.transferred) == ("Completed", ACCOUNTS)
	world.assert_moved_once(world.ben)


def test_without_redis_the_job_goes_on(world):
	transfer = world.started(world.ben)

	def run_without_redis():
		frappe.cache.connection_pool = redis.ConnectionPool(host="127.0.0.1", port=1)
		run(transfer)

	Process(run_without_redis).wait()
	assert (finished(transfer).status, transfer.transferred) == ("Completed", ACCOUNTS)
	world.assert_moved_once(world.ben)


def test_without_a_queue_a_start_is_not_lost(world, monkeypatch):
	def refuse(*args, **kwargs):
		raise redis.exceptions.ConnectionError("Connection refused")

	transfer = draft(world.ben, from_user=world.ana)
	world.transfers.append(transfer.name)
	transfer_actions.preview(transfer.name)
	monkeypatch.setattr(frappe, "enqueue", refuse)
	transfer_actions.start(transfer.name)
	frappe.db.commit()
	assert "continues by itself" in str(frappe.get_message_log())
	assert finished(transfer).status == "Running"
	taken_up_again(transfer)
	assert finished(transfer).status == "Completed"
	world.assert_moved_once(world.ben)


def taken_up_again(transfer) -> None:
	"""Let the scheduler find a transfer that nobody works on, and do at once what it queues."""
	long_ago = frappe.utils.add_to_date(None, hours=-1)
	frappe.db.set_value(TRANSFER, transfer.name, "last_progress_on", long_ago)
	frappe.db.commit()

	def continue_stalled():
		queued = []
		jobs.BackgroundWork.enqueue = lambda work, *arguments: queued.append(arguments)
		transfer_job.continue_stalled()
		for arguments in queued:
			transfer_job.run(*arguments)

	Process(continue_stalled).wait()


def test_two_workers_on_one_transfer_move_every_account_once(world):
	world.hire_customers(30)
	transfer = world.started(world.ben, chunk_size=3)
	processes = [Process(lambda: run(transfer)) for _ in range(2)]
	for process in processes:
		process.wait()
	assert (finished(transfer).status, transfer.transferred) == ("Completed", len(world.customers))
	world.assert_moved_once(world.ben)


def test_a_worker_that_comes_back_from_the_dead_stops(world):
	transfer = world.started(world.ben)
	undead = Process(lambda: run_slowly(transfer, jobs, "persistently", 2))
	wait_until(lambda: transferred(transfer) == PER_CHUNK)
	transfer = resumed(transfer)
	Process(lambda: run(transfer)).wait()
	undead.wait()
	assert (finished(transfer).status, transfer.transferred) == ("Completed", ACCOUNTS)
	world.assert_moved_once(world.ben)


@BOTH_MODES
def test_two_transfers_over_the_same_accounts_share_them_without_errors(mode, world):
	"""They go through the accounts from opposite ends, so that they would lock them in opposite orders."""
	world.hire_customers(24)
	names = [customer.name for customer in world.customers]
	todos_for(world.customers[::3], world.ana)
	transfers = [
		world.started(
			successor,
			mode,
			source="List",
			list_document_type="Customer",
			listed_accounts="\n".join(["ID", *order]),
			chunk_size=7 if mode == "Fast" else 70,
		)
		for successor, order in ((world.ben, names), (world.cleo, names[::-1]))
	]
	processes = [
		Process(lambda transfer=transfer: run_slowly(transfer, account_moves, "lock_accounts", 0.05))
		for transfer in transfers
	]
	for process in processes:
		process.wait()
	first, second = (finished(transfer) for transfer in transfers)
	assert {first.status, second.status} == {"Completed"}
	assert first.transferred + second.transferred == len(names)
	assert first.skipped == second.transferred and second.skipped == first.transferred
	assert {item.note for item in items(first, status="Skipped")} <= {"Now belongs to Cleo."}
	for customer in world.customers:
		assert [entry.new_owner for entry in history(customer)] == [world.ana, owner_of(customer)]
		assignees = frappe.get_all("ToDo", filters={"reference_name": customer.name}, pluck="allocated_to")
		assert set(assignees) <= {owner_of(customer)}


@pytest.mark.parametrize(
	"error", [frappe.QueryDeadlockError, frappe.QueryTimeoutError, redis.exceptions.ConnectionError]
)
@pytest.mark.parametrize(
	("mode", "module", "step"),
	[("Fast", account_writers, "write_versions"), ("Full Save", account_writers, "save")],
)
def test_after_a_passing_error_the_chunk_starts_over(error, mode, module, step, world):
	"""The database has thrown away what the chunk did so far, in the middle of it."""
	transfer = world.started(world.ben, mode)

	def run_with_deadlocks():
		function, turns = getattr(module, step), iter(range(1000))

		def lose_twice(*args):
			function(*args)
			if next(turns) in (1, 4):
				frappe.db.rollback()
				raise error("Try again")

		setattr(module, step, lose_twice)
		run(transfer)

	Process(run_with_deadlocks).wait()
	assert (finished(transfer).status, transfer.transferred, transfer.failed) == ("Completed", ACCOUNTS, 0)
	world.assert_moved_once(world.ben)


def todos_for(customers: list, user: str) -> None:
	for customer in customers:
		frappe.get_doc(
			doctype="ToDo",
			allocated_to=user,
			reference_type="Customer",
			reference_name=customer.name,
			description="Call them",
		).insert()
	frappe.db.commit()


def test_people_who_save_meanwhile_win_or_wait_but_lose_nothing(world):
	"""Somebody saves every account, and closes its to-do, while a transfer moves it."""
	world.hire_customers(10)
	todos_for(world.customers, world.ana)
	transfer = world.started(world.ben)
	mover = Process(lambda: run_slowly(transfer, account_moves, "lock_accounts", 0.1))

	def save_everything():
		for customer in world.customers:
			todo = frappe.get_all("ToDo", filters={"reference_name": customer.name}, pluck="name")[0]
			frappe.get_doc("ToDo", todo, for_update=True).update({"status": "Closed"}).save(
				ignore_permissions=True
			)
			frappe.db.commit()
			frappe.get_doc("Customer", customer.name, for_update=True).update(
				{"website": "https://saved.example"}
			).save()
			frappe.db.commit()

	person = Process(save_everything)
	mover.wait()
	person.wait()
	assert finished(transfer).status == "Completed"
	world.assert_moved_once(world.ben)
	for customer in world.customers:
		assert frappe.db.get_value("Customer", customer.name, "website") == "https://saved.example"
		assert frappe.db.get_value("ToDo", {"reference_name": customer.name}, "status") == "Closed"


def hooked(event: str, hook: Callable) -> None:
	"""Let an app's hook run for every customer that is saved in this process."""
	from frappe.model.document import Document

	run_method = Document.run_method

	def with_hook(self, method, *args, **kwargs):
		result = run_method(self, method, *args, **kwargs)
		if self.doctype == "Customer" and method == event:
			hook(self)
		return result

	Document.run_method = with_hook


def test_an_app_that_commits_in_the_middle_of_a_save(world):
	transfer = world.started(world.ben, "Full Save")

	def run_with_committing_app():
		hooked("on_update", lambda doc: frappe.db.commit())
		run(transfer)

	Process(run_with_committing_app).wait()
	assert (finished(transfer).status, transfer.transferred) == ("Completed", ACCOUNTS)
	world.assert_moved_once(world.ben)


def test_killed_right_after_an_app_committed(world):
	"""The account is moved and recorded, but not noted as moved: that is found out when the transfer goes on."""
	transfer = world.started(world.ben, "Full Save")

	def run_and_die():
		def commit_and_hang(doc):
			frappe.db.commit()
			time.sleep(60)

		hooked("on_change", commit_and_hang)
		run(transfer)

	process = Process(run_and_die)
	wait_until(lambda: any(owner_of(customer) == world.ben for customer in world.customers))
	process.kill()
	transfer = resumed(transfer)
	Process(lambda: run(transfer)).wait()
	assert (finished(transfer).status, transfer.transferred) == ("Completed", ACCOUNTS)
	world.assert_moved_once(world.ben)


def test_an_app_that_rolls_everything_back(world):
	"""What was undone on the way isn't counted as moved, and can be tried again."""
	transfer = world.started(world.ben, "Full Save")
	spoilt = world.customers[1].name

	def run_with_spoiling_app():
		hooked("on_update", lambda doc: doc.name == spoilt and frappe.db.rollback())
		run(transfer)

	Process(run_with_spoiling_app).wait()
	finished(transfer)
	moved = [customer for customer in world.customers if owner_of(customer) == world.ben]
	assert transfer.transferred == len(moved) == transferred(transfer)
	assert transfer.failed == ACCOUNTS - len(moved) >= 1
	assert all("Please try again" in item.note for item in items(transfer, status="Failed"))
	transfer_actions.resume(transfer.name)
	committed(transfer)
	Process(lambda: run(transfer)).wait()
	assert finished(transfer).transferred == ACCOUNTS
	assert {owner_of(customer) for customer in world.customers} == {world.ben}


def test_an_unexpected_error_stops_the_transfer_and_says_so(world):
	transfer = world.started(world.ben)

	def run_until_disk_is_full():
		write, written = account_writers.write_ledger, []

		def full_disk(chunk):
			if written:
				raise OSError("No space left on device")
			written.append(write(chunk))

		account_writers.write_ledger = full_disk
		with pytest.raises(OSError, match="No space left"):
			run(transfer)

	Process(run_until_disk_is_full).wait()
	assert (finished(transfer).status, transfer.error_message) == ("Failed", "No space left on device")
	assert transferred(transfer) == PER_CHUNK
	transfer_actions.resume(transfer.name)
	committed(transfer)
	Process(lambda: run(transfer)).wait()
	assert (finished(transfer).status, transfer.error_message) == ("Completed", None)
	world.assert_moved_once(world.ben)


def test_a_long_transfer_makes_room_for_other_jobs(world):
	transfer = world.started(world.ben)

	def run_until_it_is_time():
		queued = []
		jobs.SECONDS_PER_JOB = 0
		jobs.BackgroundWork.enqueue = lambda work, *arguments: queued.append(arguments)
		run(transfer)
		assert len(queued) == 1 and queued[0][1] != transfer.worker
		while queued:
			transfer_job.run(*queued.pop())

	Process(run_until_it_is_time).wait()
	assert (finished(transfer).status, transfer.transferred) == ("Completed", ACCOUNTS)
	world.assert_moved_once(world.ben)


def test_a_planning_job_that_is_killed_starts_over(world, monkeypatch):
	from crm_transparency.transfers import chosen_accounts, transfer_planning

	monkeypatch.setattr(transfer_planning, "is_small", lambda transfer: False)
	monkeypatch.setattr(chosen_accounts, "ACCOUNTS_AT_ONCE", PER_CHUNK)
	transfer = draft(world.ben, from_user=world.ana)
	world.transfers.append(transfer.name)
	transfer_actions.preview(transfer.name)
	transfer = committed(transfer)
	process = Process(lambda: run_slowly(transfer, transfer_job, "still_planning", 0.5))
	wait_until(lambda: len(items(transfer)) > 0)
	process.kill()
	assert not finished(transfer).previewed_on
	with pytest.raises(frappe.ValidationError):
		transfer_actions.start(transfer.name)
	taken_up_again(transfer)
	assert finished(transfer).total == len(items(transfer)) == ACCOUNTS
	assert transfer_actions.progress(transfer.name)["actions"] == ["start", "preview"]


def test_the_job_acts_as_the_person_who_started_it(world):
	transfer = world.started(world.ben)
	frappe.db.set_value(TRANSFER, transfer.name, "run_by", world.cleo)
	frappe.db.commit()
	Process(lambda: run(transfer)).wait()
	finished(transfer)
	assert {history(customer)[-1].changed_by for customer in world.customers} == {world.cleo}


def test_belongings_are_moved_in_the_same_transaction(world):
	"""A worker killed after the to-dos were moved has moved neither them nor the accounts."""
	todos_for(world.customers, world.ana)
	transfer = world.started(world.ben)
	reached = multiprocessing.Event()
	process = Process(lambda: run_slowly(transfer, account_belongings, "move_todos", 60, reached))
	assert reached.wait(30)
	process.kill()
	frappe.db.rollback()
	assert {owner_of(customer) for customer in world.customers} == {world.ana}
	names = [customer.name for customer in world.customers]
	assert set(frappe.get_all("ToDo", filters={"reference_name": ("in", names)}, pluck="allocated_to")) == {
		world.ana
	}
