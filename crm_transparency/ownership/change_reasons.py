"""Why an account changed hands, in the words of who changed it: asked for after a takeover, never required."""

import unicodedata

import frappe
from frappe import _
from frappe.utils import now_datetime, strip_html

from crm_transparency.crm_transparency.staff import current_actor
from crm_transparency.ledger import entries, names
from crm_transparency.ownership.ownership_visibility import LEDGER, REASONS

MAX_LENGTH = 500
MAX_REASONS = 5


@frappe.whitelist(methods=["POST"])
def give(account_owner_change: str, reason: str) -> None:
	"""Add a reason to a change that the user made. A later reason doesn't replace an earlier one, it follows it.

	Raises PermissionError for changes made by somebody else, ValidationError for an empty or overlong reason.
	"""
	actor = current_actor()
	change = frappe.db.get_value(LEDGER, account_owner_change, ["changed_by", "changed_on"], as_dict=True)
	if not change or not is_by(actor.user, change):
		frappe.throw(
			_("Only the person who made a change can give a reason for it."), exc=frappe.PermissionError
		)
	reason = only_words(reason)
	if not reason:
		frappe.throw(_("Please enter a reason, or skip it."))
	if len(reason) > MAX_LENGTH:
		frappe.throw(_("Please use at most {0} characters. You entered {1}.").format(MAX_LENGTH, len(reason)))
	if frappe.db.count(REASONS, {"account_owner_change": account_owner_change}) >= MAX_REASONS:
		frappe.throw(_("This change already has {0} reasons.").format(MAX_REASONS))
	entries.add(
		REASONS,
		account_owner_change=account_owner_change,
		reason=reason,
		given_by=actor.user,
		impersonated_by=actor.impersonated_by,
		given_on=now_datetime(),
	)


def is_by(user: str, change: frappe._dict) -> bool:
	"""Return whether a user made a change, under today's name or a former one."""
	return names.is_meant(names.spans("User", user), change.changed_by, change.changed_on)


def only_words(text: str) -> str:
	"""Return the text without markup and without characters that nobody sees; line breaks become blanks."""
	visible = (" " if character.isspace() else character for character in strip_html(text))
	return " ".join("".join(c for c in visible if not unicodedata.category(c).startswith("C")).split())


def of(change: frappe._dict) -> str | None:
	"""Return the reasons of a change: the one written with it, and those given afterwards, oldest first."""
	given = frappe.get_all(
		REASONS, filters={"account_owner_change": change.name}, order_by="given_on, name", pluck="reason"
	)
	return " · ".join([_(change.reason), *given] if change.reason else given) or None
