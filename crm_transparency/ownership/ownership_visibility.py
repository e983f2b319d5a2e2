"""Who sees account owner changes: everyone, or, by setting, managers and the people a change is about."""

from collections.abc import Iterable

import frappe
from pypika import Criterion
from pypika.queries import Table

from crm_transparency.crm_transparency import hidden, registry, staff
from crm_transparency.crm_transparency.permissions import quoted

LEDGER = "Account Owner Change"
REASONS = "Account Owner Change Reason"
CONCERNED = ("previous_owner", "new_owner", "changed_by", "impersonated_by")


def sees_everything(user: str | None = None) -> bool:
	visible_to = frappe.get_cached_value(registry.SETTINGS, registry.SETTINGS, "ownership_visible_to")
	return visible_to != "Managers and people concerned" or staff.is_manager(user)


def criterion(table: Table, user: str | None = None) -> Criterion | None:
	"""Return the condition under which `user` sees a row of the ledger, None for every row."""
	user = user or frappe.session.user
	is_not_hidden = hidden.criterion(LEDGER, user)
	if sees_everything(user):
		return is_not_hidden
	is_concerned = Criterion.any(table[field] == user for field in CONCERNED)
	return is_concerned if is_not_hidden is None else is_concerned & is_not_hidden


def is_one_of_the_fields(doctype: str, fields: Iterable[str], user: str) -> str:
	"""Return the SQL condition under which one of the fields of `doctype` names the user."""
	user = quoted(user)
	return "(" + " or ".join(f"`tab{doctype}`.`{field}` = {user}" for field in fields) + ")"


def condition(user: str, doctype: str = LEDGER) -> str:
	"""`ReadRule.condition` of the ledger."""
	return "" if sees_everything(user) else is_one_of_the_fields(LEDGER, CONCERNED, user)


def condition_of_reasons(user: str, doctype: str) -> str:
	"""`ReadRule.condition` of the reasons: they are seen with the changes they belong to."""
	seen = condition(user)
	return seen and f"`tab{REASONS}`.account_owner_change in (select name from `tab{LEDGER}` where {seen})"
