import frappe

from crm_transparency.offboarding import handover_summaries
from crm_transparency.offboarding.mail_once import was_sent
from crm_transparency.offboarding.offboarding_records import BELONGING, DONE, PLAN


def execute() -> None:
	"""Successors who got their summary before this was noted were told of all that they had by then."""
	for plan in frappe.get_all(PLAN, fields=["name", "account_transfer"]):
		went = {"offboarding": plan.name, "status": DONE, "went_to": ("is", "set")}
		for user in set(frappe.get_all(BELONGING, filters=went, pluck="went_to")):
			if was_sent(plan.name, handover_summaries.kind_of(plan, user)):
				frappe.db.set_value(BELONGING, {**went, "went_to": user}, "is_told", 1, update_modified=False)
