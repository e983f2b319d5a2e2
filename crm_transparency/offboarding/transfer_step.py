"""Step 6: the transfer: an Account Transfer as the plan lists, the belongings, and a summary to each successor.

The Account Transfer is drafted and previewed first; then it is started; when it is completed, the successors are told. Each
of these steps is found by what is there, so whoever comes next, the open page or the scheduler, continues where the last stopped.
"""

import csv
import io
from functools import partial

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, get_fullname

from crm_transparency.crm_transparency import formatting
from crm_transparency.crm_transparency.database import by_doctype, is_one_of
from crm_transparency.crm_transparency.jobs import persistently
from crm_transparency.offboarding import (
	handover_belongings,
	handover_job,
	handover_summaries,
	introduction_sending,
	mail_once,
	offboarding_permissions,
	plan_grid,
	plan_rows,
	step_progress,
)
from crm_transparency.offboarding.exceptions import NothingToDo, StepNotPossible, WrongMoment
from crm_transparency.offboarding.offboarding_records import (
	ACCOUNT,
	CANCELLED,
	DONE,
	FAILED,
	IN_PROGRESS,
	LEAVE,
	MOVE,
	OFFBOARDING,
	PLAN,
	PLANNED,
	STEP,
	TRANSFER,
)
from crm_transparency.offboarding.steps import Outcome, Step
from crm_transparency.transfers import chosen_accounts, transfer_actions, transfer_progress
from crm_transparency.transfers.transfer_constants import (
	ACCOUNT_TRANSFER,
	AS_LISTED,
	COMPLETED,
	ITEM,
	LIST,
	RUNNING,
	UNDONE,
)
from crm_transparency.transfers.transfer_constants import DRAFT as TRANSFER_DRAFT
from crm_transparency.transfers.transfer_constants import FAILED as TRANSFER_FAILED

#: how many of the items that weren't moved the result names; the plan lists all
MOST_NAMED = 10


class Transfer(Step):
	key = "transfer"

	def known(self, offboarding: Document) -> dict:
		if not frappe.db.get_value(PLAN, offboarding.name, "computed_on"):
			return {"state": None, "has_user": bool(offboarding.user)}
		document = plan_rows.of_offboarding(offboarding.name)
		return {
			"has_user": True,
			"runs": offboarding_permissions.runs(offboarding),
			"state": {"task": document.task, "error_message": document.error_message},
			"account_transfer": document.account_transfer,
			"progress": progress_of(document),
			"early": step_progress.warnings(offboarding, before="transfer"),
			**transfer_state(document),
		}

	def run(
		self,
		offboarding: Document,
		action: str = "transfer",
		leave_the_rest: bool = False,
		move_decided: bool = False,
		**arguments,
	) -> Outcome:
		"""Start the transfer, or continue it; also "pause", "resume" and "undo". For those who run offboardings."""
		offboarding_permissions.check_runs(offboarding)
		if not offboarding.user:
			return Outcome(
				_("{0} has no user, so there is nothing to transfer.").format(offboarding.employee_name)
			)
		document = plan_rows.of_offboarding(offboarding.name)
		if action == "undo":
			undo(document)
		elif action in ("pause", "resume"):
			repeat(document, action)
		else:
			begin(document, bool(cint(leave_the_rest)), bool(cint(move_decided)))
		return outcome(plan_rows.of_offboarding(offboarding.name))

	def record(self, offboarding: Document) -> str | None:
		if not frappe.db.get_value(PLAN, offboarding.name, "computed_on"):
			return None
		return outcome(plan_rows.of_offboarding(offboarding.name)).result

	def undo(self, offboarding: Document) -> list[str]:
		if not frappe.db.exists(PLAN, offboarding.name):
			return []
		document = plan_rows.of_offboarding(offboarding.name)
		if not is_started(document):
			return []
		undo(document)
		return [
			_("The transfer is being undone. What others changed since then stays where it is."),
			*(
				_("A summary of what they got was sent to {0}.").format(address)
				for address in handover_summaries.sent_to(document)
			),
		]


def repeat(document: Document, action: str) -> None:
	if not document.account_transfer:
		frappe.throw(_("There is no transfer yet."), exc=StepNotPossible)
	getattr(transfer_actions, action)(document.account_transfer)


