"""Step 4: what hangs on the leaver, and who gets it."""

import frappe
from frappe import _
from frappe.model.document import Document

from crm_transparency.offboarding.exceptions import StepNotPossible
from crm_transparency.offboarding.handover import belongings, grid, job, plan
from crm_transparency.offboarding.handover.words import PLAN
from crm_transparency.offboarding.steps.step import Outcome, Step


class HandoverPlan(Step):
	key = "handover_plan"
	label = "Handover plan"
	is_for_leavers_manager = True

	def known(self, offboarding: Document) -> dict:
		if not offboarding.user:
			return {"has_user": False}
		state = frappe.db.get_value(
			PLAN,
			offboarding.name,
			[
				"task",
				"computed_on",
				"total",
				"done",
				"error_message",
				"account_transfer",
				"default_successor",
			],
			as_dict=True,
		)
		if not state:
			return {"has_user": True, "state": None}
		return {
			"has_user": True,
			"state": state,
			"summary": grid.summary(offboarding.name),
			"belongings": belongings.count(offboarding.name),
		}

	def do(self, offboarding: Document, action: str = "compute", **arguments) -> Outcome:
		"""Compute the plan (again); with the action "finish", say that it is ready."""
		if not offboarding.user:
			return Outcome(_("{0} has no user, so no accounts.").format(offboarding.employee_name))
		document = plan.of_offboarding(offboarding.name)
		if action == "finish":
			return finished(document)
		if document.account_transfer and grid.transfer_status(document.account_transfer) != "Undone":
			frappe.throw(
				_("The transfer has begun, so the plan stays as it is. Undo the transfer first."),
				exc=StepNotPossible,
			)
		job.compute(document)
		document.reload()
		if document.task:
			return Outcome(
				_("The plan is being computed: {0} accounts.").format(document.total), is_done=False
			)
		return Outcome(in_words(document), is_done=False)

	def printed(self, offboarding: Document) -> str:
		if not frappe.db.exists(PLAN, offboarding.name):
			return ""
		summary = grid.summary(offboarding.name)
		lines = [
			f"<li>{frappe.utils.escape_html(row['label'])}: {row['accounts']}</li>"
			for row in summary["by_successor"]
		]
		return f"<ul>{''.join(lines)}</ul>"


def finished(document: Document) -> Outcome:
	if document.task or not document.computed_on:
		frappe.throw(_("The plan isn't computed yet."), exc=StepNotPossible)
	return Outcome(in_words(document))


def in_words(document: Document) -> str:
	"""Return the plan in a sentence, for the record."""
	summary = grid.summary(document.name)
	sentence = _(
		"{0} accounts, {1} of them key accounts, and {2} other things. {3} accounts have no successor yet."
	).format(
		summary["accounts"],
		summary["key_accounts"],
		belongings.count(document.name),
		summary["without_successor"],
	)
	if undecided := belongings.undecided(document.name):
		sentence += " " + _("Still to be decided: {0}.").format(len(undecided))
	return sentence
