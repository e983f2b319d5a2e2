"""What people can do with a transfer: the functions behind the form's buttons. Each says how far it is then."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import now

from crm_transparency.crm_transparency import requested
from crm_transparency.crm_transparency.staff import current_actor
from crm_transparency.transfers import chosen_accounts, transfer_job, transfer_permissions, transfer_planning
from crm_transparency.transfers.exceptions import TransferNotPossible, WrongMoment
from crm_transparency.transfers.transfer_constants import (
	ACCOUNT_TRANSFER,
	COMPLETED,
	DRAFT,
	FAILED,
	ITEM,
	LIST,
	PAUSED,
	PENDING,
	PLAN,
	RUNNING,
	SKIPPED,
	TRANSFER,
	UNDO,
	UNDONE,
)
from crm_transparency.transfers.transfer_progress import (
	actions_for,
	done_and_total,
	progress_of,
	to_retry,
)


@frappe.whitelist(methods=["POST"])
def preview(name: str) -> dict:
	"""Plan the transfer: at once if it is small, else in the background."""
	transfer = permitted(name, "preview")
	values = {"task": PLAN, "error_message": None, "previewed_on": None, "plan": None, **actor()}
	transfer.db_set({**values, "total": 0, "skipped": 0}, update_modified=False)
	if transfer_planning.is_small(transfer):
		transfer_planning.plan(transfer)
		transfer.db_set({"task": None, "worker": None}, update_modified=False)
	else:
		transfer_job.WORK.queue(name)
	return progress_of(name)


@frappe.whitelist(methods=["POST"])
def preview_selection(doctype: str, names: list | str, successor: str) -> str:
	"""Draft and preview the transfer of accounts that were selected in a list; return its name."""
	transfer = frappe.new_doc(ACCOUNT_TRANSFER)
	transfer.source = LIST
	transfer.list_document_type = doctype
	transfer.listed_accounts = chosen_accounts.write(requested.names(names))
	transfer.append("successors", {"user": successor})
	transfer.insert()
	preview(transfer.name)
	return transfer.name


@frappe.whitelist(methods=["POST"])
def start(name: str) -> dict:
	"""Move the accounts, in the background."""
	transfer = permitted(name, "start")
	if not frappe.db.exists(ITEM, {"account_transfer": name, "status": PENDING}):
		frappe.throw(
			_("There is nothing to transfer. The preview says why each account was left out."),
			exc=TransferNotPossible,
		)
	run(transfer, TRANSFER, started_on=now())
	return progress_of(name)


@frappe.whitelist(methods=["POST"])
def pause(name: str) -> dict:
	"""Stop after the chunk that is being moved."""
	permitted(name, "pause").db_set({"status": PAUSED, "worker": None}, update_modified=False)
	return progress_of(name)


@frappe.whitelist(methods=["POST"])
def resume(name: str) -> dict:
	"""Go on with what is left, and try again what failed or was skipped."""
	transfer = permitted(name, "resume")
	task = transfer.task or TRANSFER
	if task == TRANSFER and (transfer.failed or transfer.skipped):
		try_left_again(transfer)
	run(transfer, task)
	return progress_of(name)


@frappe.whitelist(methods=["POST"])
def undo(name: str) -> dict:
	"""Give back, in the background, the accounts that still belong to the successors."""
	run(permitted(name, "undo"), UNDO)
	return progress_of(name)


def call_off(name: str) -> None:
	"""End a transfer for good, whatever it is at: give back, in the background, what moved, and let nothing move any more.

	Safe to do twice. One that moved nothing counts as undone at once, so nobody can start or resume it.
	"""
	# locked: a chunk that is being moved is waited for, and counted
	transfer = locked(name)
	if transfer.status == UNDONE or (transfer.status == RUNNING and transfer.task == UNDO):
		return
	if transfer.transferred:
		run(transfer, UNDO)
	else:
		ended = {"status": UNDONE, "task": None, "worker": None, "error_message": None, "finished_on": now()}
		transfer.db_set(ended, update_modified=False)


def plan_rest(name: str, listed_accounts: str) -> None:
	"""Plan anew, by another list, what a transfer left behind; then it can be started again. What moved stays moved."""
	transfer = locked(name)
	if transfer.status not in (COMPLETED, FAILED) or transfer.task == UNDO:
		frappe.throw(why_not_now("resume"), exc=WrongMoment)
	values = {"status": DRAFT, "task": None, "failed": 0, "listed_accounts": listed_accounts}
	transfer.db_set(values, update_modified=False)
	preview(name)


@frappe.whitelist(methods=["GET"])
def may_transfer_any() -> bool:
	"""Return whether the session's user may transfer anybody's accounts, or only their own."""
	frappe.has_permission(ACCOUNT_TRANSFER, "create", throw=True)
	return transfer_permissions.may_transfer_any()


@frappe.whitelist(methods=["GET"])
def progress(name: str) -> dict:
	"""Return how far the transfer is, and what can be done now. Asked for every two seconds by an open form."""
	frappe.get_doc(ACCOUNT_TRANSFER, name).check_permission("read")
	return progress_of(name)


def permitted(name: str, action: str) -> Document:
	"""Return the transfer, locked. Raises unless the session's user may do that, and it can be done now."""
	transfer = locked(name)
	if action not in actions_for(transfer):
		frappe.throw(why_not_now(action), exc=WrongMoment)
	return transfer


def locked(name: str) -> Document:
	"""Return the transfer, locked. Raises PermissionError unless the session's user may do something with it."""
	transfer = frappe.get_doc(ACCOUNT_TRANSFER, name, for_update=True)
	transfer.check_permission("write")
	transfer_permissions.check_may_transfer(transfer)
	return transfer


def why_not_now(action: str) -> str:
	return {
		"preview": _("Only a draft can be previewed, and only once at a time."),
		"start": _("A transfer can be started once it has been previewed, and only once."),
		"pause": _("Only a transfer that is running can be paused."),
		"resume": _(
			"Only a transfer that was paused, was stopped by an error, or left some accounts behind can be resumed."
		),
		"undo": _("Only a transfer that was started and isn't running can be undone."),
	}[action]


def run(transfer: Document, task: str, **values) -> None:
	done, _total = done_and_total(transfer, task)
	transfer.db_set(
		{
			"status": RUNNING,
			"task": task,
			"error_message": None,
			"finished_on": None,
			"worked_up_to": None,
			"run_started_on": now(),
			"run_started_with": done,
			**actor(),
			**values,
		},
		update_modified=False,
	)
	transfer_job.WORK.queue(transfer.name)


def actor() -> dict[str, str | None]:
	"""Return in whose name accounts move from now on; background jobs know nothing of the session."""
	person = current_actor()
	return {"run_by": person.user, "impersonated_by": person.impersonated_by}


def try_left_again(transfer: Document) -> None:
	item = frappe.qb.DocType(ITEM)
	query = frappe.qb.update(item).set(item.status, PENDING).set(item.note, None)
	query.where(to_retry(item, transfer.name)).run()
	skipped = frappe.db.count(ITEM, {"account_transfer": transfer.name, "status": SKIPPED})
	transfer.db_set({"failed": 0, "skipped": skipped}, update_modified=False)
