"""What a person did, event by event, from the places where Frappe and this app keep it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import frappe
from frappe.query_builder import Order
from frappe.utils import get_datetime
from pypika import Criterion
from pypika.queries import Table

from crm_transparency.crm_transparency import registry
from crm_transparency.crm_transparency.paging import Cursor, older_than
from crm_transparency.crm_transparency.period import Period
from crm_transparency.ledger import names
from crm_transparency.ownership.permissions import LEDGER

VERSION = "version"
OWNER_CHANGE = "owner change"
COMMENT = "comment"
CREATION = "creation"
LAST_SAVE = "last save"
DELETION = "deletion"
#: belong to accounts, and are logged with them
COMPANIONS = ("Contact", "Address")
#: comments that tell of no change, or of one that another source tells better
COMMENTS_NOT_LOGGED = ("Like", "Bot", "Created", "Deleted")
OWNER_CHANGE_FIELDS = (
	"reference_doctype",
	"reference_name",
	"owner_field",
	"previous_owner",
	"new_owner",
	"kind",
	"impersonated_by",
)


@dataclass(frozen=True)
class Selection:
	"""Which changes are asked for; `before` is where the page before this one ended."""

	user: str
	period: Period
	doctype: str | None = None
	fieldname: str | None = None
	before: Cursor | None = None

	@property
	def doctypes(self) -> list[str]:
		return [doctype for doctype in logged_doctypes() if self.doctype in (None, doctype)]


@dataclass(frozen=True)
class Event:
	"""Something that was done to the document `name` at one moment; `row` is what its source holds of it."""

	cursor: Cursor
	doctype: str
	name: str | None
	row: frappe._dict

	@property
	def source(self) -> str:
		return self.cursor.source


def logged_doctypes() -> list[str]:
	"""Return the DocTypes whose changes are logged: what is tracked, and contacts and addresses."""
	companions = [doctype for doctype in COMPANIONS if frappe.db.exists("DocType", doctype, cache=True)]
	return list(dict.fromkeys([*registry.tracked_doctypes(), *companions]))


def newest_events(selection: Selection, limit: int) -> list[Event]:
	"""Return the newest `limit` events of a selection, newest first."""
	events = [*_versions(selection, limit), *_owner_changes(selection, limit)]
	if not selection.fieldname:
		for source in (_comments, _creations, _last_saves, _deletions):
			events += source(selection, limit)
	return sorted(events, key=lambda event: event.cursor.sort_key())[:limit]


def _versions(selection: Selection, limit: int) -> Iterator[Event]:
	table = frappe.qb.DocType("Version")
	for doctype in selection.doctypes:
		condition = (table.owner == selection.user) & (table.ref_doctype == doctype)
		if selection.fieldname:
			condition &= table.data.like(f'%"{selection.fieldname}"%')
		for row in _newest(table, "creation", VERSION, condition, ("docname", "data"), selection, limit):
			yield _event(VERSION, row, doctype, row.docname)


def _owner_changes(selection: Selection, limit: int) -> Iterator[Event]:
	table = frappe.qb.DocType(LEDGER)
	condition = names.criterion(names.spans("User", selection.user), table.changed_by, table.changed_on)
	condition &= table.reference_doctype.isin(selection.doctypes)
	if selection.fieldname:
		condition &= table.owner_field == selection.fieldname
	for row in _newest(table, "changed_on", OWNER_CHANGE, condition, OWNER_CHANGE_FIELDS, selection, limit):
		yield _event(OWNER_CHANGE, row, row.reference_doctype, row.reference_name)


def _comments(selection: Selection, limit: int) -> Iterator[Event]:
	table = frappe.qb.DocType("Comment")
	for doctype in selection.doctypes:
		condition = (table.owner == selection.user) & (table.reference_doctype == doctype)
		condition &= table.comment_type.notin(COMMENTS_NOT_LOGGED)
		fields = ("reference_name", "comment_type", "content")
		for row in _newest(table, "creation", COMMENT, condition, fields, selection, limit):
			yield _event(COMMENT, row, doctype, row.reference_name)


def _creations(selection: Selection, limit: int) -> Iterator[Event]:
	for doctype in selection.doctypes:
		table = frappe.qb.DocType(doctype)
		for row in _newest(table, "creation", CREATION, table.owner == selection.user, (), selection, limit):
			yield _event(CREATION, row, doctype, row.name)


def _last_saves(selection: Selection, limit: int) -> Iterator[Event]:
	"""Yield what is known of DocTypes without Versions (in ERPNext v15: leads, opportunities, contacts, addresses)."""
	for doctype in selection.doctypes:
		if not frappe.get_meta(doctype).track_changes:
			table = frappe.qb.DocType(doctype)
			condition = (table.modified_by == selection.user) & (table.modified > table.creation)
			for row in _newest(table, "modified", LAST_SAVE, condition, (), selection, limit):
				yield _event(LAST_SAVE, row, doctype, row.name)


def _deletions(selection: Selection, limit: int) -> Iterator[Event]:
	table = frappe.qb.DocType("Deleted Document")
	for doctype in selection.doctypes:
		condition = (table.owner == selection.user) & (table.deleted_doctype == doctype)
		for row in _newest(table, "creation", DELETION, condition, ("deleted_name",), selection, limit):
			yield _event(DELETION, row, doctype, row.deleted_name)


def _newest(
	table: Table,
	moment_field: str,
	source: str,
	condition: Criterion,
	fields: Iterable[str],
	selection: Selection,
	limit: int,
) -> list[frappe._dict]:
	moment = table[moment_field]
	query = (
		frappe.qb.from_(table)
		.select(table.name, moment.as_("happened_on"), *(table[field] for field in fields))
		.where(condition & selection.period.contains(moment))
		.orderby(moment, order=Order.desc)
		.orderby(table.name, order=Order.desc)
		.limit(limit)
	)
	is_older = older_than(selection.before, source, moment, table.name)
	return (query if is_older is None else query.where(is_older)).run(as_dict=True)


def _event(source: str, row: frappe._dict, doctype: str, name: str | None) -> Event:
	return Event(Cursor(get_datetime(row.happened_on), source, str(row.name)), doctype, name, row)
