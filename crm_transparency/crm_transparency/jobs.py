"""Background jobs that work on one document, step by step, and survive being killed, queued twice or paused.

The document itself keeps the state, in these fields:

- `task`: what is to be done; empty when there is nothing to do
- `worker`: the token of the job that the document was given to last. A job whose token is outdated stops, so it
  doesn't matter if a job is queued twice, or if one that was given up for dead comes back.
- `last_progress_on`: when a job was last seen working
- `run_by`, `impersonated_by`: in whose name the work is done
- `error_message`: what stopped it

Pausing is emptying `worker`. Every step is one transaction. After a deadlock, a time-out or a lost connection it starts
over; when a job has died, `BackgroundWork.continue_stalled` gives its document to a new one.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import frappe
import redis
from frappe import _
from frappe.utils import add_to_date, cstr, now, now_datetime, strip_html
from frappe.utils.background_jobs import get_job
from rq.job import JobStatus

from crm_transparency.crm_transparency.database import roll_back_to

#: after this long a job makes room for others that wait, and queues itself again
SECONDS_PER_JOB = 15 * 60
SECONDS_BEFORE_A_JOB_IS_KILLED = 4 * SECONDS_PER_JOB
ATTEMPTS = 9
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 30
#: without any progress for so long, a job is taken for dead
MINUTES_UNTIL_STALLED = 10

# MariaDB's: server gone or lost, connection killed, shutting down, can't connect, too many connections
LOST_CONNECTION = {2006, 2013, 2055, 1927, 1053, 2002, 2003, 1040}
CONNECTION_ERRORS = ("OperationalError", "InterfaceError", "InternalError")
PASSING_ERRORS = (
	frappe.QueryDeadlockError,
	frappe.QueryTimeoutError,
	redis.exceptions.ConnectionError,
	redis.exceptions.TimeoutError,
)
STATE = ("worker", "task", "run_by", "impersonated_by")
Result = TypeVar("Result")


class NotOurTurn(Exception):
	"""The document was paused, finished or given to another job. Only jobs see this."""


@dataclass(frozen=True)
class BackgroundWork:
	"""The work that documents of one DocType need done in the background."""

	doctype: str
	#: dotted path of the function that a queued job calls with `name` and `worker`; it calls `run`
	method: str
	#: does the next step of a task, as (task, name, worker), in the running transaction; returns whether there may be more
	step: Callable[[str, str, str], bool]
	#: returns what to set besides the message when an error has stopped the work, given the document's state
	after_failure: Callable[[frappe._dict], dict]
	#: filters, any of which finds documents that a job should be working on
	unfinished: tuple[dict, ...]
	#: called in a transaction of its own when a task is done, as (task, name)
	finished: Callable[[str, str], None] = lambda task, name: None

	def queue(self, name: str) -> None:
		"""Give the document to a new job, as soon as the running transaction is committed."""
		worker = frappe.generate_hash(length=20)
		values = {"worker": worker, "last_progress_on": now()}
		frappe.db.set_value(self.doctype, name, values, update_modified=False)
		frappe.db.after_commit.add(lambda: self.enqueue(name, worker))

	def enqueue(self, name: str, worker: str) -> None:
		try:
			frappe.enqueue(
				self.method,
				queue="long",
				timeout=SECONDS_BEFORE_A_JOB_IS_KILLED,
				job_id=self.job_id(name, worker),
				name=name,
				worker=worker,
			)
		except Exception:
			# the document is committed, so this mustn't look as if it weren't
			frappe.log_error(title=_("{0} {1} couldn't be queued").format(_(self.doctype), name))
			frappe.msgprint(
				_(
					"The queue for background jobs can't be reached. Nothing is lost: the work continues by itself "
					"as soon as it can."
				),
				indicator="orange",
				alert=True,
			)

	def job_id(self, name: str, worker: str) -> str:
		return f"{frappe.scrub(self.doctype)}::{name}::{worker}"

	def run(self, name: str, worker: str) -> None:
		"""Do the document's task, committing after each step, until it is done or the document is taken away."""
		deadline = time.monotonic() + SECONDS_PER_JOB
		try:
			task = persistently(lambda: self.begin(name, worker))
			while persistently(lambda: self.step(task, name, worker)):
				if time.monotonic() > deadline:
					persistently(lambda: self.hand_on(name, worker))
					return
			persistently(lambda: self.finished(task, name))
		except NotOurTurn:
			frappe.db.rollback()
		except Exception as error:
			# what can't be noted without a database is taken up again by `continue_stalled`
			with suppress(frappe.db.OperationalError, frappe.db.InternalError, OSError):
				frappe.db.rollback()
				self.fail(name, worker, error)
				frappe.db.commit()
			if not isinstance(error, frappe.ValidationError | frappe.PermissionError):
				raise

	def begin(self, name: str, worker: str) -> str:
		"""Act as the user who started or resumed the work, and return the task. Raises NotOurTurn."""
		state = frappe.db.get_value(self.doctype, name, STATE, as_dict=True)
		if not state or state.worker != worker or not state.task:
			raise NotOurTurn
		frappe.set_user(state.run_by)
		frappe.session.data.impersonated_by = state.impersonated_by
		return state.task

	def release(self, name: str) -> None:
		"""Note that there is nothing left to do."""
		frappe.db.set_value(self.doctype, name, {"task": None, "worker": None}, update_modified=False)

	def hand_on(self, name: str, worker: str) -> None:
		if frappe.db.get_value(self.doctype, name, "worker", for_update=True) == worker:
			self.queue(name)

	def fail(self, name: str, worker: str, error: Exception) -> None:
		"""Note what stopped the work. What was done stays done."""
		state = frappe.db.get_value(self.doctype, name, STATE, as_dict=True, for_update=True)
		if not state or state.worker != worker:
			return
		message = strip_html(cstr(error)) or type(error).__name__
		values = {"worker": None, "error_message": message, **self.after_failure(state)}
		frappe.db.set_value(self.doctype, name, values, update_modified=False)

	def continue_stalled(self) -> None:
		"""Give the documents whose job died to new jobs, found by that nothing has moved for a while; commits."""
		for name in self.stalled():
			if not self.is_waiting(name, frappe.db.get_value(self.doctype, name, "worker")):
				self.queue(name)
				# a scheduled job: the document's new worker is known before that worker starts
				frappe.db.commit()  # nosemgrep: frappe-manual-commit

	def stalled(self, minutes: float = MINUTES_UNTIL_STALLED) -> list[str]:
		too_long_ago = ("<", add_to_date(now_datetime(), minutes=-minutes))
		return [
			name
			for filters in self.unfinished
			for name in frappe.get_all(
				self.doctype, filters={**filters, "last_progress_on": too_long_ago}, pluck="name"
			)
		]

	def is_waiting(self, name: str, worker: str | None) -> bool:
		"""Return whether the document's job is still in a queue: then a new one would only have to wait longer."""
		try:
			queued = get_job(self.job_id(name, worker)) if worker else None
			return bool(queued) and queued.get_status() == JobStatus.QUEUED
		except redis.exceptions.RedisError:
			return False


