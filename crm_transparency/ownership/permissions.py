"""Who sees account owner changes: everyone, or, by setting, managers and the people a change is about.

List condition, report criterion and document check come from the same two sentences: `sees_everything`, and a person
is concerned by a change as one of CONCERNED.
"""

from collections.abc import Iterable

import frappe
from frappe.model.document import Document
from pypika import Criterion
from pypika.queries import Table

from crm_transparency.crm_transparency import hidden, managers, registry
from crm_transparency.crm_transparency.permission_results import pass_on, quoted

LEDGER = "Account Owner Change"
REASONS = "Account Owner Change Reason"
CONCERNED = ("previous_owner", "new_owner", "changed_by", "impersonated_by")


def sees_everything(user: str | None = None) -> bool:
	visible_to = frappe.get_cached_value(registry.SETTINGS, registry.SETTINGS, "ownership_visible_to")
	return visible_to != "Managers and people concerned" or managers.is_manager(user)


def criterion(table: Table, user: str | None = None) -> Criterion | None:
	"""Return the condition under which `user` sees a row of the ledger, None for every row."""
	user = user or frappe.session.user
	is_not_hidden = hidden.criterion(LEDGER, user)
	if sees_everything(user):
		return is_not_hidden
	is_concerned = Criterion.any(table[field] == user for field in CONCERNED)
	return is_concerned if is_not_hidden is None else is_concerned & is_not_hidden


def query_condition(user: str | None = None) -> str:
	"""`permission_query_conditions` of the ledger."""
	user = user or frappe.session.user
	return "" if sees_everything(user) else is_one_of_the_fields(LEDGER, CONCERNED, user)


def is_one_of_the_fields(doctype: str, fields: Iterable[str], user: str) -> str:
	"""Return the SQL condition under which one of the fields of `doctype` names the user."""
	user = quoted(user)
	return "(" + " or ".join(f"`tab{doctype}`.`{field}` = {user}" for field in fields) + ")"


def has_permission(doc: Document, ptype: str | None = None, user: str | None = None) -> bool | None:
	"""`has_permission` of the ledger."""
	user = user or frappe.session.user
	if sees_everything(user) or is_concerned(user, doc):
		return pass_on()
	return False


def is_concerned(user: str, change: Document | frappe._dict) -> bool:
	return user in {change.get(field) for field in CONCERNED}


def reasons_query_condition(user: str | None = None) -> str:
	"""`permission_query_conditions` of the reasons: they are seen with the changes they belong to."""
	condition = query_condition(user)
	if not condition:
		return ""
	return f"`tab{REASONS}`.account_owner_change in (select name from `tab{LEDGER}` where {condition})"


def has_permission_to_reason(doc: Document, ptype: str | None = None, user: str | None = None) -> bool | None:
	"""`has_permission` of the reasons."""
	user = user or frappe.session.user
	if sees_everything(user):
		return pass_on()
	change = frappe.db.get_value(LEDGER, doc.account_owner_change, CONCERNED, as_dict=True)
	return pass_on() if change and is_concerned(user, change) else False
