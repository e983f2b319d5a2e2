"""Who can be a successor: people who can open the Desk."""

from collections.abc import Iterable

import frappe
from frappe import _
from frappe.utils import get_fullname

from crm_transparency.crm_transparency.bulk import is_one_of


def unfit(users: Iterable[str]) -> dict[str, str]:
	"""Return, for those who can't have accounts, the sentence that says why."""
	reasons = {user: _why_unfit(user, row) for user, row in _look_up(users).items()}
	return {user: reason for user, reason in reasons.items() if reason}


def gone(users: Iterable[str]) -> dict[str, str]:
	"""Return, for those who aren't users any more, the sentence that says so."""
	return {user: _why_gone(user) for user, row in _look_up(users).items() if row is None}


def _look_up(users: Iterable[str]) -> dict[str, frappe._dict | None]:
	users = set(users)
	if not users:
		return {}
	table = frappe.qb.DocType("User")
	rows = (
		frappe.qb.from_(table)
		.select(table.name, table.enabled, table.user_type)
		.where(is_one_of(table.name, users))
		.run(as_dict=True)
	)
	known = {row.name: row for row in rows}
	return {user: known.get(user) for user in users}


def _why_gone(user: str) -> str:
	return _("{0} isn't a user (any more).").format(user)


def _why_unfit(user: str, row: frappe._dict | None) -> str | None:
	if row is None:
		return _why_gone(user)
	if not row.enabled:
		return _("{0} is disabled.").format(get_fullname(user))
	if row.user_type != "System User":
		return _("{0} can't open the Desk.").format(get_fullname(user))
	return None


def lacking_permission(users: Iterable[str], doctypes: Iterable[str]) -> list[str]:
	"""Return a hint for every user who couldn't edit what the transfer may give them."""
	lacking = {
		user: [_(doctype) for doctype in doctypes if not frappe.has_permission(doctype, "write", user=user)]
		for user in users
	}
	return [
		_(
			"{0} has no permission to edit documents of these types: {1}. They are transferred all the same; an "
			"administrator can give the role that is missing."
		).format(get_fullname(user), ", ".join(types))
		for user, types in lacking.items()
		if types
	]
