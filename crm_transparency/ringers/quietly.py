"""What goes wrong is told by its kind only.

Frappe writes the values of variables into the Error Log and the Scheduled Job Log, which System Managers read, and keeps
whole requests while its Recorder runs.
"""

from collections.abc import Callable
from functools import wraps

import frappe
from frappe import _
from frappe.database.database import savepoint

from crm_transparency.ringers import secrecy
from crm_transparency.ringers.exceptions import DidNotWork, JobFailed

EXPECTED = (frappe.ValidationError, frappe.PermissionError)


def without_a_trace(function: Callable) -> Callable:
	"""Keep what a Ringer Manager asks for out of the Recorder, and what goes wrong with it out of the Error Log.

	Whoever may not know is told just that, whether requests are recorded or not.
	"""

	@wraps(function)
	def run(*args, **kwargs):
		secrecy.ask_may_know()
		secrecy.refuse_while_recorded()
		try:
			return function(*args, **kwargs)
		except EXPECTED:
			raise
		except Exception as error:
			failure = type(error).__name__
		frappe.db.rollback()
		frappe.throw(_("That didn't work ({0}).").format(failure), exc=DidNotWork)

	return run


def failure_of(work: Callable[[], object]) -> str | None:
	"""Do something that is undone if it fails; return the kind of failure then, None if there was none."""
	failure = None
	with savepoint(catch=Exception):
		try:
			work()
		except Exception as error:
			failure = type(error).__name__
			raise
	if failure:
		frappe.clear_messages()
	return failure


def job_without_a_trace(job: Callable[[], None]) -> Callable[[], None]:
	"""Let a background job fail with nothing but its name and the kind of failure."""

	@wraps(job)
	def run():
		try:
			return job()
		except JobFailed:
			raise
		except Exception as error:
			failure = type(error).__name__
		frappe.db.rollback()
		frappe.clear_messages()
		raise JobFailed(f"{job.__name__}: {failure}")

	return run
