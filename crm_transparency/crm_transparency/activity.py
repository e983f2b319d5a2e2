"""What people did: the one reader behind every list of it.

The hook `transparency_activity` names, for each kind of activity, the functions that read it where Frappe or a room keeps it:
`(Selection) -> Iterable[Activity]`. These check no permissions: whoever calls `read` shows what their reader may see.

Pages of activities go by what comes after what and not by counting rows: skipping rows costs the more the further back one
goes, and shifts pages while new things happen. A cursor names the last activity of a page; the next page holds what is
older. Two activities can bear the same moment (a transfer moves a thousand accounts at once), so a cursor also has the
source an activity was read from, and its name there.

What Frappe's own logs tell, logins and changes of permissions, is read here. Frappe v16 keeps a Permission Log. Frappe v15
keeps Versions of users and role profiles; of a change of a role's permissions it keeps only who made the latest one.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import frappe
from frappe import _
from frappe.query_builder import Order
from frappe.query_builder.functions import Min
from frappe.utils import cint, get_datetime
from pypika import Criterion
from pypika.queries import Table
from pypika.terms import Field

from crm_transparency.crm_transparency import formatting
from crm_transparency.crm_transparency.period import Period

ROWS_OF_A_PAGE = 100
ROWS_OF_AN_EXPORT = 100_000
SEPARATOR = "|"


class Cursor(NamedTuple):
	"""A place in the order of things: newest moment first, then by source, then by name from Z to A."""

	moment: datetime
	source: str
	name: str

	def __str__(self) -> str:
		return SEPARATOR.join((self.moment.isoformat(" ", "microseconds"), self.source, self.name))

	@classmethod
	def parse(cls, text: str | None) -> "Cursor | None":
		"""Read what `str` of a cursor wrote; None for nothing. Raises ValidationError for anything else."""
		if not text:
			return None
		try:
			moment, source, name = text.split(SEPARATOR, 2)
			return cls(datetime.fromisoformat(moment), source, name)
		except ValueError:
			frappe.throw(_("There is no such page. Please start again with the newest one."))

	def sort_key(self) -> tuple:
		"""Return what sorts cursors in their order, the newest first."""
		return (-self.moment.timestamp(), self.source, _Descending(self.name))


def older_than(cursor: Cursor | None, source: str, moment: Field, name: Field) -> Criterion | None:
	"""Return the condition under which a row of `source` comes after the cursor, None without a cursor."""
	if cursor is None:
		return None
	if source == cursor.source:
		# the first half alone lets the database enter its index at the right place
		return (moment <= cursor.moment) & ((moment < cursor.moment) | (name < cursor.name))
	return moment < cursor.moment if source < cursor.source else moment <= cursor.moment


def rows_wanted(filters: frappe._dict, doctype: str) -> int:
	"""Return how many rows a report gives at once: a page, or everything to those who may export the DocType."""
	if not cint(filters.everything):
		return ROWS_OF_A_PAGE
	frappe.permissions.can_export(doctype, raise_exception=True)
	return ROWS_OF_AN_EXPORT


def note_of_cut(next_page: Cursor | None, limit: int) -> str | None:
	"""Return the note that a report was cut off after `limit` entries, None if it wasn't."""
	if next_page is None:
		return None
	return _("{0} entries are shown. Choose Older to see more, or narrow the filters.").format(
		formatting.number(limit)
	)


class _Descending(str):
	def __lt__(self, other: str) -> bool:
		return str.__gt__(self, other)


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
	def utc_offset(self) -> str:
		return self.details.get("utc_offset") or formatting.utc_offset(self.on)

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


LOGIN = "Login"
NEW_ADDRESS = "Login from a new address"
PERMISSION_CHANGE = "Permission change"

LOGINS = "Activity Log"
PERMISSION_LOG = "Permission Log"
VERSION = "Version"
ROLE_PERMISSION = "Custom DocPerm"
#: what of a document has to do with permissions, where Frappe keeps Versions of it
FIELDS = {
	"User": {"roles", "role_profile_name", "role_profiles", "block_modules", "module_profile"},
	"Role Profile": {"roles"},
	"User Permission": None,
}
Roles = tuple[set[str], set[str]]


def logins(selection: Selection) -> Iterator[Activity]:
	log = frappe.qb.DocType(LOGINS)
	is_login = log.user.isin(selection.users) & successful_login(log)
	for row in newest_rows(log, "creation", LOGIN, is_login, ("user", "ip_address"), selection):
		yield Activity(row.on, LOGIN, row.user, None, None, LOGINS, row.name, row)


