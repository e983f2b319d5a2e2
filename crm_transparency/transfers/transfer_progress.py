"""How far a transfer is, and what can be done with it now. The form shows this, and decides nothing by itself."""

import frappe
from frappe.model.document import Document
from frappe.query_builder.functions import Coalesce, Count
from frappe.utils import now_datetime, time_diff_in_seconds
from pypika import Criterion
from pypika.queries import Table

from crm_transparency.transfers.transfer_constants import (
	ACCOUNT_TRANSFER,
	DRAFT,
	FAILED,
	ITEM,
	PAUSED,
	PLAN,
	RUNNING,
	SKIPPED,
	UNDO,
	UNDONE,
)

# longer than any chunk takes, and short for somebody who waits
SECONDS_UNTIL_RESUMABLE = 120
REASONS_SHOWN = 5


COUNTS = ("total", "transferred", "skipped", "failed", "given_back", "not_given_back")
STATE = (
	*COUNTS,
	"name",
	"status",
	"task",
	"previewed_on",
	"error_message",
	"last_progress_on",
	"run_started_on",
	"run_started_with",
)


def progress_of(name: str) -> dict:
	"""Return how far a transfer is.

	`rate` is in accounts per second since it was started or resumed, None while that can't be told. `stalled`: the job died,
	or waits in a long queue. `reasons` says why accounts stayed, most frequent first.
	"""
	# not the whole document: a list in it may be megabytes long, and this is asked for every other second
	state = frappe.db.get_value(ACCOUNT_TRANSFER, name, STATE, as_dict=True)
	done, total = done_and_total(state, UNDO if state.status == UNDONE else state.task)
	rate = rate_of(state, done)
	has_stopped = state.status not in (DRAFT, RUNNING)
	return dict(
		status=state.status,
		task=state.task or None,
		done=done,
		total=total,
		rate=rate,
		seconds_left=round((total - done) / rate) if rate and state.status == RUNNING else None,
		stalled=is_stalled(state),
		actions=actions_for(state),
		error_message=state.error_message,
		counts={field: state[field] for field in COUNTS},
		reasons=why_left(name, REASONS_SHOWN) if has_stopped and (state.skipped or state.failed) else [],
	)


def done_and_total(transfer: Document | frappe._dict, task: str | None) -> tuple[int, int]:
	"""Return how many accounts a task is done with, and how many there are for it."""
	if task == UNDO:
		return transfer.given_back + transfer.not_given_back, transfer.transferred
	return transfer.transferred + transfer.skipped + transfer.failed, transfer.total


def rate_of(transfer: frappe._dict, done: int) -> float | None:
	if transfer.task == PLAN or not (transfer.run_started_on and transfer.last_progress_on):
		return None
	seconds = time_diff_in_seconds(transfer.last_progress_on, transfer.run_started_on)
	moved = done - transfer.run_started_with
	return moved / seconds if seconds > 0 and moved > 0 else None


def is_stalled(transfer: Document | frappe._dict) -> bool:
	if not (transfer.status == RUNNING or transfer.task == PLAN) or not transfer.last_progress_on:
		return False
	return time_diff_in_seconds(now_datetime(), transfer.last_progress_on) > SECONDS_UNTIL_RESUMABLE


def actions_for(transfer: Document | frappe._dict) -> list[str]:
	"""Return what can be done with the transfer now, the most likely first."""
	stalled = is_stalled(transfer)
	if transfer.status == DRAFT:
		if transfer.task == PLAN and not stalled:
			return []
		undo = ["undo"] if transfer.transferred else []
		return ["start", "preview", *undo] if transfer.previewed_on else ["preview", *undo]
	if transfer.status == RUNNING:
		return ["resume", "pause"] if stalled else ["pause"]
	if transfer.status == UNDONE:
		return []
	return ["resume", "undo"] if transfer.status in (PAUSED, FAILED) or has_left_any(transfer) else ["undo"]


def has_left_any(transfer: Document | frappe._dict) -> bool:
	"""Return whether the transfer left accounts behind that it may move when it is resumed."""
	if not (transfer.failed or transfer.skipped):
		return False
	item = frappe.qb.DocType(ITEM)
	return bool(frappe.qb.from_(item).select(item.name).where(to_retry(item, transfer.name)).limit(1).run())


def to_retry(item: Table, transfer: str) -> Criterion:
	"""Return the condition for the accounts that a transfer left behind although somebody was to get them."""
	has_successor = item.to_user.isnotnull() & (item.to_user != Coalesce(item.previous_owner, ""))
	return (item.account_transfer == transfer) & item.status.isin((FAILED, SKIPPED)) & has_successor


def why_left(transfer: str, limit: int) -> list[frappe._dict]:
	"""Return the most frequent reasons (`label`) why `accounts` stayed where they are, or will."""
	item = frappe.qb.DocType(ITEM)
	return (
		frappe.qb.from_(item)
		.select(item.note.as_("label"), Count("*").as_("accounts"))
		.where((item.account_transfer == transfer) & item.status.isin((FAILED, SKIPPED)))
		.groupby(item.note)
		.orderby(Count("*"), order=frappe.qb.desc)
		.orderby(item.note)
		.limit(limit)
		.run(as_dict=True)
	)
