"""The simplest User Permissions that let a person see exactly what they see, and those that copy the org chart.

Every step either removes User Permissions or uses one in place of several below it. Both only ever reveal, so if Frappe
counts as many documents afterwards as before, they are the same: that is the proof of a step, for each tracked DocType.
It is counted as if a role of the person could read everything, so that what has no effect only for want of a role stays.
"""

from collections.abc import Iterable
from typing import NamedTuple

import frappe

from crm_transparency.crm_transparency import registry
from crm_transparency.crm_transparency.effective_permissions import supposing_exactly
from crm_transparency.openness import limiting_user_permissions, visibility
from crm_transparency.openness.limiting_user_permissions import Group

EMPLOYEE = "Employee"


class Tree(NamedTuple):
	"""Documents in a tree, such as territories."""

	#: by node
	parents: dict[str, str | None]
	children: dict[str, frozenset[str]]

	@classmethod
	def of(cls, doctype: str) -> "Tree | None":
		"""Return the tree of the documents of a DocType, None if they are in none."""
		meta = frappe.get_meta(doctype)
		if not meta.is_nested_set():
			return None
		parent_field = meta.get("nsm_parent_field") or f"parent_{frappe.scrub(doctype)}"
		return cls.from_parents(
			dict(frappe.get_all(doctype, fields=["name", parent_field], as_list=True, order_by="name"))
		)

	@classmethod
	def from_parents(cls, parents: dict[str, str | None]) -> "Tree":
		children: dict[str, set[str]] = {}
		for node, parent in parents.items():
			if parent in parents and parent != node:
				children.setdefault(parent, set()).add(node)
		return cls(parents, {node: frozenset(below) for node, below in children.items()})

	def ancestors(self, node: str) -> list[str]:
		found: list[str] = []
		while (node := self.parents.get(node)) and node in self.parents and node not in found:
			found.append(node)
		return found

	def below(self, node: str) -> set[str]:
		"""Return a node and everything below it."""
		found, waiting = set(), [node]
		while waiting:
			each = waiting.pop()
			if each not in found:
				found.add(each)
				waiting += self.children.get(each, ())
		return found

	def fewest(self, nodes: Iterable[str]) -> set[str]:
		"""Return the fewest nodes that, with what is below them, cover the same.

		A node replaces its children if all of these are among the nodes; then the node itself is covered, too.
		"""
		found = set(nodes)
		found = {node for node in found if not found & set(self.ancestors(node))}
		while parents := [
			parent for parent, below in self.children.items() if len(below) > 1 and below <= found
		]:
			for parent in parents:
				found = (found - self.below(parent)) | {parent}
		return found


class Permission(NamedTuple):
	"""A User Permission, existing or proposed."""

	allow: str
	for_value: str
	applicable_for: str
	hide_descendants: int


Permissions = frozenset[Permission]


class Simplified(NamedTuple):
	user: str
	before: Permissions
	#: those that hide nothing that others don't hide
	redundant: Permissions
	after: Permissions


