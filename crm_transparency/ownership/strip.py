"""What the strip on top of an account's form says: whose account this is, since when, and who changed that last."""

from typing import TypedDict

import frappe
from frappe import _
from frappe.utils import get_fullname

from crm_transparency.crm_transparency import registry
from crm_transparency.ownership.changes import LEDGER


class LastChange(TypedDict):
	kind: str
	sentence: str
	changed_on: str
	reason: str | None


class Strip(TypedDict):
	account_owner: str | None
	account_owner_name: str | None
	since: str | None
	last_change: LastChange | None


@frappe.whitelist(methods=["GET"])
def read(doctype: str, name: str) -> Strip | None:
	"""Return what the strip shows for an account; None if its DocType isn't tracked.

	Raises PermissionError for whoever may not read the account.
	"""
	frappe.has_permission(doctype, "read", doc=name, throw=True)
	owner_field = registry.owner_field(doctype)
	if not owner_field:
		return None
	account_owner = frappe.db.get_value(doctype, name, owner_field) or None
	change = last_change(doctype, name)
	return Strip(
		account_owner=account_owner,
		account_owner_name=get_fullname(account_owner) if account_owner else None,
		since=change.changed_on if change and change.new_owner == account_owner else None,
		last_change=change and in_words(change),
	)


def last_change(doctype: str, name: str) -> frappe._dict | None:
	"""Return the newest ledger entry of an account, or None if it has none yet."""
	changes = frappe.get_all(
		LEDGER,
		filters={"reference_doctype": doctype, "reference_name": name},
		fields=["previous_owner", "new_owner", "changed_by", "impersonated_by", "changed_on", "kind", "reason"],
		order_by="changed_on desc, name desc",
		limit=1,
	)
	return changes[0] if changes else None


def in_words(change: frappe._dict) -> LastChange:
	return LastChange(
		kind=change.kind, sentence=sentence(change), changed_on=change.changed_on, reason=change.reason
	)


def sentence(change: frappe._dict) -> str:
	"""Say who changed the account owner, from whom and to whom: a fact, without a judgement."""
	names = {
		"person": _acting_person(change),
		"previous": change.previous_owner and get_fullname(change.previous_owner),
		"new": change.new_owner and get_fullname(change.new_owner),
	}
	return _template(change).format(**names)


def _template(change: frappe._dict) -> str:
	if change.kind == "Assigned" and change.changed_by == change.new_owner:
		return _("{person} took on this account, which had no owner")
	return {
		"Baseline": _("{new} had this account when recording began"),
		"Assigned": _("{person} assigned this account to {new}"),
		"Taken Over": _("{person} took this account over from {previous}"),
		"Handed Over": _("{person} handed this account over to {new}"),
		"Reassigned": _("{person} moved this account from {previous} to {new}"),
		"Released": _("{person} released this account, which {previous} had"),
	}[change.kind]


def _acting_person(change: frappe._dict) -> str:
	if not change.impersonated_by:
		return get_fullname(change.changed_by)
	return _("{0}, working in the name of {1},").format(
		get_fullname(change.impersonated_by), get_fullname(change.changed_by)
	)
