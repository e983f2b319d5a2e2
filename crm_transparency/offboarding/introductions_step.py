"""Step 5: the leaver introduces key accounts to their successors."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder.functions import Count
from frappe.utils import cint

from crm_transparency.crm_transparency import formatting
from crm_transparency.crm_transparency.formatting import shortened
from crm_transparency.offboarding import introduction_drafts, introduction_sending, mail_once, plan_rows
from crm_transparency.offboarding.exceptions import StepNotPossible
from crm_transparency.offboarding.offboarding_records import (
	APPROVED,
	INTRODUCTION,
	NO_ADDRESS,
	PLAN,
	REPLIED,
	WENT_OUT,
)
from crm_transparency.offboarding.steps import Outcome, Step

FEWEST_PER_HOUR, MOST_PER_HOUR = 1, 500
MOST_NAMED = 10


class Introductions(Step):
	key = "introductions"

	def known(self, offboarding: Document) -> dict:
		state = frappe.db.get_value(
			PLAN, offboarding.name, ["computed_on", "is_sending", "letters_per_hour", "voice"], as_dict=True
		)
		return {
			"has_user": bool(offboarding.user),
			"state": state,
			"counts": counts(offboarding.name),
			"leaver_name": offboarding.employee_name,
		}

	def run(
		self, offboarding: Document, action: str = "draft", letters_per_hour: int | None = None, **arguments
	) -> Outcome:
		"""Draft letters for the key accounts, or run another action.

		"ask" notifies the leaver, "send" starts sending approved ones, "stop" stops that, "finish" completes the step.
		"""
		if not offboarding.user:
			return Outcome(_("{0} has no user, and therefore no accounts.").format(offboarding.employee_name))
		if not frappe.db.get_value(PLAN, offboarding.name, "computed_on"):
			frappe.throw(
				_("There is no handover plan yet. It determines the key accounts."), exc=StepNotPossible
			)
		document = plan_rows.of_offboarding(offboarding.name)
		if action == "draft":
			introduction_drafts.draft(document)
		elif action == "send":
			per_hour = cint(letters_per_hour) or document.letters_per_hour
			introduction_sending.start_sending(document, min(max(per_hour, FEWEST_PER_HOUR), MOST_PER_HOUR))
		elif action == "ask":
			introduction_drafts.ask_leaver(document)
		elif action == "stop":
			introduction_sending.stop_sending(document)
		introduction_sending.find_replies(offboarding.name)
		return Outcome(in_words(offboarding.name), is_done=action == "finish")

	def record(self, offboarding: Document) -> str | None:
		return in_words(offboarding.name)

	def undo(self, offboarding: Document) -> list[str]:
		if frappe.db.exists(PLAN, offboarding.name):
			introduction_sending.stop_sending(plan_rows.of_offboarding(offboarding.name))
		sent = frappe.get_all(
			INTRODUCTION,
			filters={"offboarding": offboarding.name, "status": ("in", WENT_OUT)},
			fields=["account_title", "contact_name", "email"],
			order_by="sent_on",
		)
		return [
			_(
				"An introduction about {2} was sent to {0} ({1}). Please tell them that {3} is staying."
			).format(row.contact_name, row.email, row.account_title, offboarding.employee_name)
			for row in sent
		]


def counts(offboarding: str) -> dict[str, int]:
	row = frappe.qb.DocType(INTRODUCTION)
	query = frappe.qb.from_(row).select(row.status, Count("*")).where(row.offboarding == offboarding)
	return dict(query.groupby(row.status).run())


def in_words(offboarding: str) -> str:
	by_status = counts(offboarding)
	went = sum(by_status.get(status, 0) for status in WENT_OUT)
	letters = formatting.count(sum(by_status.values()), _("1 introduction"), _("{0} introductions"))
	sentence = _("{0}: {1} approved, {2} sent, {3} answered.").format(
		letters, *map(formatting.number, (by_status.get(APPROVED, 0), went, by_status.get(REPLIED, 0)))
	)
	others = mail_once.not_delivered(offboarding, "introduction %")
	return " ".join(filter(None, [sentence, without_address(offboarding), *others]))


def without_address(offboarding: str) -> str | None:
	"""Return a sentence about accounts without an address, if there are any."""
	filters = {"offboarding": offboarding, "status": NO_ADDRESS}
	accounts = frappe.get_all(INTRODUCTION, filters=filters, pluck="account_title", order_by="account_title")
	if not accounts:
		return None
	return _("No valid email address: {0}. Please introduce the successor there in another way.").format(
		shortened(accounts, MOST_NAMED)
	)
