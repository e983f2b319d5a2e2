"""What rooms ask that name documents in SQL or files of their own: which of these are hidden from their reader.

Lists and documents need no asking, permission hooks see to them. A room that hides documents answers the hook.
"""

from collections.abc import Iterable
from typing import Any

import frappe
from frappe import _
from frappe.utils import create_batch
from pypika import Criterion

#: functions of other rooms and apps, called with a user and a DocType, that return conditions of SQL on the DocType's own
#: table, without percent signs, which hold for what is hidden from the user
HOOK = "transparency_hidden_records"
NAMES_AT_ONCE = 500


class IsNotHidden(Criterion):
	"""The condition that none of some conditions of SQL holds."""

	def __init__(self, conditions: list[str]):
		super().__init__()
		self.conditions = conditions

	def get_sql(self, **_options: Any) -> str:
		return f"(({' or '.join(self.conditions)}) is not true)"


def conditions(doctype: str, user: str | None = None) -> list[str]:
	"""Return the conditions under which a document of `doctype` is hidden from `user`; none for most people."""
	user = user or frappe.session.user
	return [
		condition
		for function in frappe.get_hooks(HOOK)
		for condition in frappe.get_attr(function)(user, doctype)
	]


def criterion(doctype: str, user: str | None = None) -> Criterion | None:
	"""Return the condition of pypika that a report's query needs on `doctype`'s table, None for no condition."""
	found = conditions(doctype, user)
	return IsNotHidden(found) if found else None


def visible(doctype: str, names: Iterable[str], user: str | None = None) -> set[str]:
	"""Return those of `names` that aren't hidden from `user`. What isn't stored isn't hidden."""
	names = {str(name) for name in names}
	found = conditions(doctype, user) if names else []
	if not found or not frappe.db.table_exists(doctype):
		return names
	is_hidden = " or ".join(f"({condition}) is true" for condition in found)
	for some in create_batch(sorted(names), NAMES_AT_ONCE):
		hidden = frappe.db.sql(
			f"select `name` from `tab{doctype}` where `tab{doctype}`.`name` in %(names)s and ({is_hidden})",
			{"names": tuple(some)},
		)
		names -= {str(name) for (name,) in hidden}
	return names


def check(doctype: str, name: str) -> None:
	"""Refuse to tell the session's user about a document that is hidden from them."""
	if not visible(doctype, [name]):
		frappe.throw(
			_("This {0} is restricted for you, so what is known about it is, too.").format(_(doctype)),
			exc=frappe.PermissionError,
			title=_("Restricted"),
		)
