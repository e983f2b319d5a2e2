"""Work in processes of their own, on the same site: to be killed, or to get in each other's way."""

import multiprocessing
import os
import signal
import time
import traceback
from collections.abc import Callable

import frappe


class Process:
	"""A fork of the test's process with its own connection; what `work` does there is on its own account."""

	def __init__(self, work: Callable[[], None]):
		self._fork = multiprocessing.get_context("fork").Process(target=_run, args=(work,))
		self._fork.start()

	def kill(self) -> None:
		"""End it at once, without any chance to tidy up."""
		os.kill(self._fork.pid, signal.SIGKILL)
		self._fork.join()

	def wait(self, seconds: float = 120) -> None:
		"""Wait until the work is done. Raises AssertionError if it failed or takes longer."""
		self._fork.join(seconds)
		if self._fork.is_alive():
			self.kill()
			raise AssertionError(f"The process wasn't done after {seconds} seconds")
		assert self._fork.exitcode == 0, f"The process failed, exit code {self._fork.exitcode}"


def _run(work: Callable[[], None]) -> None:
	# the test's connection must be neither used nor closed here: it is the same socket
	inherited = frappe.db._conn, frappe.db._cursor
	try:
		frappe.db.connect()
		work()
		code = 0
	except BaseException:
		traceback.print_exc()
		code = 1
	os._exit(code if inherited else 1)


def wait_until(happened: Callable[[], bool], seconds: float = 60) -> None:
	"""Wait for what other processes commit."""
	deadline = time.monotonic() + seconds
	while not happened():
		assert time.monotonic() < deadline, f"It didn't happen within {seconds} seconds"
		time.sleep(0.02)
		# see what others have committed since
		frappe.db.rollback()
