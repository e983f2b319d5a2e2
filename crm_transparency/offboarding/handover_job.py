"""The background job of a handover: calculates the plan, or moves belongings, until that is done."""

from collections.abc import Callable

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_to_date, get_datetime, now, now_datetime

from crm_transparency.crm_transparency.jobs import MINUTES_UNTIL_STALLED, BackgroundWork, claim
from crm_transparency.crm_transparency.staff import current_actor
from crm_transparency.offboarding import handover_belongings, leaver_details, plan_rows
from crm_transparency.offboarding.exceptions import WrongMoment
from crm_transparency.offboarding.offboarding_records import COMPUTE, PLAN, TRANSFER, UNDO

#: up to so many accounts are calculated while the user waits, more in the background
ACCOUNTS_WHILE_WAITING = 1000
MOVES: dict[str, Callable[[str], bool]] = {
	TRANSFER: handover_belongings.move_next,
	UNDO: handover_belongings.give_back_next,
}


def compute(document: Document) -> None:
	"""Calculate the plan: at once if it is small, else in the background. Raises WrongMoment while a job is running."""
	document = start(document, COMPUTE, total=leaver_details.owned_accounts(document.leaver), done=0)
	if document.total <= ACCOUNTS_WHILE_WAITING:
		plan_rows.compute(document)
		WORK.release(document.name)
	else:
		WORK.queue(document.name)


def move(document: Document) -> None:
	WORK.queue(start(document, TRANSFER).name)


def give_back(document: Document) -> None:
	WORK.queue(start(document, UNDO).name)


def start(document: Document, task: str, **values) -> Document:
	"""Lock the plan and set its task, in the name of the session's user.

	Only undoing doesn't have to wait: it takes a transfer over, whose job stops as soon as it notices.
	"""
	document = frappe.get_doc(PLAN, document.name, for_update=True)
	is_taken_over = (document.task, task) == (TRANSFER, UNDO)
	if document.task and not is_taken_over and not is_stalled(document):
		frappe.throw(
			_("A background job is working on the plan. Please wait until it is done."), exc=WrongMoment
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


def is_stalled(document: Document) -> bool:
	limit = add_to_date(now_datetime(), minutes=-MINUTES_UNTIL_STALLED)
	return bool(document.task) and get_datetime(document.last_progress_on) < limit


def run(name: str, worker: str) -> None:
	WORK.run(name, worker)


def step(task: str, name: str, worker: str) -> bool:
	"""Take the next step of a plan's task; return whether there may be more. The last one also ends the task."""
	claim(PLAN, name, worker)
	if task == COMPUTE:
		plan_rows.compute(frappe.get_doc(PLAN, name), lambda done: commit_page(name, worker, done))
		claim(PLAN, name, worker)
		has_more = False
	else:
		has_more = MOVES[task](name)
	if not has_more:
		WORK.release(name)
	return has_more


def commit_page(name: str, worker: str, done: int) -> None:
	claim(PLAN, name, worker)
	frappe.db.set_value(PLAN, name, "done", done, update_modified=False)
	# a background job: every page is a transaction of its own
	frappe.db.commit()  # nosemgrep: frappe-manual-commit


WORK = BackgroundWork(
	doctype=PLAN,
	method="crm_transparency.offboarding.handover_job.run",
	step=step,
	after_failure=lambda state: {"task": None},
	unfinished=({"task": ("is", "set")},),
)
