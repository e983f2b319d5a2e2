"""The background job behind a transfer: it plans it, or works it off, until that is done or somebody pauses it."""

import frappe

from crm_transparency.crm_transparency import jobs
from crm_transparency.crm_transparency.jobs import BackgroundWork, NotOurTurn
from crm_transparency.transfers import moving, notices, planning
from crm_transparency.transfers.words import ACCOUNT_TRANSFER, DRAFT, FAILED, PLAN, RUNNING


def step(task: str, transfer: str, worker: str) -> bool:
	"""Plan the transfer, or work off its next chunk; return whether there was one."""
	if task != PLAN:
		return moving.work_on(transfer, worker)
	plan(transfer, worker)
	return False


def plan(transfer: str, worker: str) -> None:
	"""Plan the transfer from the beginning, committing page by page."""

	def checkpoint() -> None:
		still_planning(transfer, worker)
		frappe.db.commit()

	still_planning(transfer, worker)
	planning.plan(frappe.get_doc(ACCOUNT_TRANSFER, transfer), checkpoint)
	still_planning(transfer, worker)
	WORK.release(transfer)


def still_planning(transfer: str, worker: str) -> None:
	"""Lock the transfer and note that there is progress. Raises NotOurTurn when another job plans it."""
	if jobs.claim(ACCOUNT_TRANSFER, transfer, worker).task != PLAN:
		raise NotOurTurn


def finished(task: str, transfer: str) -> None:
	if task != PLAN:
		notices.tell_people(transfer, frappe.db.get_value(ACCOUNT_TRANSFER, transfer, "status"))


def after_failure(state: frappe._dict) -> dict:
	"""Return what becomes of a transfer that an error stopped: it can be resumed or undone."""
	return {"task": None} if state.task == PLAN else {"status": FAILED}


WORK = BackgroundWork(
	doctype=ACCOUNT_TRANSFER,
	method="crm_transparency.transfers.job.run",
	step=step,
	after_failure=after_failure,
	unfinished=({"status": RUNNING}, {"status": DRAFT, "task": PLAN}),
	finished=finished,
)


def run(name: str, worker: str) -> None:
	"""Run a transfer's job; queued by `WORK.queue`."""
	WORK.run(name, worker)


def continue_stalled() -> None:
	"""Take up the transfers whose job died. Scheduled."""
	WORK.continue_stalled()
