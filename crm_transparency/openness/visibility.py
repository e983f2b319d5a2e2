"""How many documents each person can read, as Frappe's permission engine counts them.

Counts are those of lists, reports and link searches. Frappe applies User Permissions on links in child tables, and
`has_permission` hooks, only when a document is opened: what these hide besides is counted as readable.
"""

from typing import NamedTuple

import frappe

from crm_transparency.crm_transparency.effective_permissions import (
	in_the_eyes_of,
	supposing_roles_may_read,
	supposing_user_permissions,
)
from crm_transparency.crm_transparency.permissions import query_of_count
from crm_transparency.crm_transparency.report_parts import left_out
from crm_transparency.openness.limiting_rules import role_may_read


class Seen(NamedTuple):
	"""How many documents of a DocType a person can read, and how many there are."""

	readable: int
	total: int

	@property
	def hidden(self) -> int:
		return self.total - self.readable


class Counting:
	"""Counts for many people. The same query runs once: on most sites nearly everybody's list is the same.

	`like_lists` also counts what is left out of figures. Numbers that people read have to be those of their lists, or the
	difference would tell how much is left out.
	"""

	def __init__(self, like_lists: bool = False) -> None:
		self.like_lists = like_lists
		self._counts: dict[str, int] = {}
		self._totals: dict[str, int] = {}
		self._left_out: dict[str, list] = {}

	def seen(self, user: str, doctype: str, **supposing) -> Seen:
		return Seen(self.readable(user, doctype, **supposing), self.total(doctype))

	def total(self, doctype: str) -> int:
		if doctype not in self._totals:
			self._totals[doctype] = frappe.db.count(doctype, self._filters(doctype))
		return self._totals[doctype]

	def readable(
		self,
		user: str,
		doctype: str,
		*,
		if_roles_may_read: bool = False,
		with_user_permissions_of: set[str] | None = None,
	) -> int:
		"""Return how many documents the user can read.

		`if_roles_may_read`: how many it would be if a role of the user could read the DocType.
		`with_user_permissions_of`: how many it would be if the user had only User Permissions on these DocTypes.
		"""
		with in_the_eyes_of(user), supposing_user_permissions(user, with_user_permissions_of):
			if if_roles_may_read:
				with supposing_roles_may_read(user, doctype):
					return self._count(user, doctype)
			return self._count(user, doctype)

	def _count(self, user: str, doctype: str) -> int:
		filters = self._filters(doctype)
		if not role_may_read(user, doctype):
			shared = frappe.share.get_shared(doctype, user)
			return frappe.db.count(doctype, [*filters, [doctype, "name", "in", shared]]) if shared else 0
		query = query_of_count(doctype, filters, user=user, run=False)
		sql = query if isinstance(query, str) else query.get_sql()
		if sql not in self._counts:
			[[self._counts[sql]]] = self._run(user, doctype, filters)
		return self._counts[sql]

	def _run(self, user: str, doctype: str, filters: list) -> list:
		return query_of_count(doctype, filters, user=user)

	def _filters(self, doctype: str) -> list:
		if doctype not in self._left_out:
			names = [] if self.like_lists else sorted(left_out(doctype))
			self._left_out[doctype] = [[doctype, "name", "not in", names]] if names else []
		return self._left_out[doctype]


def desk_users() -> list[str]:
	"""Return everybody who works in the Desk: enabled, and not a standard user of Frappe."""
	filters = {"enabled": 1, "user_type": "System User", "name": ("not in", frappe.STANDARD_USERS)}
	return frappe.get_all("User", filters=filters, pluck="name", order_by="full_name, name")
