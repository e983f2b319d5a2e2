"""Who sees account owner changes: everyone, or, by setting, managers and the people a change is about."""

import frappe
from pypika import Criterion
from pypika.queries import Table

from crm_transparency.crm_transparency import hidden, registry, staff
from crm_transparency.ledger import names

LEDGER = "Account Owner Change"
REASONS = "Account Owner Change Reason"
CONCERNED = ("previous_owner", "new_owner", "taken_from", "changed_by", "impersonated_by")


def sees_everything(user: str | None = None) -> bool:
	visible_to = frappe.get_cached_value(registry.SETTINGS, registry.SETTINGS, "ownership_visible_to")
	return visible_to != "Managers and people concerned" or staff.is_manager(user)


def criterion(table: Table, user: str | None = None) -> Criterion | None:
	"""Return the condition under which `user` sees a row of the ledger, None for every row."""
	user = user or frappe.session.user
	is_not_hidden = hidden.criterion(LEDGER, user)
	if sees_everything(user):
		return is_not_hidden
	is_concerned = names.is_about([user], CONCERNED, table, table.changed_on)
	return is_concerned if is_not_hidden is None else is_concerned & is_not_hidden


def condition(user: str, doctype: str = LEDGER) -> str:
	"""`ReadRule.condition` of the ledger."""
	return "" if sees_everything(user) else names.is_about_as_sql(user, LEDGER, CONCERNED, "changed_on")


def condition_of_reasons(user: str, doctype: str) -> str:
	"""`ReadRule.condition` of the reasons: they are seen with the changes they belong to."""
	seen = condition(user)
	return seen and f"`tab{REASONS}`.account_owner_change in (select name from `tab{LEDGER}` where {seen})"