class Simplifier:
	"""Simplifies for many people, with counts that are made once."""

	def __init__(self) -> None:
		self.counting = visibility.Counting()
		self._trees: dict[str, Tree | None] = {}
		self.doctypes = list(registry.tracked_doctypes())

	def simplify(self, user: str, before: Permissions) -> Simplified:
		counts = self.readable_counts(user, before)
		needed = before
		for allow in sorted({permission.allow for permission in before}):
			fewer = frozenset(permission for permission in needed if permission.allow != allow)
			if self.readable_counts(user, fewer) == counts:
				needed = fewer
		after = needed
		for allow in sorted({permission.allow for permission in needed}):
			fewer = self.with_fewest_nodes(after, allow)
			if len(fewer) < len(after) and self.readable_counts(user, fewer) == counts:
				after = fewer
		return Simplified(user, before, before - needed, after)

	def readable_counts(self, user: str, permissions: Permissions) -> tuple[int, ...]:
		"""Return how many documents of each tracked DocType the person sees with these User Permissions."""
		with supposing_exactly(user, self.for_frappe(permissions)):
			return tuple(
				self.counting.readable(user, doctype, if_roles_may_read=True) for doctype in self.doctypes
			)

	def for_frappe(self, permissions: Permissions) -> dict[str, list]:
		"""Return User Permissions in the form in which Frappe caches them."""
		found: dict[str, list] = {}
		for permission in sorted(permissions):
			for name in sorted(self.permitted(permission)):
				row = frappe._dict(
					doc=name,
					applicable_for=permission.applicable_for or None,
					is_default=0,
					hide_descendants=permission.hide_descendants,
				)
				found.setdefault(permission.allow, []).append(row)
		return found

	def permitted(self, permission: Permission) -> set[str]:
		tree = self.tree(permission.allow)
		if not tree or permission.hide_descendants:
			return {permission.for_value}
		return tree.below(permission.for_value)

	def tree(self, doctype: str) -> Tree | None:
		if doctype not in self._trees:
			self._trees[doctype] = Tree.of(doctype)
		return self._trees[doctype]

	def with_fewest_nodes(self, permissions: Permissions, allow: str) -> Permissions:
		"""Return the User Permissions with one on a node of a tree in place of several below it."""
		tree = self.tree(allow)
		if not tree:
			return permissions
		others = {each for each in permissions if each.allow != allow or each.hide_descendants}
		merged = set()
		for applicable_for in {each.applicable_for for each in permissions - others}:
			values = {
				each.for_value for each in permissions - others if each.applicable_for == applicable_for
			}
			merged |= {Permission(allow, node, applicable_for, 0) for node in tree.fewest(values)}
		return frozenset(others | merged)


def limiting_tracked() -> dict[Group, list[frappe._dict]]:
	"""Return the User Permissions of people in the Desk that hide tracked documents."""
	people, doctypes = set(visibility.desk_users()), list(registry.tracked_doctypes())
	return {
		group: rows
		for group, rows in limiting_user_permissions.groups().items()
		if group.user in people
		and any(limiting_user_permissions.apply_to(rows, doctype) for doctype in doctypes)
	}


def of_people() -> dict[str, Permissions]:
	"""Return the User Permissions that hide tracked documents, by person."""
	found: dict[str, set[Permission]] = {}
	for group, rows in limiting_tracked().items():
		found.setdefault(group.user, set()).update(
			Permission(row.allow, row.for_value, row.applicable_for or "", int(row.hide_descendants or 0))
			for row in rows
		)
	return {user: frozenset(permissions) for user, permissions in found.items()}


def people_in_branches(simplifier: Simplifier, permissions_of: dict[str, Permissions]) -> dict[str, set[str]]:
	"""Return by DocType of a tree who is limited to one branch of it, if different people have different branches.

	A branch is what one node covers: either a single User Permission, or one for each node right below it.
	"""
	branches: dict[str, dict[str, set[str]]] = {}
	for user, permissions in permissions_of.items():
		for allow in {permission.allow for permission in permissions}:
			tree = simplifier.tree(allow)
			values = {permission.for_value for permission in permissions if permission.allow == allow}
			if tree and len(nodes := tree.fewest(values)) == 1:
				branches.setdefault(allow, {}).setdefault(*nodes, set()).add(user)
	return {allow: set().union(*nodes.values()) for allow, nodes in branches.items() if len(nodes) > 1}


def superiors(simplifier: Simplifier, permissions_of: dict[str, Permissions]) -> dict[str, set[str]]:
	"""Return who sees what their reports see, and these, by what their User Permissions allow."""
	found: dict[str, set[str]] = {}
	for boss, reports in reports_by_superior().items():
		for allow in {permission.allow for permission in permissions_of.get(boss, ())}:
			permitted = {
				user: set().union(
					*(
						simplifier.permitted(permission)
						for permission in permissions_of.get(user, ())
						if permission.allow == allow
					)
				)
				for user in {boss, *reports}
			}
			limited = {user for user in reports if permitted[user]}
			if limited and set().union(*(permitted[user] for user in limited)) <= permitted[boss]:
				found.setdefault(allow, set()).update({boss, *limited})
	return found


def reports_by_superior() -> dict[str, set[str]]:
	"""Return users by the user they report to; nothing where there are no employees."""
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
