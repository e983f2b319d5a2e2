"""What the page Open by Default and the banner on the workspace ask for.

Managers look; only System Managers change permissions, and record whose decision that is, and why.
"""

from typing import TypedDict

import frappe
from frappe.utils import cint, get_fullname

from crm_transparency.crm_transparency import requested, staff
from crm_transparency.openness import (
	access_guard,
	limiting_user_permissions,
	open_doctypes,
	opening_preview,
	openness_changes,
	permission_changes,
)
from crm_transparency.openness.access_guard import FINDING
from crm_transparency.openness.open_doctypes import CHANGE
from crm_transparency.openness.openness_changes import Decision

ADMINISTRATOR_ROLE = "System Manager"
VIEWER_ROLES = (ADMINISTRATOR_ROLE, "Transparency Manager")
CHANGES_SHOWN = 20
REGRESSIONS_SHOWN = 50


class AccessRegression(TypedDict):
	name: str
	explanation: str
	closed_by: str | None
	closed_on: str | None
	looked_up_in: str


class Overview(TypedDict):
	may_apply: bool
	choices: list[open_doctypes.Choice]
	changes: list[dict]
	access_regressions: list[AccessRegression]


@frappe.whitelist(methods=["GET"])
def overview() -> Overview:
	"""Return what is open, what can be opened, the latest changes, and the access regressions."""
	frappe.only_for(VIEWER_ROLES)
	return Overview(
		may_apply=ADMINISTRATOR_ROLE in frappe.get_roles(),
		choices=open_doctypes.choices(open_doctypes.current()),
		changes=latest_changes(),
		access_regressions=access_regressions(),
	)


@frappe.whitelist(methods=["GET"])
def roles(doctypes: str | list[str]) -> opening_preview.Matrix:
	"""Return what each role may do today and then; see `opening_preview.matrix`."""
	frappe.only_for(VIEWER_ROLES)
	return opening_preview.matrix(chosen(doctypes))


@frappe.whitelist(methods=["GET"])
def people(doctypes: str | list[str], start: int | str = 0) -> opening_preview.PeopleSee:
	"""Return what some people can't see today and then; see `opening_preview.people`."""
	frappe.only_for(VIEWER_ROLES)
	return opening_preview.people(chosen(doctypes), requested.whole_number(start))


@frappe.whitelist(methods=["GET"])
def limits(doctypes: str | list[str]) -> list[limiting_user_permissions.Limit]:
	"""Return the User Permissions that hide something; see `limiting_user_permissions.limits`."""
	frappe.only_for(VIEWER_ROLES)
	return limiting_user_permissions.limits(chosen(doctypes))


@frappe.whitelist(methods=["POST"])
def apply(doctypes: str | list[str], business_owner: str, reason: str) -> Overview:
	"""Open the DocTypes; see `openness_changes.open_up`."""
	frappe.only_for(ADMINISTRATOR_ROLE)
	openness_changes.open_up(chosen(doctypes), Decision(business_owner=business_owner, reason=reason))
	return overview()


@frappe.whitelist(methods=["POST"])
def lift_user_permissions(user: str, allow: str, business_owner: str, reason: str) -> Overview:
	"""Let a person's User Permissions hide nothing that is open; see `limiting_user_permissions.lift`."""
	frappe.only_for(ADMINISTRATOR_ROLE)
	limiting_user_permissions.lift(user, allow, Decision(business_owner=business_owner, reason=reason))
	return overview()


@frappe.whitelist(methods=["POST"])
def replace_user_permissions(user: str, allow: str, business_owner: str) -> list[str]:
	"""Draft the restrictions that replace a person's User Permissions, and return their names."""
	frappe.only_for(ADMINISTRATOR_ROLE)
	change = limiting_user_permissions.replace(user, allow, business_owner)
	return limiting_user_permissions.restrictions_of(change)


@frappe.whitelist(methods=["GET"])
def later_changes(change: str) -> list[str]:
	"""Return in sentences what others changed since a change, and undoing it would keep or take back."""
	frappe.only_for(ADMINISTRATOR_ROLE)
	found = openness_changes.changed_since(frappe.get_doc(CHANGE, change))
	return [permission_changes.in_words(part, later) for part, later in found]


@frappe.whitelist(methods=["POST"])
def undo(change: str, keep_later_changes: bool | int | str = True) -> Overview:
	"""Put back what was there before a change; see `openness_changes.undo`."""
	frappe.only_for(ADMINISTRATOR_ROLE)
	openness_changes.undo(frappe.get_doc(CHANGE, change), bool(cint(keep_later_changes)))
	return overview()


@frappe.whitelist(methods=["GET"])
def access_regressions() -> list[AccessRegression]:
	"""Return what is no longer open and isn't settled, latest first."""
	frappe.only_for(sorted(staff.MANAGER_ROLES))
	found = frappe.get_all(
		FINDING,
		filters={"status": access_guard.OPEN},
		fields=["name", "explanation", "closed_by", "closed_on", "looked_up_in"],
		order_by="closed_on desc, creation desc",
		limit=REGRESSIONS_SHOWN,
	)
	for row in found:
		row.closed_by = get_fullname(row.closed_by) if row.closed_by else None
	return found


@frappe.whitelist(methods=["POST"])
def check_now() -> list[AccessRegression]:
	"""Run the nightly check, and return what it found."""
	frappe.only_for(ADMINISTRATOR_ROLE)
	access_guard.check()
	return access_regressions()


@frappe.whitelist(methods=["POST"])
def accept(finding: str, reason: str) -> None:
	"""Accept that something is no longer open. Raises ValidationError without a reason."""
	frappe.only_for(ADMINISTRATOR_ROLE)
	openness_changes.check_reason(reason)
	access_guard.accept(frappe.get_doc(FINDING, finding), reason)


def chosen(doctypes: str | list[str]) -> list[str]:
	"""Return the DocTypes that the page sent, without those that can't be opened anyway."""
	return [name for name in requested.names(doctypes) if open_doctypes.can_be_opened(name)]


def latest_changes() -> list[dict]:
	found = frappe.get_all(
		CHANGE,
		fields=[
			"name",
			"kind",
			"status",
			"summary",
			"reason",
			"business_owner",
			"applied_by",
			"applied_on",
			"undone_by",
			"undone_on",
			"kept",
		],
		order_by="applied_on desc",
		limit=CHANGES_SHOWN,
	)
	for change in found:
		for field in ("business_owner", "applied_by", "undone_by"):
			change[field] = get_fullname(change[field]) if change[field] else None
	return found
