"""The background job behind a transfer: it plans it, or works it off, until that is done or somebody pauses it.

Every job gets a token, and a transfer knows the token of the job that it was given to last. So it doesn't matter if a
job is queued twice, or if one that was given up for dead comes back: it finds that it isn't its turn and stops.
"""

import time
from collections.abc import Callable
from contextlib import suppress

import frappe
from frappe import _
from frappe.utils import add_to_date, cstr, now, now_datetime, strip_html
from frappe.utils.background_jobs import get_job
from redis.exceptions import RedisError
from rq.job import JobStatus

from crm_transparency.crm_transparency.interruptions import is_interruption, is_lost_connection
from crm_transparency.transfers import moving, notices, planning
from crm_transparency.transfers.exceptions import NotOurTurn
from crm_transparency.transfers.words import ACCOUNT_TRANSFER, DRAFT, FAILED, PLAN, RUNNING

# after this long a job makes room for others that wait, and queues itself again
SECONDS_PER_JOB = 15 * 60
SECONDS_BEFORE_A_JOB_IS_KILLED = 4 * SECONDS_PER_JOB
ATTEMPTS = 9
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 30
# without any progress for so long, a job is taken for dead
MINUTES_UNTIL_STALLED = 10


def queue(transfer: str) -> None:
	"""Give the transfer to a new background job, as soon as the running transaction is committed."""
	worker = frappe.generate_hash(length=20)
	frappe.db.set_value(
		ACCOUNT_TRANSFER, transfer, {"worker": worker, "last_progress_on": now()}, update_modified=False
	)
	frappe.db.after_commit.add(lambda: _enqueue(transfer, worker))


def _enqueue(transfer: str, worker: str) -> None:
	try:
		frappe.enqueue(
			run,
			queue="long",
			timeout=SECONDS_BEFORE_A_JOB_IS_KILLED,
			job_id=job_id(transfer, worker),
			transfer=transfer,
			worker=worker,
		)
	except Exception:
		# the transfer is committed, so this mustn't look as if it weren't
		frappe.log_error(title=_("Account Transfer {0} couldn't be queued").format(transfer))
		frappe.msgprint(
			_(
				"The queue for background jobs can't be reached. Nothing is lost: the transfer goes on by itself as "
				"soon as it can, or when you resume it."
			),
			indicator="orange",
			alert=True,
		)


def job_id(transfer: str, worker: str) -> str:
	return f"account_transfer::{transfer}::{worker}"


def run(transfer: str, worker: str) -> None:
	"""Do what is to be done for the transfer, committing after each chunk."""
	deadline = time.monotonic() + SECONDS_PER_JOB
	try:
		task = persistently(lambda: prepare(transfer, worker))
		if task == PLAN:
			persistently(lambda: plan(transfer, worker))
			return
		while persistently(lambda: moving.work_on(transfer, worker)):
			if time.monotonic() > deadline:
				persistently(lambda: hand_on(transfer, worker))
				return
		persistently(
			lambda: notices.tell_people(transfer, frappe.db.get_value(ACCOUNT_TRANSFER, transfer, "status"))
		)
	except NotOurTurn:
		frappe.db.rollback()
	except Exception as error:
		with suppress_lost_connection():
			frappe.db.rollback()
			fail(transfer, worker, error)
			frappe.db.commit()
		if not isinstance(error, frappe.ValidationError | frappe.PermissionError):
			raise


def prepare(transfer: str, worker: str) -> str:
	"""Act as the user who started or resumed the transfer, and return what is to be done."""
	fields = ["worker", "task", "run_by", "impersonated_by"]
	state = frappe.db.get_value(ACCOUNT_TRANSFER, transfer, fields, as_dict=True)
	if not state or state.worker != worker:
		raise NotOurTurn
	frappe.set_user(state.run_by)
	frappe.session.data.impersonated_by = state.impersonated_by
	return state.task


