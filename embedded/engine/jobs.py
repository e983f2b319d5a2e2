"""Background jobs and scheduled events in threads of this process, in place of a bench's worker processes.

`frappe.enqueue` and its queues are Frappe's own (RQ on the Redis of this process); only who performs the
jobs is ours. monoframe's scheduler calls itself where it should call the part that looks for due events.
"""

from __future__ import annotations

import contextvars
import logging
import threading
import time
from contextlib import suppress

import frappe
import frappe.utils.background_jobs
import frappe.utils.scheduler
from frappe.utils.background_jobs import generate_qname, get_queues_timeout, get_redis_connection_without_auth
from rq import Queue, SimpleWorker
from rq.exceptions import DequeueTimeout
from rq.timeouts import TimerDeathPenalty

SECONDS_TO_WAIT_FOR_A_JOB = 1
SECONDS_BETWEEN_EVENTS = 60

_logger = logging.getLogger(__name__)
# Frappe writes failed jobs to the Error Log and prints them; RQ need not say it a second time.
logging.getLogger("rq").setLevel(logging.CRITICAL)


class ThreadWorker(SimpleWorker):
	"""Performs jobs in the thread that calls it; a job's time limit is kept without signals."""

	death_penalty_class = TimerDeathPenalty

	def _install_signal_handlers(self):
		"""Leave signals to the process: only its main thread may handle them."""

	def perform_next(self, seconds_to_wait: int | None = None) -> bool:
		"""Perform the first job of the first queue that has one; False when none came within the time."""
		try:
			found = Queue.dequeue_any(self.queues, seconds_to_wait, connection=self.connection)
		except DequeueTimeout:
			return False
		if found is None:
			return False
		self.execute_job(*found)
		return True


def new_worker() -> ThreadWorker:
	"""Return a worker for all queues, in the order a bench's worker serves them."""
	with frappe.init_site():
		connection = get_redis_connection_without_auth()
		queues = [Queue(generate_qname(queue), connection=connection) for queue in get_queues_timeout()]
	return ThreadWorker(queues, connection=connection)


def perform_all() -> int:
	"""Perform all jobs that are queued, and those that they queue, then return how many there were.

	They see what is committed, run as whoever queued them, and leave the calling thread's connection alone.
	"""
	return contextvars.Context().run(_perform_all)


def _perform_all() -> int:
	worker = new_worker()
	performed = 0
	while worker.perform_next():
		performed += 1
	return performed


def enqueue_due_events() -> list[str]:
	"""Queue the scheduled events that are due on the process's site; returns their methods."""
	return contextvars.Context().run(_enqueue_due_events)


def _enqueue_due_events() -> list[str]:
	frappe.init(force=True)
	frappe.connect()
	try:
		if frappe.utils.scheduler.is_scheduler_inactive(verbose=False):
			return []
		return frappe.utils.scheduler.enqueue_events() or []
	finally:
		frappe.destroy()


class Workers:
	"""The two threads behind a server: one performs jobs one after the other, one queues due events."""

	def __init__(self):
		self._stopping = threading.Event()
		self._threads = [
			threading.Thread(target=self._perform_jobs, name="jobs", daemon=True),
			threading.Thread(target=self._enqueue_events, name="scheduler", daemon=True),
		]

	def start(self) -> None:
		for thread in self._threads:
			thread.start()

	def stop(self, seconds: float = 10) -> None:
		"""Ask both to end, and wait: a job at work may finish within `seconds`."""
		self._stopping.set()
		deadline = time.monotonic() + seconds
		for thread in self._threads:
			thread.join(max(0, deadline - time.monotonic()))

	def _perform_jobs(self) -> None:
		worker = new_worker()
		worker.register_birth()
		while not self._stopping.is_set():
			try:
				worker.heartbeat()
				worker.perform_next(SECONDS_TO_WAIT_FOR_A_JOB)
			except Exception:
				_logger.exception("A job could not be performed")
		with suppress(Exception):
			worker.register_death()

	def _enqueue_events(self) -> None:
		while not self._stopping.wait(SECONDS_BETWEEN_EVENTS):
			try:
				enqueue_due_events()
			except Exception:
				_logger.exception("Due events could not be queued")