def progress_of(document: Document) -> dict | None:
	"""Return the progress of the Account Transfer."""
	if not document.account_transfer:
		return None
	return transfer_progress.progress_of(document.account_transfer)


def outcome(document: Document) -> Outcome:
	known = transfer_state(document)
	moved = (progress_of(document) or {}).get("counts", {})
	if known["status"] == "Undone":
		return Outcome(_("The transfer was undone."), is_done=False)
	sentence = _("{0}, {1} not moved; {2}.").format(
		formatting.count(cint(moved.get("transferred")), _("1 account moved"), _("{0} accounts moved")),
		formatting.number(cint(moved.get("skipped")) + cint(moved.get("failed"))),
		formatting.count(known["belongings_done"], _("1 other item moved"), _("{0} other items moved")),
	)
	if not known["is_completed"]:
		return Outcome(sentence, is_done=False)
	sentences = [sentence, *still_owned(document, known["accounts_left"]), *not_moved(document)]
	return Outcome(" ".join(sentences), is_done=not known["accounts_left"])


def still_owned(document: Document, accounts_left: int) -> list[str]:
	"""Return in sentences how many accounts the leaver still has after the transfer, and why."""
	name, sentences = get_fullname(document.leaver), []
	if stay := without_successor(document.name):
		sentences.append(_("Accounts without a successor, which stay with {0}: {1}.").format(name, stay))
	if not accounts_left:
		return sentences
	sentences.append(_("Accounts that {0} still has: {1}.").format(name, accounts_left))
	reasons = list(plan_grid.unable_successors(document).values())
	if progress := progress_of(document):
		reasons += [row.label for row in progress["reasons"] if row.label]
	return sentences + list(dict.fromkeys(reasons))


def not_moved(document: Document) -> list[str]:
	"""Return in sentences which items couldn't be moved and why, what stays, and who wasn't told."""
	failed = handover_belongings.titles(document.name, status=FAILED)
	stay = handover_belongings.titles(document.name, status=PLANNED, action=LEAVE)
	sentences = [f"{row.title}: {row.note}" for row in failed[:MOST_NAMED]]
	if len(failed) > MOST_NAMED:
		sentences.append(_("{0} more couldn't be moved.").format(len(failed) - MOST_NAMED))
	if stay:
		sentences.append(_("These stay: {0}.").format(", ".join(row.title for row in stay[:MOST_NAMED])))
	if not_told := handover_summaries.not_told(document):
		names = ", ".join(map(get_fullname, not_told))
		sentences.append(_("Couldn't be notified by email: {0}. Please tell them.").format(names))
	return sentences + mail_once.not_delivered(document.name, "handover summary %")


def begin(plan: Document, leave_the_rest: bool = False, move_decided: bool = False) -> None:
	"""Start the transfer, in the background. A second time it moves what was left behind, as the plan says now.

	With `move_decided`, belongings move that somebody decided about after the transfer started: whoever may transfer has
	to confirm that, since others may change the plan.
	Raises WrongMoment if there is no plan yet, and NothingToDo if accounts have no successor, unless they are to stay.
	"""
	plan = frappe.get_doc(PLAN, plan.name, for_update=True)
	if not plan.computed_on:
		frappe.throw(_("There is no plan yet. Please create it first."), exc=WrongMoment)
	if is_started(plan):
		if (
			move_decided
			and not plan.task
			and handover_belongings.count(plan.name, status=PLANNED, action=MOVE)
		):
			handover_job.move(plan)
		is_through = status(plan) in (COMPLETED, TRANSFER_FAILED)
		if is_through and plan_rows.left(plan) and (listed := as_list(plan)):
			transfer_actions.plan_rest(plan.account_transfer, listed)
		proceed(frappe.get_doc(PLAN, plan.name))
		return
	check_successors(plan, leave_the_rest)
	handover_belongings.try_failed_again(plan.name)
	if handover_belongings.count(plan.name, status=PLANNED, action=MOVE):
		handover_job.move(plan)
	if listed := as_list(plan):
		draft(plan, listed)
	proceed(frappe.get_doc(PLAN, plan.name))


