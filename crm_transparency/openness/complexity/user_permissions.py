"""The simplest User Permissions that let a person see exactly what they see.

Every step either takes User Permissions away or lets one stand for several that lie below it. Both only ever open, so if
the engine counts as many documents afterwards as before, they are the same ones: that is the proof of a step, for each
tracked DocType. It is counted as if a role of the person's could read everything, so that what is superfluous only for
want of a role stays.
"""

from typing import NamedTuple

import frappe

from crm_transparency.crm_transparency.asking import supposing_exactly
from crm_transparency.openness import visibility
from crm_transparency.openness.complexity import rules
from crm_transparency.openness.complexity.trees import Tree


class Permission(NamedTuple):
	"""A User Permission, there or proposed."""

	allow: str
	for_value: str
	applicable_for: str
	hide_descendants: int


Permissions = frozenset[Permission]


class Simplified(NamedTuple):
	user: str
	before: Permissions
	#: what hides nothing beyond what the others hide
	superfluous: Permissions
	after: Permissions


class Simplifying:
	"""Simplifies for many people, with counts that are made once."""

	def __init__(self) -> None:
		self.counting = visibility.Counting()
		self._trees: dict[str, Tree | None] = {}
		self.doctypes = rules.doctypes()

	def person(self, user: str, before: Permissions) -> Simplified:
		sees = self.sees(user, before)
		needed = before
		for allow in sorted({permission.allow for permission in before}):
			fewer = frozenset(permission for permission in needed if permission.allow != allow)
			if self.sees(user, fewer) == sees:
				needed = fewer
		after = needed
		for allow in sorted({permission.allow for permission in needed}):
			fewer = self.with_fewest_nodes(after, allow)
			if len(fewer) < len(after) and self.sees(user, fewer) == sees:
				after = fewer
		return Simplified(user, before, before - needed, after)

	def sees(self, user: str, permissions: Permissions) -> tuple[int, ...]:
		"""Return how many documents of each tracked DocType the person sees if these are their User Permissions."""
		with supposing_exactly(user, self.as_engine_keeps_them(permissions)):
			return tuple(
				self.counting.readable(user, doctype, if_roles_may_read=True) for doctype in self.doctypes
			)

	def as_engine_keeps_them(self, permissions: Permissions) -> dict[str, list]:
		kept: dict[str, list] = {}
		for permission in sorted(permissions):
			for name in sorted(self.opened(permission)):
				row = frappe._dict(
					doc=name,
					applicable_for=permission.applicable_for or None,
					is_default=0,
					hide_descendants=permission.hide_descendants,
				)
				kept.setdefault(permission.allow, []).append(row)
		return kept

	def opened(self, permission: Permission) -> set[str]:
		tree = self.tree(permission.allow)
		if not tree or permission.hide_descendants:
			return {permission.for_value}
		return tree.below(permission.for_value)

	def tree(self, doctype: str) -> Tree | None:
		if doctype not in self._trees:
			self._trees[doctype] = Tree.of(doctype)
		return self._trees[doctype]

	def with_fewest_nodes(self, permissions: Permissions, allow: str) -> Permissions:
		"""Return the User Permissions with one on a node of a tree instead of several below it."""
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


def of_people() -> dict[str, Permissions]:
	"""Return the User Permissions that close tracked documents, by person."""
	found: dict[str, set[Permission]] = {}
	for group, rows in rules.user_permissions().items():
		found.setdefault(group.user, set()).update(
			Permission(row.allow, row.for_value, row.applicable_for or "", int(row.hide_descendants or 0))
			for row in rows
		)
	return {user: frozenset(permissions) for user, permissions in found.items()}
