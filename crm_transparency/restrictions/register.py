"""Which restrictions are active, and for whom. Nobody else reads the register to enforce it.

Asked at every permission check and every list, so it costs a dict look-up for those who have no restrictions.
"""

from collections.abc import Hashable
from typing import NamedTuple

import frappe
from frappe.utils import getdate, nowdate

from crm_transparency.crm_transparency import registry
from crm_transparency.restrictions import filters

REGISTER = "Access Restriction"
HIDE_RECORDS = "Hide Records"
HIDE_DOCTYPE = "Hide DocType"
HIDE_FIELDS = "Hide Fields"
#: per request and person, what of the register concerns them
LOCAL = "crm_transparency_restrictions"
#: what Frappe keeps of each user, made from their permissions; contacts are those offered in mails
TOLD_AT_LOG_IN = ("bootinfo", "user_permissions", "can_import", "contacts")


class Restriction(NamedTuple):
	name: str
	restriction_kind: str
	document_type: str
	#: conditions as the filter widget writes them: [[DocType, field, operator, value], …]
	record_filter: tuple
	fields: tuple[str, ...]
	applies_to: str
	role: str | None
	user: str | None
	reason_category: str
	reason: str
	business_owner: str


def in_force(user: str | None = None, doctype: str | None = None) -> list[Restriction]:
	"""Return the active restrictions for `user`, of every DocType or of `doctype` alone.

	Administrator has none: whoever can do everything could also withdraw any restriction.
	"""
	return _of_user(user or frappe.session.user).get(doctype, [])


def of_kind(kind: str, user: str | None = None) -> list[Restriction]:
	"""Return the active restrictions of one kind for `user`."""
	return _of_user(user or frappe.session.user).get((kind,), [])


def all_in_force() -> list[Restriction]:
	"""Return the restrictions that are active today, whoever they are for."""
	return registry.cached(registry.RESTRICTIONS_CACHE_KEY, _read)


def known_in_force() -> list[Restriction] | None:
	"""Return the session's user's restrictions if this request knows them already, else None. Reads nothing."""
	local = frappe.local
	try:
		read_from, by_doctype = local.cache[LOCAL][local.session.user]
		return by_doctype.get(None, []) if read_from is local.cache[registry.RESTRICTIONS_CACHE_KEY] else None
	except (AttributeError, KeyError):
		return None


def _of_user(user: str) -> dict[Hashable, list[Restriction]]:
	"""Return the user's restrictions by DocType, by kind (in a tuple of its own), and all of them under None."""
	everybodys = all_in_force()
	known = frappe.local.cache.setdefault(LOCAL, {})
	read_from, by_doctype = known.get(user, (None, None))
	if read_from is not everybodys:
		by_doctype = _sorted_out(user, everybodys) if everybodys and user != "Administrator" else {}
		known[user] = (everybodys, by_doctype)
	return by_doctype


def _sorted_out(user: str, everybodys: list[Restriction]) -> dict[Hashable, list[Restriction]]:
	roles = set(frappe.get_roles(user))
	by_doctype: dict[Hashable, list[Restriction]] = {}
	for restriction in everybodys:
		if holds_for(restriction, user, roles):
			for key in (None, restriction.document_type, (restriction.restriction_kind,)):
				by_doctype.setdefault(key, []).append(restriction)
	return by_doctype


def holds_for(restriction: Restriction, user: str, roles: set[str]) -> bool:
	return restriction.user == user if restriction.applies_to == "User" else restriction.role in roles


def stay_active_after_review_date() -> bool:
	"""Return whether a restriction stays active after its review date. A setting; yes unless it says no."""
	setting = frappe.db.get_single_value(registry.SETTINGS, "restrictions_after_review_date")
	return setting != "They lapse"


def _read() -> list[Restriction]:
	if not frappe.db.table_exists(REGISTER):
		return []  # while the app is installed or uninstalled, Frappe runs its hooks without its DocTypes
	rows = frappe.get_all(
		REGISTER,
		filters={"status": ("in", ("Active", "Expired"))},
		fields=[*Restriction._fields, "status", "review_by"],
		order_by="name",
	)
	return [
		_restriction(row)
		for row in rows
		if _is_active_today(row) and frappe.db.exists("DocType", row.document_type)
	]


def _is_active_today(row: frappe._dict) -> bool:
	"""The date decides, and not whether the daily job that writes the status has run already."""
	is_over = row.status == "Expired" or getdate(row.review_by) < getdate(nowdate())
	return not is_over or stay_active_after_review_date()


def _restriction(row: frappe._dict) -> Restriction:
	values = {field: row[field] for field in Restriction._fields}
	values["record_filter"] = tuple(tuple(map(_hashable, condition)) for condition in filters.stored(row))
	values["fields"] = tuple((row.fields or "").split())
	return Restriction(**values)


def _hashable(part: object) -> object:
	return tuple(part) if isinstance(part, list) else part


def forget() -> None:
	"""Have the register read again, and what the Desk is told at log-in."""
	registry.forget()
	for key in TOLD_AT_LOG_IN:
		frappe.cache.delete_value(key)
		frappe.db.after_commit.add(lambda key=key: frappe.cache.delete_value(key))
	frappe.local.role_permissions = {}
