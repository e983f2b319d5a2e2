"""Step 4: the handover plan: what belongs to the leaver, and who gets it."""

import frappe
from frappe import _
from frappe.model.document import Document

from crm_transparency.crm_transparency import formatting
from crm_transparency.offboarding import (
	account_business,
	handover_belongings,
	handover_job,
	plan_grid,
	plan_rows,
)
from crm_transparency.offboarding.exceptions import StepNotPossible
from crm_transparency.offboarding.offboarding_records import PLAN
from crm_transparency.offboarding.steps import Outcome, Step


class HandoverPlan(Step):
	key = "handover_plan"

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
			"currency": account_business.currency_of(offboarding.user),
			"summary": plan_grid.summary(offboarding.name),
			"warnings": plan_grid.warnings(plan_rows.of_offboarding(offboarding.name)),
			"belongings": handover_belongings.count(offboarding.name),
		}

	def run(self, offboarding: Document, action: str = "compute", **arguments) -> Outcome:
		"""Calculate the plan (again); the action "finish" approves it."""
		if not offboarding.user:
			return Outcome(_("{0} has no user, and therefore no accounts.").format(offboarding.employee_name))
		document = plan_rows.of_offboarding(offboarding.name)
		if action == "finish":
			if document.task or not document.computed_on:
				frappe.throw(_("The plan hasn't been calculated yet."), exc=StepNotPossible)
			return Outcome(in_words(document))
		plan_grid.check_can_change(document)
		handover_job.compute(document)
		document.reload()
		if document.task:
			return Outcome(
				_("The plan is being calculated: {0}.").format(accounts_in_words(document.total)),
				is_done=False,
			)
		return Outcome(in_words(document), is_done=False)

	def record(self, offboarding: Document) -> str | None:
		if not frappe.db.get_value(
			PLAN, {"name": offboarding.name, "task": ("is", "not set")}, "computed_on"
		):
			return None
		return in_words(plan_rows.of_offboarding(offboarding.name))

	def printed(self, offboarding: Document) -> str:
		if not frappe.db.exists(PLAN, offboarding.name):
			return ""
		summary = plan_grid.summary(offboarding.name)
		lines = [
			f"<li>{frappe.utils.escape_html(row['label'])}: {row['accounts']}</li>"
			for row in summary["by_successor"]
		]
		return f"<ul>{''.join(lines)}</ul>"


def accounts_in_words(accounts: int) -> str:
	return formatting.count(accounts, _("1 account"), _("{0} accounts"))


def left_in_words(accounts: int) -> str:
	return formatting.count(
		accounts, _("1 account has no successor yet."), _("{0} accounts have no successor yet.")
	)


def in_words(document: Document) -> str:
	"""Return a summary of the plan, for the record."""
	summary = plan_grid.summary(document.name)
	items = handover_belongings.count(document.name)
	sentence = _("{0}, {1} of them key accounts, and {2}. {3}").format(
		accounts_in_words(summary["accounts"]),
		formatting.number(summary["key_accounts"]),
		formatting.count(items, _("1 other item"), _("{0} other items")),
		left_in_words(summary["without_successor"]),
	)
	if undecided := handover_belongings.undecided(document.name):
		sentence += " " + _("To be decided: {0}.").format(len(undecided))
	return sentence
