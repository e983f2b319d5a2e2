"""The background job behind a handover: calculates the plan, or carries it out, until that is done."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_to_date, get_datetime, now, now_datetime

from crm_transparency.crm_transparency import jobs
from crm_transparency.crm_transparency.actor import current_actor
from crm_transparency.crm_transparency.jobs import BackgroundWork
from crm_transparency.offboarding.handover import accounts, belongings, plan
from crm_transparency.offboarding.handover.exceptions import WrongMoment
from crm_transparency.offboarding.handover.words import COMPUTE, PLAN, TRANSFER, UNDO

#: so many accounts are looked at while somebody waits; more are looked at in the background
ACCOUNTS_WHILE_WAITING = 1000


def compute(document: Document) -> None:
	"""Compute the plan: at once if it is small, else in the background. Raises WrongMoment while something else runs."""
	document = take(document, COMPUTE, total=accounts.count(document.leaver), done=0)
	if document.total <= ACCOUNTS_WHILE_WAITING:
		plan.compute(document)
		WORK.release(document.name)
	else:
		WORK.queue(document.name)


def carry_out(document: Document) -> None:
	WORK.queue(take(document, TRANSFER).name)


def undo(document: Document) -> None:
	WORK.queue(take(document, UNDO).name)


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
	limit = add_to_date(now_datetime(), minutes=-jobs.MINUTES_UNTIL_STALLED)
	return bool(document.task) and get_datetime(document.last_progress_on) < limit


def step(task: str, offboarding: str, worker: str) -> bool:
	"""Do the next step of a task; return whether there was one."""
	jobs.claim(PLAN, offboarding, worker)
	if task == COMPUTE:
		compute_in_pages(offboarding, worker)
	elif STEPS[task](offboarding):
		return True
	WORK.release(offboarding)
	return False


def compute_in_pages(offboarding: str, worker: str) -> None:
	def checkpoint(done: int) -> None:
		jobs.claim(PLAN, offboarding, worker)
		frappe.db.set_value(PLAN, offboarding, "done", done, update_modified=False)
		frappe.db.commit()

	plan.compute(frappe.get_doc(PLAN, offboarding), checkpoint)
	jobs.claim(PLAN, offboarding, worker)


STEPS = {TRANSFER: belongings.move_next, UNDO: belongings.give_back_next}
WORK = BackgroundWork(
	doctype=PLAN,
	method="crm_transparency.offboarding.handover.job.run",
	step=step,
	after_failure=lambda state: {"task": None},
	unfinished=({"task": ("is", "set")},),
)


def run(name: str, worker: str) -> None:
	"""Run a handover's job; queued by `WORK.queue`."""
	WORK.run(name, worker)