def persistently(step: Callable):
	"""Do `step` and commit; after a deadlock, time-out or lost connection start it over, a little later each time."""
	pause = FIRST_PAUSE_SECONDS
	for attempt in range(1, ATTEMPTS + 1):
		try:
			result = step()
			frappe.db.commit()
			return result
		except Exception as error:
			if attempt == ATTEMPTS or not is_interruption(error):
				raise
			with suppress(Exception):
				frappe.db.rollback()
			time.sleep(pause)
			pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
			if is_lost_connection(error):
				reconnect()


def reconnect() -> None:
	with suppress(Exception):
		frappe.db.close()
	with suppress(Exception):
		# if the database is still away, the next attempt says so
		frappe.db.connect()


def hand_on(transfer: str, worker: str) -> None:
	if frappe.db.get_value(ACCOUNT_TRANSFER, transfer, "worker", for_update=True) == worker:
		queue(transfer)


def plan(transfer: str, worker: str) -> None:
	"""Plan the transfer from the beginning, committing page by page."""

	def checkpoint() -> None:
		still_planning(transfer, worker)
		frappe.db.commit()

	still_planning(transfer, worker)
	planning.plan(frappe.get_doc(ACCOUNT_TRANSFER, transfer), checkpoint)
	still_planning(transfer, worker)
	frappe.db.set_value(ACCOUNT_TRANSFER, transfer, {"task": None, "worker": None}, update_modified=False)
	frappe.db.commit()


def still_planning(transfer: str, worker: str) -> None:
	"""Lock the transfer and note that there is progress. Raises NotOurTurn when another job plans it."""
	table = frappe.qb.DocType(ACCOUNT_TRANSFER)
	frappe.qb.update(table).set(table.last_progress_on, now()).where(table.name == transfer).run()
	state = frappe.db.get_value(ACCOUNT_TRANSFER, transfer, ["worker", "task"], as_dict=True, for_update=True)
	if not state or state.worker != worker or state.task != PLAN:
		raise NotOurTurn


def fail(transfer: str, worker: str, error: Exception) -> None:
	"""Note what stopped the transfer. What was moved stays moved; it can be resumed or undone."""
	fields = ["worker", "task"]
	state = frappe.db.get_value(ACCOUNT_TRANSFER, transfer, fields, as_dict=True, for_update=True)
	if not state or state.worker != worker:
		return
	values = {"worker": None, "error_message": strip_html(cstr(error)) or type(error).__name__}
	values |= {"task": None} if state.task == PLAN else {"status": FAILED}
	frappe.db.set_value(ACCOUNT_TRANSFER, transfer, values, update_modified=False)


def suppress_lost_connection() -> suppress:
	"""What can't be noted without a database stays Running, and is taken up again by `continue_stalled`."""
	return suppress(frappe.db.OperationalError, frappe.db.InternalError, OSError)


def continue_stalled() -> None:
	"""Take up the transfers whose job died, found by that nothing has moved for a while. Scheduled."""
	for transfer in stalled():
		if not is_waiting(transfer, frappe.db.get_value(ACCOUNT_TRANSFER, transfer, "worker")):
			queue(transfer)
			frappe.db.commit()


def is_waiting(transfer: str, worker: str | None) -> bool:
	"""Say whether the transfer's job is still in a queue: then a new one would only have to wait longer."""
	try:
		queued = get_job(job_id(transfer, worker)) if worker else None
		return bool(queued) and queued.get_status() == JobStatus.QUEUED
	except RedisError:
		return False


def stalled(minutes: float = MINUTES_UNTIL_STALLED) -> list[str]:
	return [
		*frappe.get_all(ACCOUNT_TRANSFER, filters=_without_progress(minutes, status=RUNNING), pluck="name"),
		*frappe.get_all(
			ACCOUNT_TRANSFER, filters=_without_progress(minutes, status=DRAFT, task=PLAN), pluck="name"
		),
	]


def _without_progress(minutes: float, **filters) -> dict:
	return {**filters, "last_progress_on": ("<", add_to_date(now_datetime(), minutes=-minutes))}
