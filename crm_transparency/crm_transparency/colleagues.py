"""Everyone with Desk access is a CRM Colleague: the role that gets the open reads."""

import frappe
from frappe import STANDARD_USERS
from frappe.model.document import Document

COLLEAGUE = "CRM Colleague"


def welcome(user: Document) -> None:
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


def welcome_everyone() -> int:
	"""Give the role to every enabled Desk user who lacks it; return how many got it.

	Writes the role rows directly: saving thousands of users would run every app's hooks on each, and one user whom
	some other app finds invalid would stop the installation.
	"""
	users = frappe.get_all(
		"User",
		filters={"enabled": 1, "user_type": "System User", "name": ("not in", STANDARD_USERS)},
		pluck="name",
	)
	already = set(
		frappe.get_all("Has Role", filters={"role": COLLEAGUE, "parenttype": "User"}, pluck="parent")
	)
	newcomers = [user for user in users if user not in already]
	for user in newcomers:
		_add_role_row(user)
		frappe.clear_cache(user=user)
	return len(newcomers)


def _add_role_row(user: str) -> None:
	row = frappe.new_doc("Has Role", parent=user, parenttype="User", parentfield="roles", role=COLLEAGUE)
	row.idx = frappe.db.count("Has Role", {"parent": user, "parenttype": "User"}) + 1
	row.db_insert()