def check_successors(plan: Document, leave_the_rest: bool) -> None:
	"""Raise NothingToDo if accounts have no successor, or one who can't take them over, unless these are to stay."""
	if leave_the_rest:
		return
	sentences = list(plan_grid.unable_successors(plan).values())
	if left := without_successor(plan.name):
		one = _("1 account has no successor yet.")
		sentences.append(formatting.count(left, one, _("{0} accounts have no successor yet.")))
	if sentences:
		sentences.append(_("Please choose a successor, or confirm that the accounts stay."))
		frappe.throw(" ".join(sentences), exc=NothingToDo)


def is_started(plan: Document) -> bool:
	"""Return whether a transfer of this plan is running or completed, and not undone."""
	if plan.account_transfer:
		return status(plan) != UNDONE
	return plan.task == TRANSFER or bool(handover_belongings.count(plan.name, status=DONE))


def status(plan: Document) -> str | None:
	return plan.account_transfer and frappe.db.get_value(ACCOUNT_TRANSFER, plan.account_transfer, "status")


def without_successor(offboarding: str) -> int:
	return frappe.db.count(ACCOUNT, {"offboarding": offboarding, "successor": ("is", "not set")})


def draft(plan: Document, listed_accounts: str) -> None:
	"""Create the Account Transfer, and have it previewed."""
	transfer = frappe.get_doc(
		doctype=ACCOUNT_TRANSFER,
		source=LIST,
		strategy=AS_LISTED,
		from_user=plan.leaver,
		listed_accounts=listed_accounts,
		offboarding=plan.name,
	).insert()
	plan.db_set("account_transfer", transfer.name, update_modified=False)
	frappe.db.set_value(OFFBOARDING, plan.name, "account_transfer", transfer.name, update_modified=False)
	transfer_actions.preview(transfer.name)


def as_list(plan: Document) -> str | None:
	"""Return the accounts to be moved and their successors as the text of a list that Account Transfer reads.

	None if there are none. Those whose successor can't take them over are left out.
	"""
	unable = plan_grid.unable_successors(plan)
	text = io.StringIO()
	writer = csv.writer(text, lineterminator="\n")
	writer.writerow([chosen_accounts.DOCTYPE, chosen_accounts.NAME, chosen_accounts.SUCCESSOR])
	row = frappe.qb.DocType(ACCOUNT)
	# document type by document type: a transfer works in chunks of one type
	query = (
		frappe.qb.from_(row)
		.select(row.reference_doctype, row.reference_name, row.successor)
		.where((row.offboarding == plan.name) & row.successor.isnotnull() & (row.successor != ""))
		.orderby(row.reference_doctype, row.reference_name)
	)
	for condition in plan_rows.not_moved(row, plan.account_transfer):
		query = query.where(condition)
	rows = [each for each in query.run() if each[2] not in unable]
	writer.writerows(rows)
	return text.getvalue() if rows else None


def proceed(plan: Document) -> None:
	"""Take the next step, if it is time. Safe to call at any moment, in the session of anybody who may transfer."""
	# the plan first and then its transfer, as everywhere; whoever had it locked may have started to undo it
	plan = frappe.get_doc(PLAN, plan.name, for_update=True)
	if plan.account_transfer:
		state = frappe.db.get_value(
			ACCOUNT_TRANSFER,
			plan.account_transfer,
			["status", "previewed_on", "task"],
			as_dict=True,
			for_update=True,
		)
		if state.status == TRANSFER_DRAFT and state.previewed_on and not state.task:
			mark_key_accounts(plan)
			start(plan)
	if is_completed(plan):
		handover_summaries.send(plan)


def start(plan: Document) -> None:
	pending = {"account_transfer": plan.account_transfer, "status": "Pending"}
	if frappe.db.exists(ITEM, pending):
		transfer_actions.start(plan.account_transfer)
	else:
		# every account went elsewhere meanwhile; the items say where
		values = {"status": COMPLETED, "finished_on": frappe.utils.now()}
		frappe.db.set_value(ACCOUNT_TRANSFER, plan.account_transfer, values, update_modified=False)


