"""Step 6: the plan is carried out."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, get_fullname

from crm_transparency.offboarding import permissions
from crm_transparency.offboarding.exceptions import StepNotPossible
from crm_transparency.offboarding.handover import belongings, plan, transfer
from crm_transparency.offboarding.handover.words import FAILED, LEAVE, PLAN, PLANNED
from crm_transparency.offboarding.steps.step import Outcome, Step
from crm_transparency.transfers import transfer_actions, transfer_progress

REPEATABLE = ("pause", "resume")
#: of what didn't move, the result names so much; the plan's list has all of it
MOST_NAMED = 10


class Transfer(Step):
	key = "transfer"
	label = "Transfer"
	is_for_leavers_manager = True

	def known(self, offboarding: Document) -> dict:
		if not frappe.db.get_value(PLAN, offboarding.name, "computed_on"):
			return {"state": None, "has_user": bool(offboarding.user)}
		document = plan.of_offboarding(offboarding.name)
		return {
			"has_user": True,
			"runs": permissions.runs(offboarding),
			"state": {"task": document.task, "error_message": document.error_message},
			"account_transfer": document.account_transfer,
			"progress": progress_of(document),
			**transfer.known(document),
		}

	def do(
		self,
		offboarding: Document,
		action: str = "transfer",
		leave_the_rest: bool = False,
		move_decided: bool = False,
		**arguments,
	) -> Outcome:
		"""Carry the plan out, or go on with it; also "pause", "resume" and "undo". For those who run offboardings."""
		permissions.check_runs(offboarding)
		if not offboarding.user:
			return Outcome(
				_("{0} has no user, so there is nothing to transfer.").format(offboarding.employee_name)
			)
		document = plan.of_offboarding(offboarding.name)
		if action == "undo":
			transfer.undo(document)
		elif action in REPEATABLE:
			repeat(document, action)
		else:
			transfer.begin(document, bool(cint(leave_the_rest)), bool(cint(move_decided)))
		return outcome(plan.of_offboarding(offboarding.name))

	def undo(self, offboarding: Document) -> list[str]:
		if not frappe.db.exists(PLAN, offboarding.name):
			return []
		document = plan.of_offboarding(offboarding.name)
		if not transfer.is_begun(document):
			return []
		transfer.undo(document)
		return [
			_(
				"Accounts and other things are being given back. What others changed since then stays where it is."
			),
			*(
				_("A summary of what they got was sent to {0}.").format(address)
				for address in transfer.summaries.sent_to(document)
			),
		]


def repeat(document: Document, action: str) -> None:
	if not document.account_transfer:
		frappe.throw(_("There is no transfer yet."), exc=StepNotPossible)
	getattr(transfer_actions, action)(document.account_transfer)


def progress_of(document: Document) -> dict | None:
	"""Return what Account Transfer says about its progress, to whoever may read this handover."""
	if not document.account_transfer:
		return None
	return transfer_progress.progress_of(document.account_transfer)


def outcome(document: Document) -> Outcome:
	known = transfer.known(document)
	moved = (progress_of(document) or {}).get("counts", {})
	if known["status"] == "Undone":
		return Outcome(_("The transfer was undone."), is_done=False)
	sentence = _("{0} accounts moved, {1} stayed where they were; {2} other things moved.").format(
		cint(moved.get("transferred")),
		cint(moved.get("skipped")) + cint(moved.get("failed")),
		known["belongings_done"],
	)
	remaining = remaining_things(document) if known["is_through"] else []
	return Outcome(" ".join([sentence, *remaining]), is_done=known["is_through"])


def remaining_things(document: Document) -> list[str]:
	"""Say what else didn't move: why it couldn't, in a sentence for each, and what stays; and who wasn't told."""
	failed = belongings.titles(document.name, status=FAILED)
	stay = belongings.titles(document.name, status=PLANNED, action=LEAVE)
	sentences = [f"{row.title}: {row.note}" for row in failed[:MOST_NAMED]]
	if len(failed) > MOST_NAMED:
		sentences.append(_("{0} more couldn't be moved.").format(len(failed) - MOST_NAMED))
	if stay:
		sentences.append(_("What stays: {0}.").format(", ".join(row.title for row in stay[:MOST_NAMED])))
	if not_told := transfer.summaries.not_told(document):
		names = ", ".join(map(get_fullname, not_told))
		sentences.append(_("Not told by mail what they got: {0}. Please tell them.").format(names))
	return sentences
