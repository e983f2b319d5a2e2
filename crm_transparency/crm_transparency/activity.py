"""What people did: the one reader behind every list of it.

The hook `transparency_activity` names, for each kind of activity, the functions that read it where Frappe or a room keeps it:
`(Selection) -> Iterable[Activity]`. These check no permissions: whoever calls `read` shows what their reader may see.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import frappe
from frappe.query_builder import Order
from frappe.utils import get_datetime
from pypika import Criterion
from pypika.queries import Table

from crm_transparency.crm_transparency.paging import Cursor, older_than
from crm_transparency.crm_transparency.period import Period

HOOK = "transparency_activity"


@dataclass(frozen=True)
class Selection:
	"""Whose activities of which period; optionally only of some DocTypes, or changes of one field.

	`before` is the cursor at which the page before ended, `limit` how many activities are wanted (None for all).
	"""

	users: tuple[str, ...]
	period: Period
	doctypes: tuple[str, ...] | None = None
	fieldname: str | None = None
	before: Cursor | None = None
	limit: int | None = None


class Activity(NamedTuple):
	"""Something that `user` did at the moment `on`.

	`what` is its kind, as the hook names it. `doctype` and `name` are the document it was done to, if there is one; `source`
	and `key` are the DocType and name of the row that tells of it; `details` are further fields of that row.
	"""

	on: datetime
	what: str
	user: str
	doctype: str | None
	name: str | None
	source: str
	key: str
	details: frappe._dict
	impersonated_by: str | None = None

	@property
	def cursor(self) -> Cursor:
		return Cursor(self.on, self.what, self.key)


def read(kinds: Iterable[str], selection: Selection) -> list[Activity]:
	"""Return the newest activities of some kinds that match a selection, newest first."""
	readers = frappe.get_hooks(HOOK)
	found = [
		activity
		for kind in kinds
		for reader in readers.get(kind, ())
		for activity in frappe.get_attr(reader)(selection)
	]
	found.sort(key=lambda activity: activity.cursor.sort_key())
	return found[: selection.limit]


def newest_rows(
	table: Table, moment: str, kind: str, condition: Criterion, fields: Iterable[str], selection: Selection
) -> list[frappe._dict]:
	"""Return the rows of a table that match a condition and the selection's period, cursor and limit, newest first.

	`moment` is the field that holds when it happened. Rows have `name`, `on` and `fields`.
	"""
	query = (
		frappe.qb.from_(table)
		.select(table.name, table[moment].as_("on"), *(table[field] for field in fields))
		.where(condition & selection.period.contains(table[moment]))
		.orderby(table[moment], order=Order.desc)
		.orderby(table.name, order=Order.desc)
	)
	is_older = older_than(selection.before, kind, table[moment], table.name)
	query = query if is_older is None else query.where(is_older)
	query = query.limit(selection.limit) if selection.limit else query
	rows = query.run(as_dict=True)
	for row in rows:
		row.on = get_datetime(row.on)
	return rows
