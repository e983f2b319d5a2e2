"""The people of the site: who is acting, who is a manager, and who is a colleague, that is, everyone with Desk access."""

from typing import NamedTuple

import frappe
from frappe import STANDARD_USERS, _
from frappe.model.document import Document


class Actor(NamedTuple):
	"""`user` acts by name; `impersonated_by` is the person who impersonates them, or None."""

	user: str
	impersonated_by: str | None


def current_actor() -> Actor:
	"""Return who is acting in this request or job.

	Frappe (v15 and later) keeps the person behind an impersonated session in the session's data; a background
	job runs as the user who queued it and knows no session data.
	"""
	session = frappe.local.session
	return Actor(session.user, (session.data or {}).get("impersonated_by"))


MANAGER_ROLES = {"Transparency Manager", "Offboarding Manager", "HR Manager", "System Manager"}


def is_manager(user: str | None = None) -> bool:
	user = user or frappe.session.user
	return user == "Administrator" or bool(MANAGER_ROLES & set(frappe.get_roles(user)))


def holders(*roles: str) -> set[str]:
	"""Return the users, disabled ones too, who have one of the roles."""
	rows = {"role": ("in", roles), "parenttype": "User"}
	return set(frappe.get_all("Has Role", filters=rows, pluck="parent"))


def roles_in_words() -> str:
	"""Return the roles of managers as a list in the reader's language."""
	return ", ".join(_(role) for role in sorted(MANAGER_ROLES))


COLLEAGUE = "CRM Colleague"


def give_colleague_role(user: Document) -> None:
	"""Give the role to a user who just came to the Desk: new, promoted from the website, or enabled again.

	Whoever had the role taken away by an administrator stays without it, except under a role profile, which sets
	all roles anew at every save and doesn't know ours.
	"""
	if not is_colleague(user) or COLLEAGUE in {row.role for row in user.roles}:
		return
	if user.get("role_profile_name") or user.get("role_profiles") or just_came_to_the_desk(user):
		user.append("roles", {"role": COLLEAGUE})


def is_colleague(user: Document) -> bool:
	return user.enabled and user.user_type == "System User" and user.name not in STANDARD_USERS


def just_came_to_the_desk(user: Document) -> bool:
	before = user.get_doc_before_save()
	return before is None or not is_colleague(before)


def give_colleague_role_to_everyone() -> int:
	"""Give the role to every enabled Desk user who lacks it; return how many got it.

	Writes the role rows directly: saving thousands of users would run every app's hooks on each, and one user whom
	some other app finds invalid would stop the installation.
	"""
	users = frappe.get_all(
		"User",
		filters={"enabled": 1, "user_type": "System User", "name": ("not in", STANDARD_USERS)},
		pluck="name",
	)
	already = holders(COLLEAGUE)
	newcomers = [user for user in users if user not in already]
	for user in newcomers:
		_add_role_row(user)
		frappe.clear_cache(user=user)
	return len(newcomers)


def _add_role_row(user: str) -> None:
	row = frappe.new_doc("Has Role", parent=user, parenttype="User", parentfield="roles", role=COLLEAGUE)
	row.idx = frappe.db.count("Has Role", {"parent": user, "parenttype": "User"}) + 1
	row.db_insert()
