"""Names of people, for many at a time: a report names hundreds of users."""

from collections.abc import Iterable

import frappe

from crm_transparency.ledger import renamed


def full_names(users: Iterable[str | None]) -> dict[str, str]:
	"""Return what people are called today, by the user that an entry names, renamed users included."""
	current = renamed.current_names("User", filter(None, users))
	called = dict(
		frappe.get_all(
			"User",
			filters={"name": ("in", set(current.values()))},
			fields=["name", "full_name"],
			as_list=True,
		)
		if current
		else ()
	)
	return {user: called.get(name) or user for user, name in current.items()}
