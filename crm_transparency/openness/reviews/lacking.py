"""Which roles have no current review: those whose people read tracked documents, and those that restrictions name."""

from typing import TypedDict

import frappe
from frappe.utils import add_months, getdate, nowdate

from crm_transparency.crm_transparency import registry, role_rules
from crm_transparency.openness.reviews.signing import DRAFT, REVIEW, SIGNED
from crm_transparency.restrictions import register, role_review


class Lacking(TypedDict):
	role: str
	#: how many people hold it
	users: int
	#: when the last review was signed, None if none was
	signed_on: str | None
	#: a review that was begun, if the reader may see it
	draft: str | None
	is_restricted: bool


@frappe.whitelist(methods=["GET"])
def roles() -> list[Lacking]:
	"""Return the roles without a review that was signed within the months that the settings say; restricted ones first."""
	frappe.only_for("Desk User")
	current_since = getdate(add_months(nowdate(), -months()))
	signed = last_signed()
	restricted = {each.role for each in register.all_in_force() if each.role}
	drafts = dict(
		frappe.get_list(REVIEW, filters={"status": DRAFT}, fields=["role", "name"], as_list=True, limit=0)
	)
	held = role_rules.holders(restricted | reading_roles())
	found = [
		Lacking(
			role=each["role"],
			users=each["users"],
			signed_on=str(getdate(signed[each["role"]])) if each["role"] in signed else None,
			draft=drafts.get(each["role"]),
			is_restricted=each["role"] in restricted,
		)
		for each in held
		if (each["users"] or each["role"] in restricted)
		and not (each["role"] in signed and getdate(signed[each["role"]]) >= current_since)
	]
	return sorted(found, key=lambda each: (not each["is_restricted"], -each["users"], each["role"]))


def months() -> int:
	return frappe.db.get_single_value(registry.SETTINGS, "openness_review_months") or 12


def reading_roles() -> set[str]:
	rules = role_rules.in_force(list(registry.tracked_doctypes()), ["read"])
	return {rule.role for rule in rules if rule.read} - role_review.TECHNICAL_ROLES


def last_signed() -> dict[str, object]:
	rows = frappe.get_all(
		REVIEW, filters={"status": SIGNED}, fields=["role", "signed_on"], order_by="signed_on"
	)
	return {row.role: row.signed_on for row in rows}
