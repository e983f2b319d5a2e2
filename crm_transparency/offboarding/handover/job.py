"""The background job behind a handover: computes the plan, or carries it out, until that is done.

A plan knows the token of the job that it was given to last. So it doesn't matter if a job is queued twice, or if one
that was given up for dead comes back: it finds that it isn't its turn and stops.
"""

from collections.abc import Callable

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_to_date, cstr, get_datetime, now, now_datetime, strip_html

from crm_transparency.crm_transparency.actor import current_actor
from crm_transparency.offboarding.handover import accounts, belongings, plan
from crm_transparency.offboarding.handover.exceptions import WrongMoment
from crm_transparency.offboarding.handover.words import COMPUTE, PLAN, TRANSFER, UNDO
from crm_transparency.transfers.exceptions import NotOurTurn
from crm_transparency.transfers.job import persistently

SECONDS_BEFORE_A_JOB_IS_KILLED = 60 * 60
#: so many accounts are looked at while somebody waits; more are looked at in the background
ACCOUNTS_WHILE_WAITING = 1000
# without any progress for so long, a job is taken for dead
MINUTES_UNTIL_STALLED = 10


def compute(document: Document) -> None:
	"""Compute the plan: at once if it is small, else in the background. Raises WrongMoment while something else runs."""
	document = take(document, COMPUTE, total=accounts.count(document.leaver), done=0)
	if document.total <= ACCOUNTS_WHILE_WAITING:
		plan.compute(document)
		let_go(document.name)
	else:
		queue(document.name)


def carry_out(document: Document) -> None:
	queue(take(document, TRANSFER).name)


def undo(document: Document) -> None:
	queue(take(document, UNDO).name)


def take(document: Document, task: str, **values) -> Document:
	"""Lock the plan and write down what is to be done with it, in whose name.

	Only undoing needn't wait: it takes a transfer over, whose job stops as soon as it sees that.
	"""
	document = frappe.get_doc(PLAN, document.name, for_update=True)
	is_taken_over = (document.task, task) == (TRANSFER, UNDO)
	if document.task and not is_taken_over and not is_stalled(document):
		frappe.throw(
			_("Something is under way with this plan. Please wait until it is done."), exc=WrongMoment
		)
	person = current_actor()
	document.db_set(
		{
			"task": task,
			"error_message": None,
			"last_progress_on": now(),
			"run_by": person.user,
			"impersonated_by": person.impersonated_by,
			**values,
		},
		update_modified=False,
	)
	return document


def is_stalled(document: Document | frappe._dict) -> bool:
	limit = add_to_date(now_datetime(), minutes=-MINUTES_UNTIL_STALLED)
	return bool(document.task) and get_datetime(document.last_progress_on) < limit


def queue(offboarding: str) -> None:
	"""Give the plan to a new background job, as soon as the running transaction is committed."""
	worker = frappe.generate_hash(length=20)
	values = {"worker": worker, "last_progress_on": now()}
	frappe.db.set_value(PLAN, offboarding, values, update_modified=False)
	frappe.enqueue(
		run,
		queue="long",
		timeout=SECONDS_BEFORE_A_JOB_IS_KILLED,
		job_id=f"handover::{offboarding}::{worker}",
		enqueue_after_commit=True,
		offboarding=offboarding,
		worker=worker,
	)


def run(offboarding: str, worker: str) -> None:
	"""Do what is to be done with the plan, committing after each page or step."""
	try:
		task = persistently(lambda: prepare(offboarding, worker))
		WORK[task](offboarding, worker)
	except NotOurTurn:
		frappe.db.rollback()
	except Exception as error:
		frappe.db.rollback()
		fail(offboarding, worker, error)
		frappe.db.commit()
		if not isinstance(error, frappe.ValidationError | frappe.PermissionError):
			raise


def prepare(offboarding: str, worker: str) -> str:
	"""Act as the user who asked for it, and return what is to be done."""
	state = claim(offboarding, worker)
	frappe.set_user(state.run_by)
	frappe.session.data.impersonated_by = state.impersonated_by
	return state.task


def claim(offboarding: str, worker: str, **values) -> frappe._dict:
	"""Lock the plan and note progress. Raises NotOurTurn if it was given to another job meanwhile."""
	table = frappe.qb.DocType(PLAN)
	frappe.qb.update(table).set(table.last_progress_on, now()).where(table.name == offboarding).run()
	fields = ["worker", "task", "run_by", "impersonated_by"]
	state = frappe.db.get_value(PLAN, offboarding, fields, as_dict=True, for_update=True)
	if not state or state.worker != worker or not state.task:
		raise NotOurTurn
	if values:
		frappe.db.set_value(PLAN, offboarding, values, update_modified=False)
	return state


def let_go(offboarding: str) -> None:
	frappe.db.set_value(PLAN, offboarding, {"task": None, "worker": None}, update_modified=False)


def compute_in_pages(offboarding: str, worker: str) -> None:
	def checkpoint(done: int) -> None:
		claim(offboarding, worker, done=done)
		frappe.db.commit()

	def step() -> None:
		claim(offboarding, worker)
		plan.compute(frappe.get_doc(PLAN, offboarding), checkpoint)
		claim(offboarding, worker)
		let_go(offboarding)

	persistently(step)


def in_steps(step: Callable[[str], bool]) -> Callable[[str, str], None]:
	"""Return what does a step after the other, each in a transaction, until it says that there is none left."""

	def work(offboarding: str, worker: str) -> None:
		def one() -> bool:
			claim(offboarding, worker)
			return step(offboarding)

		while persistently(one):
			pass
		persistently(lambda: claim(offboarding, worker) and let_go(offboarding))

	return work


WORK = {
	COMPUTE: compute_in_pages,
	TRANSFER: in_steps(belongings.move_next),
	UNDO: in_steps(belongings.give_back_next),
}


def fail(offboarding: str, worker: str, error: Exception) -> None:
	state = frappe.db.get_value(PLAN, offboarding, ["worker"], as_dict=True, for_update=True)
	if state and state.worker == worker:
		message = strip_html(cstr(error)) or type(error).__name__
		values = {"worker": None, "task": None, "error_message": message}
		frappe.db.set_value(PLAN, offboarding, values, update_modified=False)


def take_up_stalled() -> None:
	"""Queue anew what a job left that died. Scheduled; commits."""
	limit = add_to_date(now_datetime(), minutes=-MINUTES_UNTIL_STALLED)
	stalled = {"task": ("is", "set"), "last_progress_on": ("<", limit)}
	for offboarding in frappe.get_all(PLAN, filters=stalled, pluck="name"):
		queue(offboarding)
		frappe.db.commit()
