"""User Permissions that copy the org chart: they have to be changed whenever the company changes, and close for habit."""

import frappe

from crm_transparency.openness.complexity.trees import Tree
from crm_transparency.openness.complexity.user_permissions import Permissions, Simplifying

EMPLOYEE = "Employee"


def people_in_branches(simplifying: Simplifying, of_people: dict[str, Permissions]) -> dict[str, set[str]]:
	"""Return by DocType of a tree who may see one branch of it, if different people have different branches.

	A branch is what one node covers: either a single User Permission, or one for each node right below it.
	"""
	branches: dict[str, dict[str, set[str]]] = {}
	for user, permissions in of_people.items():
		for allow in {permission.allow for permission in permissions}:
			tree = simplifying.tree(allow)
			if tree and (node := one_branch(tree, permissions, allow)):
				branches.setdefault(allow, {}).setdefault(node, set()).add(user)
	return {allow: set().union(*nodes.values()) for allow, nodes in branches.items() if len(nodes) > 1}


def one_branch(tree: Tree, permissions: Permissions, allow: str) -> str | None:
	nodes = tree.fewest(permission.for_value for permission in permissions if permission.allow == allow)
	return next(iter(nodes)) if len(nodes) == 1 else None


def superiors(simplifying: Simplifying, of_people: dict[str, Permissions]) -> dict[str, set[str]]:
	"""Return who sees what those see who report to them, and these, by what their User Permissions allow."""
	found: dict[str, set[str]] = {}
	for boss, reports in who_reports_to_whom().items():
		for allow in {permission.allow for permission in of_people.get(boss, ())}:
			narrowed = {user for user in reports if opened(simplifying, of_people.get(user, ()), allow)}
			seen_by_all = set().union(
				*(opened(simplifying, of_people[user], allow) for user in narrowed), set()
			)
			if narrowed and seen_by_all <= opened(simplifying, of_people[boss], allow):
				found.setdefault(allow, set()).update({boss, *narrowed})
	return found


def opened(simplifying: Simplifying, permissions: Permissions, allow: str) -> set[str]:
	of_allow = [permission for permission in permissions if permission.allow == allow]
	return set().union(*(simplifying.opened(permission) for permission in of_allow), set())


def who_reports_to_whom() -> dict[str, set[str]]:
	"""Return users by the user to whom they report; nothing where there are no employees."""
	if not frappe.db.exists("DocType", EMPLOYEE):
		return {}
	employees = frappe.get_all(
		EMPLOYEE, filters={"user_id": ("is", "set")}, fields=["name", "user_id", "reports_to"]
	)
	users = {row.name: row.user_id for row in employees}
	found: dict[str, set[str]] = {}
	for row in employees:
		if row.reports_to in users:
			found.setdefault(users[row.reports_to], set()).add(row.user_id)
	return found
