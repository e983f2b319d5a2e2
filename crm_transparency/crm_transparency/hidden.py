"""What rooms ask that name documents in SQL or files of their own: which of these are hidden from their reader.

Lists and documents need no asking, permission hooks see to them. A room that hides documents answers the hook.
"""

from collections.abc import Iterable

import frappe
from frappe import _
from frappe.utils import create_batch
from pypika import Criterion

from crm_transparency.crm_transparency.permissions import Condition

#: functions of other rooms and apps, called with a user and a DocType, that return conditions of SQL on the DocType's own
#: table, without percent signs, which hold for what is hidden from the user
HOOK = "transparency_hidden_records"
NAMES_AT_ONCE = 500


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
	return Condition(f"({' or '.join(found)}) is not true") if found else None


def visible(doctype: str, names: Iterable[str], user: str | None = None) -> set[str]:
	"""Return those of `names` that aren't hidden from `user`. What isn't stored isn't hidden."""
	names = {str(name) for name in names}
	found = conditions(doctype, user) if names else []
	if not found or not frappe.db.table_exists(doctype):
		return names
	table = frappe.qb.DocType(doctype)
	is_hidden = Condition(" or ".join(f"({condition}) is true" for condition in found))
	for some in create_batch(sorted(names), NAMES_AT_ONCE):
		hidden = frappe.qb.from_(table).select(table.name).where(table.name.isin(some) & is_hidden).run()
		names -= {str(name) for (name,) in hidden}
	return names


def check(doctype: str, name: str) -> None:
	"""Refuse to tell the session's user about a document that is hidden from them."""
	if not visible(doctype, [name]):
		frappe.throw(
			_("This {0} and everything about it are restricted for you.").format(_(doctype)),
			exc=frappe.PermissionError,
			title=_("Restricted"),
		)