def claim(doctype: str, name: str, worker: str, *fields: str) -> frappe._dict:
	"""Lock a document, note progress, and return its `worker`, `task` and `fields`.

	Raises NotOurTurn if it was given to another job. The lock ends with the transaction, so it dies with its holder.
	Writing first makes SQLite lock, too.
	"""
	table = frappe.qb.DocType(doctype)
	frappe.qb.update(table).set(table.last_progress_on, now()).where(table.name == name).run()
	state = frappe.db.get_value(doctype, name, ["worker", "task", *fields], as_dict=True, for_update=True)
	if not state or state.worker != worker or not state.task:
		raise NotOurTurn
	return state


def persistently(step: Callable[[], Result]) -> Result:
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
	raise AssertionError("unreachable")


def attempted(work: Callable[[], Result]) -> Result | None:
	"""Return what `work` returns; None if it fails, which is then undone and logged. Interruptions are raised."""
	messages = len(frappe.local.message_log)
	save_point = f"attempt_{frappe.generate_hash(length=8)}"
	frappe.db.savepoint(save_point)
	try:
		return work()
	except Exception as error:
		if is_interruption(error):
			raise
		roll_back_to(save_point)
		del frappe.local.message_log[messages:]
		# without the values of variables, which may be secrets
		frappe.log_error(
			_("CRM Transparency: a part of a task failed and was left out"), frappe.get_traceback()
		)


def reconnect() -> None:
	with suppress(Exception):
		frappe.db.close()
	with suppress(Exception):
		# if the database is still away, the next attempt says so
		frappe.db.connect()


def is_interruption(error: Exception) -> bool:
	"""Return whether an error says nothing about the work, only about the moment: the same step may succeed later.

	That is a deadlock, a time-out, a lost connection, or no Redis for what document hooks queue.
	"""
	return isinstance(error, PASSING_ERRORS) or is_lost_connection(error)


def is_lost_connection(error: Exception) -> bool:
	"""Return whether there is no connection any more. PyMySQL says (0, "") when it is used after it was lost."""
	if type(error).__name__ not in CONNECTION_ERRORS:
		return False
	code = error.args[0] if error.args else 0
	return code in LOST_CONNECTION or (type(error).__name__ == "InterfaceError" and code == 0)
