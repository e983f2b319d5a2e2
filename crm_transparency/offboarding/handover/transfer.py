"""Carrying the plan out: an Account Transfer as it lists, the belongings, and a summary to each successor.

The Account Transfer is written down and previewed first; as soon as it is, it is started; when it is through, the
successors are told. Each of these steps is found by what is there, so whoever comes next goes on where the last stopped:
the page that is open, or the scheduler.
"""

import csv
import io

import frappe
from frappe import _
from frappe.model.document import Document

from crm_transparency.crm_transparency.bulk import is_one_of
from crm_transparency.offboarding.handover import belongings, job, summaries
from crm_transparency.offboarding.handover.exceptions import NothingToDo, WrongMoment
from crm_transparency.offboarding.handover.words import ACCOUNT, DONE, FAILED, MOVE, PLAN, PLANNED, TRANSFER
from crm_transparency.offboarding.words import CANCELLED, OFFBOARDING
from crm_transparency.transfers import chosen_accounts, transfer_actions
from crm_transparency.transfers.transfer_constants import (
	ACCOUNT_TRANSFER,
	AS_LISTED,
	COMPLETED,
	ITEM,
	LIST,
	UNDONE,
)
from crm_transparency.transfers.transfer_constants import DRAFT as TRANSFER_DRAFT

ROWS_AT_ONCE = 5000


def begin(plan: Document, leave_the_rest: bool = False, move_decided: bool = False) -> None:
	"""Carry the plan out, in the background. A second time changes nothing, unless it was undone in between.

	With `move_decided`, belongings move that somebody decided about after the transfer began: whoever may transfer has
	to ask for that, since others may change the plan.
	Raises WrongMoment if there is no plan yet, and NothingToDo if accounts have no successor, unless they are to stay.
	"""
	plan = frappe.get_doc(PLAN, plan.name, for_update=True)
	if not plan.computed_on:
		frappe.throw(_("There is no plan yet. Please compute it first."), exc=WrongMoment)
	if is_begun(plan):
		if move_decided and not plan.task and belongings.count(plan.name, status=PLANNED, action=MOVE):
			job.carry_out(plan)
		go_on(frappe.get_doc(PLAN, plan.name))
		return
	left = without_successor(plan.name)
	if left and not leave_the_rest:
		frappe.throw(
			_("{0} accounts have no successor yet. Please choose one, or say that they stay.").format(left),
			exc=NothingToDo,
		)
	belongings.try_failed_again(plan.name)
	job.carry_out(plan)
	if frappe.db.exists(ACCOUNT, {"offboarding": plan.name, "successor": ("is", "set")}):
		draft(plan)
	go_on(frappe.get_doc(PLAN, plan.name))


def is_begun(plan: Document) -> bool:
	"""Say whether a transfer of this plan is under way or through, and not undone."""
	if plan.account_transfer:
		return status(plan) != UNDONE
	return plan.task == TRANSFER or bool(belongings.count(plan.name, status=DONE))


def status(plan: Document) -> str | None:
	return plan.account_transfer and frappe.db.get_value(ACCOUNT_TRANSFER, plan.account_transfer, "status")


def without_successor(offboarding: str) -> int:
	return frappe.db.count(ACCOUNT, {"offboarding": offboarding, "successor": ("is", "not set")})


def draft(plan: Document) -> None:
	"""Write the Account Transfer down, and have it previewed."""
	transfer = frappe.get_doc(
		doctype=ACCOUNT_TRANSFER,
		source=LIST,
		strategy=AS_LISTED,
		from_user=plan.leaver,
		listed_accounts=as_list(plan.name),
		offboarding=plan.name,
	).insert()
	plan.db_set("account_transfer", transfer.name, update_modified=False)
	frappe.db.set_value(OFFBOARDING, plan.name, "account_transfer", transfer.name, update_modified=False)
	transfer_actions.preview(transfer.name)


def as_list(offboarding: str) -> str:
	"""Return the plan's accounts and successors as the text of a list that Account Transfer reads."""
	text = io.StringIO()
	writer = csv.writer(text, lineterminator="\n")
	writer.writerow([chosen_accounts.DOCTYPE, chosen_accounts.NAME, chosen_accounts.SUCCESSOR])
	row = frappe.qb.DocType(ACCOUNT)
	# document type by document type: a transfer works in chunks of one type
	query = (
		frappe.qb.from_(row)
		.select(row.reference_doctype, row.reference_name, row.successor)
		.where((row.offboarding == offboarding) & row.successor.isnotnull() & (row.successor != ""))
		.orderby(row.reference_doctype, row.reference_name)
	)
	writer.writerows(query.run())
	return text.getvalue()


def go_on(plan: Document) -> None:
	"""Take the next step, if its time has come. Safe to call at any moment, by anybody's session that may transfer."""
	# the plan first and then its transfer, as everywhere; whoever had it locked may have begun to undo it
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
	if is_through(plan):
		summaries.send(plan)


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
	names: dict[str, list[str]] = {}
	for doctype, name in keys:
		names.setdefault(doctype, []).append(name)
	for doctype, of_type in names.items():
		(
			frappe.qb.update(item)
			.set(item.is_key_account, 1)
			.where((item.account_transfer == plan.account_transfer) & (item.reference_doctype == doctype))
			.where(is_one_of(item.reference_name, of_type))
			.run()
		)


def is_through(plan: Document) -> bool:
	"""Say whether everything that the plan moves was moved, or turned out not to move."""
	if plan.task or not is_begun(plan):
		return False
	if plan.account_transfer and status(plan) != COMPLETED:
		return False
	return not belongings.count(plan.name, status=PLANNED, action=MOVE)


def undo(plan: Document) -> None:
	"""Give back, in the background, what wasn't changed by somebody else since. Safe to do twice, and at any moment."""
	plan = frappe.get_doc(PLAN, plan.name, for_update=True)
	if plan.account_transfer:
		transfer_actions.call_off(plan.account_transfer)
	if plan.task == TRANSFER or belongings.count(plan.name, status=DONE):
		job.undo(plan)


def go_on_everywhere() -> None:
	"""Take the next step of every handover that somebody began, in their name. Scheduled; commits after each."""
	begun = frappe.get_all(
		PLAN,
		filters={"run_by": ("is", "set"), "computed_on": ("is", "set")},
		fields=["name", "run_by", "impersonated_by", "account_transfer"],
	)
	for row in begun:
		if frappe.db.get_value(OFFBOARDING, row.name, "status") == CANCELLED or summaries.are_all_sent(row):
			continue
		try:
			frappe.set_user(row.run_by)
			frappe.session.data.impersonated_by = row.impersonated_by
			go_on(frappe.get_doc(PLAN, row.name))
			frappe.db.commit()
		except Exception:
			frappe.db.rollback()
			frappe.log_error(title=_("A handover couldn't go on"))
			frappe.db.commit()
		finally:
			frappe.set_user("Administrator")


def known(plan: Document) -> dict:
	"""Return how far carrying the plan out is."""
	return {
		"is_begun": is_begun(plan),
		"is_through": is_through(plan),
		"status": status(plan),
		"without_successor": without_successor(plan.name),
		"belongings_left": belongings.count(plan.name, status=PLANNED, action=MOVE),
		"belongings_done": belongings.count(plan.name, status=DONE),
		"undecided": belongings.undecided(plan.name),
		"decided": belongings.decided(plan.name),
		"belongings_failed": belongings.count(plan.name, status=FAILED),
		"summaries": summaries.sent_to(plan),
	}
