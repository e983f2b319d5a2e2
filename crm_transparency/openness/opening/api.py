"""What the page asks: choosing what is open, seeing what that changes, applying it and undoing it.

Managers look; only System Managers change permissions. Whoever applies writes down whose decision it is, and why.
"""

from typing import TypedDict

import frappe
from frappe.utils import get_fullname

from crm_transparency.openness.opening import (
	banner,
	changes,
	choices,
	closing,
	loosening,
	preview,
	replacing,
	words,
)

APPLIES = "System Manager"
LOOK = (APPLIES, "Transparency Manager")
CHANGES_SHOWN = 20


class Overview(TypedDict):
	may_apply: bool
	choices: list[choices.Choice]
	#: whether User Permissions can become registered restrictions
	can_be_replaced: bool
	changes: list[dict]
	closed_again: list[banner.ClosedAgain]


class LaterChanges(TypedDict):
	sentences: list[str]


@frappe.whitelist(methods=["GET"])
def overview() -> Overview:
	"""Return what is open, what can be opened, the latest changes, and what closed again."""
	frappe.only_for(LOOK)
	return Overview(
		may_apply=APPLIES in frappe.get_roles(),
		choices=choices.choices(changes.open_doctypes()),
		can_be_replaced=replacing.can_be_replaced(),
		changes=latest_changes(),
		closed_again=banner.what_closed_again(),
	)


@frappe.whitelist(methods=["GET"])
def roles(doctypes: str | list[str]) -> preview.Matrix:
	"""Return what each role may do today and then; see `preview.matrix`."""
	frappe.only_for(LOOK)
	return preview.matrix(chosen(doctypes))


@frappe.whitelist(methods=["GET"])
def people(doctypes: str | list[str], start: int | str = 0) -> preview.PeoplesView:
	"""Return what some people can't see today and then; see `preview.people`."""
	frappe.only_for(LOOK)
	return preview.people(chosen(doctypes), int(start))


@frappe.whitelist(methods=["GET"])
def closings(doctypes: str | list[str]) -> list[closing.Closing]:
	"""Return the User Permissions that close something; see `closing.closings`."""
	frappe.only_for(LOOK)
	return closing.closings(chosen(doctypes))


@frappe.whitelist(methods=["POST"])
def apply(doctypes: str | list[str], business_owner: str, reason: str) -> Overview:
	"""Open the DocTypes; see `changes.open_up`."""
	frappe.only_for(APPLIES)
	changes.open_up(chosen(doctypes), changes.Decision(business_owner=business_owner, reason=reason))
	return overview()


@frappe.whitelist(methods=["POST"])
def open_user_permissions(user: str, allow: str, business_owner: str, reason: str) -> Overview:
	"""Let a person's User Permissions close nothing that is open; see `loosening.open_up`."""
	frappe.only_for(APPLIES)
	loosening.open_up(user, allow, changes.Decision(business_owner=business_owner, reason=reason))
	return overview()


@frappe.whitelist(methods=["POST"])
def replace_user_permissions(user: str, allow: str, business_owner: str) -> list[str]:
	"""Draft the restrictions that replace a person's User Permissions, and return their names; see `replacing`."""
	frappe.only_for(APPLIES)
	change = replacing.replace(user, allow, business_owner)
	return (change.restrictions or "").split()


@frappe.whitelist(methods=["GET"])
def later_changes(change: str) -> LaterChanges:
	"""Return in sentences what others changed since a change, that undoing it would have to decide about."""
	frappe.only_for(APPLIES)
	found = changes.changed_since(frappe.get_doc(changes.CHANGE, change))
	return LaterChanges(sentences=[words.later_change(part, later) for part, later in found])


@frappe.whitelist(methods=["POST"])
def undo(change: str, keep_later_changes: bool | int | str = True) -> Overview:
	"""Put back what was there before a change; see `changes.undo`."""
	frappe.only_for(APPLIES)
	changes.undo(frappe.get_doc(changes.CHANGE, change), bool(int(keep_later_changes)))
	return overview()


def chosen(doctypes: str | list[str]) -> list[str]:
	"""Return the DocTypes that a page sent, without what can't be opened anyway."""
	names = frappe.parse_json(doctypes) if isinstance(doctypes, str) else doctypes
	return [name for name in names if isinstance(name, str) and choices.can_be_opened(name)]


def latest_changes() -> list[dict]:
	found = frappe.get_all(
		changes.CHANGE,
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
	people_named = {
		person for each in found for person in (each.business_owner, each.applied_by, each.undone_by)
	}
	called = {person: get_fullname(person) for person in people_named if person}
	for each in found:
		each.update(
			{field: called.get(each[field]) for field in ("business_owner", "applied_by", "undone_by")}
		)
	return found