def logins_from_new_addresses(selection: Selection) -> Iterator[Activity]:
	"""Yield logins from addresses never used before, as far back as the Activity Log goes: 90 days by default."""
	log = frappe.qb.DocType(LOGINS)
	query = frappe.qb.from_(log).select(log.user, log.ip_address, Min(log.creation))
	query = query.where(log.user.isin(selection.users) & successful_login(log) & log.ip_address.isnotnull())
	first_seen: dict[str, list[tuple]] = {}
	for user, address, moment in query.groupby(log.user, log.ip_address).run():
		first_seen.setdefault(user, []).append((get_datetime(moment), address))
	for user, logins in first_seen.items():
		# the first login of all is new to the log only
		for moment, address in sorted(logins)[1:]:
			if selection.period.start <= moment < selection.period.end:
				details = frappe._dict(ip_address=address)
				yield Activity(moment, NEW_ADDRESS, user, None, None, LOGINS, address, details)


def successful_login(log: Table) -> Criterion:
	return (log.operation == "Login") & (log.status == "Success")


def permission_changes(selection: Selection) -> Iterator[Activity]:
	"""Yield changes of permissions that people made, and those made to people's own roles.

	`details` has the roles that were `given` and `taken`.
	"""
	if frappe.db.exists("DocType", PERMISSION_LOG):
		yield from permission_logs(selection)
	else:
		yield from versions(selection)
		yield from role_permissions(selection)


def permission_logs(selection: Selection) -> Iterator[Activity]:
	"""Read v16's Permission Log."""
	log = frappe.qb.DocType(PERMISSION_LOG)
	is_about = (log.for_doctype == "User") & log.for_document.isin(selection.users)
	condition = log.changed_by.isin(selection.users) | is_about
	fields = ("changed_by", "for_doctype", "for_document", "changes")
	for row in newest_rows(log, "creation", PERMISSION_CHANGE, condition, fields, selection):
		row.given, row.taken = roles_in_log(row.changes)
		yield change(row, row.changed_by, row.for_doctype, row.for_document, PERMISSION_LOG)


def versions(selection: Selection) -> Iterator[Activity]:
	"""Read v15's Versions."""
	version = frappe.qb.DocType(VERSION)
	is_about = (version.ref_doctype == "User") & version.docname.isin(selection.users)
	condition = version.ref_doctype.isin(list(FIELDS)) & (version.owner.isin(selection.users) | is_about)
	fields = ("owner", "ref_doctype", "docname", "data")
	for row in newest_rows(version, "creation", PERMISSION_CHANGE, condition, fields, selection):
		data = json.loads(row.data or "{}")
		if is_about_permissions(row.ref_doctype, data):
			row.given, row.taken = roles_in_version(data)
			yield change(row, row.owner, row.ref_doctype, row.docname, VERSION)


def role_permissions(selection: Selection) -> Iterator[Activity]:
	"""Read who changed roles' permissions last, on v15. `details` has the `role` and, as `parent`, the DocType."""
	table = frappe.qb.DocType(ROLE_PERMISSION)
	condition = table.modified_by.isin(selection.users)
	fields = ("parent", "role", "modified_by")
	for row in newest_rows(table, "modified", PERMISSION_CHANGE, condition, fields, selection):
		yield change(row, row.modified_by, "DocType", row.parent, ROLE_PERMISSION)


def change(row: frappe._dict, user: str, doctype: str, name: str, source: str) -> Activity:
	return Activity(row.on, PERMISSION_CHANGE, user, doctype, name, source, row.name, row)


def is_about_permissions(doctype: str, data: dict) -> bool:
	fields = FIELDS[doctype]
	changes = [*data.get("changed", ()), *data.get("added", ()), *data.get("removed", ())]
	return fields is None or any(change[0] in fields for change in changes)


def roles_in_version(data: dict) -> Roles:
	"""Return the roles that were given, and those that were taken away."""
	given, taken = (
		{row["role"] for fieldname, row in data.get(what, ()) if fieldname == "roles"}
		for what in ("added", "removed")
	)
	return given - taken, taken - given


def roles_in_log(changes: str | None) -> Roles:
	changes = json.loads(changes or "{}")
	given, taken = (roles_of((changes.get(side) or {}).get("roles")) for side in ("to", "from"))
	return given - taken, taken - given


def roles_of(rows: object) -> set[str]:
	return {row["role"] for row in rows if row.get("role")} if isinstance(rows, list) else set()
