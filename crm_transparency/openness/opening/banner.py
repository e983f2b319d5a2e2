"""What the workspace and the page show managers of what closed again, and what they may do about it."""

from typing import TypedDict

import frappe
from frappe import _
from frappe.utils import get_fullname, now_datetime

from crm_transparency.crm_transparency import managers
from crm_transparency.openness.opening import changes, checking
from crm_transparency.openness.opening.checking import FINDING, LEFT, OPEN

DECIDES = "System Manager"
MOST_SHOWN = 50


class ClosedAgain(TypedDict):
	name: str
	explanation: str
	closed_by: str | None
	closed_on: str | None
	looked_up_in: str


@frappe.whitelist(methods=["GET"])
def what_closed_again() -> list[ClosedAgain]:
	"""Return what closed again and nobody settled yet, latest first. For managers only."""
	frappe.only_for(sorted(managers.MANAGER_ROLES))
	found = frappe.get_all(
		FINDING,
		filters={"status": OPEN},
		fields=["name", "explanation", "closed_by", "closed_on", "looked_up_in"],
		order_by="closed_on desc, creation desc",
		limit=MOST_SHOWN,
	)
	return [
		ClosedAgain(**{**row, "closed_by": get_fullname(row.closed_by) if row.closed_by else None})
		for row in found
	]


@frappe.whitelist(methods=["POST"])
def check_now() -> list[ClosedAgain]:
	"""Do what is done every night, now."""
	frappe.only_for(DECIDES)
	checking.check()
	return what_closed_again()


@frappe.whitelist(methods=["POST"])
def leave_as_it_is(finding: str, reason: str) -> None:
	"""Settle a finding without opening anything. Raises ValidationError without a reason."""
	frappe.only_for(DECIDES)
	if len((reason or "").strip()) < changes.SHORTEST_REASON:
		frappe.throw(_("Please write down in a sentence why this stays closed."))
	document = frappe.get_doc(FINDING, finding)
	document.update(
		{
			"status": LEFT,
			"settled_by": frappe.session.user,
			"settled_on": now_datetime(),
			"settled_reason": reason.strip(),
		}
	)
	document.save(ignore_permissions=True)