def mark_key_accounts(plan: Document) -> None:
	row, item = frappe.qb.DocType(ACCOUNT), frappe.qb.DocType(ITEM)
	keys = (
		frappe.qb.from_(row)
		.select(row.reference_doctype, row.reference_name)
		.where((row.offboarding == plan.name) & (row.is_key_account == 1))
		.run()
	)
	for doctype, of_type in by_doctype(keys).items():
		(
			frappe.qb.update(item)
			.set(item.is_key_account, 1)
			.where((item.account_transfer == plan.account_transfer) & (item.reference_doctype == doctype))
			.where(is_one_of(item.reference_name, of_type))
			.run()
		)


def is_completed(plan: Document) -> bool:
	"""Return whether everything that the plan moves was moved, or couldn't be; also if it moves nothing."""
	if plan.task or handover_belongings.count(plan.name, status=PLANNED, action=MOVE):
		return False
	if is_started(plan):
		return not plan.account_transfer or status(plan) == COMPLETED
	has_successors = frappe.db.exists(ACCOUNT, {"offboarding": plan.name, "successor": ("is", "set")})
	return bool(plan.computed_on) and not has_successors


def undo(plan: Document) -> None:
	"""Give back, in the background, what wasn't changed by somebody else since. Safe to do twice, and at any moment."""
	plan = frappe.get_doc(PLAN, plan.name, for_update=True)
	if plan.account_transfer:
		transfer_actions.call_off(plan.account_transfer)
	handover_belongings.give_up_failed(plan.name)
	if plan.task == TRANSFER or handover_belongings.count(plan.name, status=DONE):
		handover_job.give_back(plan)


def continue_all() -> None:
	"""Take the next step of every handover that somebody started, in their name. Scheduled; commits after each."""
	started = frappe.get_all(
		PLAN,
		filters={"run_by": ("is", "set"), "computed_on": ("is", "set")},
		fields=["name", "run_by", "impersonated_by", "account_transfer"],
	)
	for row in started:
		is_cancelled = frappe.db.get_value(OFFBOARDING, row.name, "status") == CANCELLED
		if is_cancelled or handover_summaries.are_all_sent(row):
			continue
		try:
			# a background job that works in the name of whoever started the transfer
			frappe.set_user(row.run_by)  # nosemgrep: frappe-setuser
			frappe.session.data.impersonated_by = row.impersonated_by
			persistently(partial(proceed_with, row.name))
		except Exception:
			frappe.db.rollback()
			frappe.log_error(title=_("CRM Transparency: a handover couldn't continue"))
			# a background job: the log is kept, whatever becomes of the next handover
			frappe.db.commit()  # nosemgrep: frappe-manual-commit
		finally:
			# a background job gets its own user back
			frappe.set_user("Administrator")  # nosemgrep: frappe-setuser


def proceed_with(offboarding: str) -> None:
	"""Take the next step of a handover, and log what it led to."""
	in_progress = {"parent": offboarding, "step": Transfer.key, "status": IN_PROGRESS}
	row = frappe.db.exists(STEP, in_progress) and step_progress.lock(offboarding, Transfer.key)
	proceed(frappe.get_doc(PLAN, offboarding))
	if row and row.status == IN_PROGRESS:
		now = outcome(frappe.get_doc(PLAN, offboarding))
		if now.is_done or now.result != row.result:
			step_progress.log(offboarding, row, now)


def transfer_state(plan: Document) -> dict:
	"""Return how far the transfer is."""
	is_through = is_completed(plan)
	return {
		"is_started": is_started(plan),
		"is_completed": is_through,
		"accounts_left": plan_rows.left(plan) if is_through else 0,
		"warnings": [] if plan.task or status(plan) == RUNNING else plan_grid.warnings(plan),
		"status": status(plan),
		"without_successor": without_successor(plan.name),
		"belongings_left": handover_belongings.count(plan.name, status=PLANNED, action=MOVE),
		"belongings_done": handover_belongings.count(plan.name, status=DONE),
		"undecided": handover_belongings.undecided(plan.name),
		"decided": handover_belongings.decided(plan.name),
		"belongings_failed": handover_belongings.count(plan.name, status=FAILED),
		"summaries": handover_summaries.in_words(plan),
	}


def continue_handovers() -> None:
	"""Scheduled job, every ten minutes: resume dead jobs, continue transfers, and send introductions that are due."""
	handover_job.WORK.continue_stalled()
	continue_all()
	introduction_sending.send_due()
