"""What one person changed: in accounts, and in contacts and addresses. Newest first, whatever it was read from.

Read from Versions (field, before, after), the ledger of account owner changes, the comments that people and Frappe
wrote, and the documents that were created and deleted. Readers see only what they may read: values of a document or
field that is closed to them are left out, and so is a closed document's name.

This is for looking up what happened. Nothing here counts anything.
"""

import html
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

import frappe
from frappe import _
from frappe.model import get_permitted_fields
from frappe.model.meta import Meta
from frappe.utils import cstr, get_datetime, strip_html

from crm_transparency.crm_transparency import activity, registry, staff
from crm_transparency.crm_transparency.activity import Activity, Cursor, Selection, newest_rows
from crm_transparency.ledger import names
from crm_transparency.ledger import names as ledger_names
from crm_transparency.ownership import recent_edits
from crm_transparency.ownership.ownership_visibility import LEDGER

VERSION = "Version"
OWNER_CHANGE = "Owner change"
COMMENT = "Comment"
CREATION = "Creation"
LAST_SAVE = "Last save"
DELETION = "Deletion"
#: those that tell which field changed
OF_FIELDS = (VERSION, OWNER_CHANGE)
#: as the hook `transparency_activity` names them
KINDS = (*OF_FIELDS, COMMENT, CREATION, LAST_SAVE, DELETION)
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
	"source",
	"impersonated_by",
	"utc_offset",
)
LONGEST_VALUE = 140
#: an owner change stands in the ledger and in a Version, both written by the same save
SAME_SAVE = timedelta(seconds=60)


class Page(NamedTuple):
	lines: "list[Line]"
	#: what the next page comes after, None on the last page
	next_page: Cursor | None


def may_read_log_of(user: str, reader: str | None = None) -> bool:
	"""Return whether `reader` (who is asking, if None) may see what `user` changed: one's own log, and managers all."""
	reader = reader or frappe.session.user
	return user == reader or staff.is_manager(reader)


def read(selection: Selection, limit: int) -> Page:
	"""Return the newest `limit` activities of one person, each with a line for every field that it changed.

	Raises PermissionError for whoever may not see this person's changes.
	"""
	if not all(map(may_read_log_of, selection.users)):
		refuse()
	found = newest(selection, limit + 1)
	shown = found[:limit]
	return Page(lines_of(shown, selection), shown[-1].cursor if len(found) > limit else None)


def newest(selection: Selection, limit: int) -> list[Activity]:
	"""Return the newest `limit` changes of a selection, newest first."""
	kinds = OF_FIELDS if selection.fieldname else KINDS
	return activity.read(kinds, replace(selection, limit=limit))


def refuse() -> None:
	roles = staff.roles_in_words()
	frappe.throw(
		_(
			"You can see your own changes. Changes made by others are visible to people with one of these roles: {0}."
		).format(roles),
		exc=frappe.PermissionError,
		title=_("Another person's changes"),
	)


def logged_doctypes() -> list[str]:
	"""Return the DocTypes whose changes are logged: what is tracked, and contacts and addresses."""
	companions = [doctype for doctype in COMPANIONS if frappe.db.exists("DocType", doctype, cache=True)]
	return list(dict.fromkeys([*registry.tracked_doctypes(), *companions]))


# Where Frappe and this app keep what people did, for the hook `transparency_activity`.


def versions(selection: Selection) -> Iterator[Activity]:
	table = frappe.qb.DocType("Version")
	for doctype in selected_doctypes(selection):
		condition = table.owner.isin(selection.users) & (table.ref_doctype == doctype)
		if selection.fieldname:
			condition &= table.data.like(f'%"{selection.fieldname}"%')
		for row in newest_rows(
			table, "creation", VERSION, condition, ("owner", "docname", "data"), selection
		):
			yield _activity(VERSION, row, row.owner, doctype, row.docname, "Version")


def owner_changes(selection: Selection) -> Iterator[Activity]:
	table = frappe.qb.DocType(LEDGER)
	fields = ("changed_by", *OWNER_CHANGE_FIELDS)
	for user in selection.users:
		condition = names.criterion(names.spans("User", user), table.changed_by, table.changed_on)
		condition &= table.reference_doctype.isin(selected_doctypes(selection))
		if selection.fieldname:
			condition &= table.owner_field == selection.fieldname
		for row in newest_rows(table, "changed_on", OWNER_CHANGE, condition, fields, selection):
			yield _activity(OWNER_CHANGE, row, user, row.reference_doctype, row.reference_name, LEDGER)


def comments(selection: Selection) -> Iterator[Activity]:
	table = frappe.qb.DocType("Comment")
	fields = ("owner", "reference_name", "comment_type", "content")
	for doctype in selected_doctypes(selection):
		condition = table.owner.isin(selection.users) & (table.reference_doctype == doctype)
		condition &= table.comment_type.notin(COMMENTS_NOT_LOGGED)
		for row in newest_rows(table, "creation", COMMENT, condition, fields, selection):
			yield _activity(COMMENT, row, row.owner, doctype, row.reference_name, "Comment")


def creations(selection: Selection) -> Iterator[Activity]:
	for doctype in selected_doctypes(selection):
		table = frappe.qb.DocType(doctype)
		condition = table.owner.isin(selection.users)
		for row in newest_rows(table, "creation", CREATION, condition, ("owner",), selection):
			yield _activity(CREATION, row, row.owner, doctype, row.name, doctype)


def last_saves(selection: Selection) -> Iterator[Activity]:
	"""Yield what is known of DocTypes without Versions (in ERPNext v15: leads, opportunities, contacts, addresses)."""
	for doctype in selected_doctypes(selection):
		if not frappe.get_meta(doctype).track_changes:
			table = frappe.qb.DocType(doctype)
			condition = table.modified_by.isin(selection.users) & (table.modified > table.creation)
			for row in newest_rows(table, "modified", LAST_SAVE, condition, ("modified_by",), selection):
				yield _activity(LAST_SAVE, row, row.modified_by, doctype, row.name, doctype)


def deletions(selection: Selection) -> Iterator[Activity]:
	table = frappe.qb.DocType("Deleted Document")
	for doctype in selected_doctypes(selection):
		condition = table.owner.isin(selection.users) & (table.deleted_doctype == doctype)
		for row in newest_rows(table, "creation", DELETION, condition, ("owner", "deleted_name"), selection):
			yield _activity(DELETION, row, row.owner, doctype, row.deleted_name, "Deleted Document")


def selected_doctypes(selection: Selection) -> list[str]:
	return [
		doctype
		for doctype in logged_doctypes()
		if selection.doctypes is None or doctype in selection.doctypes
	]


def _activity(
	what: str, row: frappe._dict, user: str, doctype: str, name: str | None, source: str
) -> Activity:
	return Activity(row.on, what, user, doctype, name, source, str(row.name), row, row.get("impersonated_by"))


# Activities as lines: one for every field that was changed, with the values that the reader may see.


class Line(NamedTuple):
	"""One changed field, or one thing done to a document.

	`name` is None for a document that is closed to the reader, `before` and `after` are None where the values are.
	"""

	happened_on: datetime
	utc_offset: str
	action: str
	doctype: str
	name: str | None
	title: str | None
	#: whether the document can be opened
	is_there: bool
	fieldname: str | None
	field: str | None
	before: str | None
	after: str | None
	impersonated_by: str | None


class Values(NamedTuple):
	"""What an activity did to one field."""

	fieldname: str | None
	field: str | None
	before: str | None
	after: str | None


NO_FIELD = Values(None, None, None, None)


def lines_of(activities: list[Activity], selection: Selection) -> list[Line]:
	"""Return the lines of the activities, in their order, for the session's user."""
	documents = _Documents(activities)
	tellers: dict[str, Callable[[Activity], Iterable[Values]]] = {
		VERSION: _VersionTeller(activities, documents),
		OWNER_CHANGE: _OwnerChangeTeller(activities),
		COMMENT: lambda done: [Values(None, None, None, _short(done.details.content))],
		CREATION: lambda done: [NO_FIELD],
		LAST_SAVE: lambda done: [Values(None, _("(which fields isn't recorded)"), None, None)],
		DELETION: lambda done: [NO_FIELD],
	}
	return [
		_line(done, values, documents)
		for done in activities
		for values in tellers[done.what](done)
		if not selection.fieldname or values.fieldname == selection.fieldname
	]


class _Documents:
	"""The documents that activities are about, and what of them the session's user may see."""

	def __init__(self, activities: list[Activity]):
		asked = defaultdict(set)
		for done in activities:
			if done.name:
				asked[done.doctype].add(done.name)
		self.current = {
			doctype: ledger_names.current_names(doctype, names) for doctype, names in asked.items()
		}
		self.titles: dict[tuple[str, str], str] = {}
		self.closed: set[tuple[str, str]] = set()
		for doctype, current in self.current.items():
			self._look_up(doctype, set(current.values()))

	def _look_up(self, doctype: str, names: set[str]) -> None:
		open_ones = _readable_titles(doctype, names)
		self.titles.update({(doctype, name): title for name, title in open_ones.items()})
		others = names - set(open_ones)
		if others and not frappe.has_permission(doctype, "read"):
			self.closed |= {(doctype, name) for name in others}
		elif others:
			there = frappe.get_all(doctype, filters={"name": ("in", others)}, pluck="name")
			self.closed |= {(doctype, name) for name in there}

	def name_of(self, done: Activity) -> str | None:
		return self.current[done.doctype][done.name] if done.name else None

	def is_closed(self, done: Activity) -> bool:
		return (done.doctype, self.name_of(done)) in self.closed

	def is_open(self, done: Activity) -> bool:
		"""Return whether the document exists and may be read; a deleted one is neither open nor closed."""
		return (done.doctype, self.name_of(done)) in self.titles

	def title_of(self, done: Activity) -> str | None:
		return self.titles.get((done.doctype, self.name_of(done)), self.name_of(done))


def _readable_titles(doctype: str, names: set[str]) -> dict[str, str]:
	if not frappe.has_permission(doctype, "read"):
		return {}
	title_field = (
		registry.title_field(doctype)
		if registry.is_tracked(doctype)
		else frappe.get_meta(doctype).title_field
	)
	fields = ["name", title_field] if title_field else ["name"]
	rows = frappe.get_list(doctype, filters={"name": ("in", names)}, fields=fields, limit=len(names))
	return {row.name: (title_field and row.get(title_field)) or row.name for row in rows}


class _VersionTeller:
	"""Tells Versions, without the owner changes that the ledger tells already."""

	def __init__(self, activities: list[Activity], documents: _Documents):
		self.documents = documents
		self.recorded = _recorded_owner_changes([done for done in activities if done.what == VERSION])
		self.readable: dict[tuple[str, str | None], set[str]] = {}

	def __call__(self, done: Activity) -> Iterator[Values]:
		data = json.loads(done.details.data or "{}")
		meta = frappe.get_meta(done.doctype)
		done.details.impersonated_by = data.get("impersonated_by")
		for fieldname, before, after in data.get("changed") or ():
			is_seen = recent_edits.differ(meta.get_field(fieldname), before, after)
			if is_seen and not self._is_in_ledger(done, fieldname):
				may_see = self._may_see(done, done.doctype, fieldname)
				yield _values(fieldname, _label(meta, fieldname), before, after, may_see)
		yield from self._changed_rows(done, data)
		for key, what in (("added", _("{0}: row added")), ("removed", _("{0}: row removed"))):
			for table, _row in data.get(key) or ():
				yield Values(table, what.format(_label(meta, table)), None, None)

	def _changed_rows(self, done: Activity, data: dict) -> Iterator[Values]:
		meta = frappe.get_meta(done.doctype)
		for table, index, _row_name, changes in data.get("row_changed") or ():
			table_field = meta.get_field(table)
			for fieldname, before, after in changes:
				label, may_see = fieldname, False
				if table_field:
					label = _label(frappe.get_meta(table_field.options), fieldname)
					is_open = table_field.permlevel in meta.get_permlevel_access("read")
					may_see = is_open and self._may_see(done, table_field.options, fieldname, done.doctype)
				label = _("{0}, row {1}: {2}").format(_label(meta, table), index + 1, label)
				yield _values(table, label, before, after, may_see)

	def _may_see(self, done: Activity, doctype: str, fieldname: str, parenttype: str | None = None) -> bool:
		if not self.documents.is_open(done):
			return False
		key = (doctype, parenttype)
		if key not in self.readable:
			self.readable[key] = set(
				get_permitted_fields(doctype, parenttype=parenttype, permission_type="read")
			)
		return fieldname in self.readable[key]

	def _is_in_ledger(self, done: Activity, fieldname: str) -> bool:
		if fieldname != registry.owner_field(done.doctype):
			return False
		moments = self.recorded.get((done.doctype, done.name), ())
		return any(abs(moment - done.on) <= SAME_SAVE for moment in moments)


class _OwnerChangeTeller:
	def __init__(self, activities: list[Activity]):
		rows = [done.details for done in activities if done.what == OWNER_CHANGE]
		self.called = ledger_names.full_names_at(
			(user, row.on) for row in rows for user in (row.previous_owner, row.new_owner)
		)

	def __call__(self, done: Activity) -> list[Values]:
		label = _label(frappe.get_meta(done.doctype), done.details.owner_field)
		before, after = (
			self.called.get((user, done.on)) for user in (done.details.previous_owner, done.details.new_owner)
		)
		return [Values(done.details.owner_field, label, before, after)]


def _recorded_owner_changes(versions: list[Activity]) -> dict[tuple[str, str], list[datetime]]:
	"""Return when the ledger recorded owner changes around the times of these Versions, by account."""
	accounts, recorded = defaultdict(set), defaultdict(list)
	for version in versions:
		if registry.is_tracked(version.doctype):
			accounts[version.doctype].add(version.name)
	moments = [version.on for version in versions]
	table = frappe.qb.DocType(LEDGER)
	for doctype, accounts_changed in accounts.items():
		rows = (
			frappe.qb.from_(table)
			.select(table.reference_name, table.changed_on)
			.where(table.reference_doctype == doctype)
			.where(table.reference_name.isin(ledger_names.former_names(doctype, accounts_changed)))
			.where(table.changed_on >= min(moments) - SAME_SAVE)
			.where(table.changed_on <= max(moments) + SAME_SAVE)
			.run()
		)
		current = ledger_names.current_names(doctype, (name for name, _changed_on in rows))
		for name, changed_on in rows:
			recorded[doctype, current[name]].append(get_datetime(changed_on))
	return recorded


def _line(done: Activity, values: Values, documents: _Documents) -> Line:
	is_open, is_closed = documents.is_open(done), documents.is_closed(done)
	return Line(
		happened_on=done.on,
		utc_offset=done.utc_offset,
		action=_action(done),
		doctype=done.doctype,
		name=None if is_closed else documents.name_of(done),
		title=None if is_closed else documents.title_of(done),
		is_there=is_open,
		fieldname=values.fieldname,
		field=values.field,
		before=values.before if is_open else None,
		after=values.after if is_open else None,
		impersonated_by=done.details.impersonated_by or None,
	)


def _action(done: Activity) -> str:
	if done.what == OWNER_CHANGE:
		return _(done.details.kind)
	if done.what == COMMENT:
		return _("Commented") if done.details.comment_type == "Comment" else _(done.details.comment_type)
	return {
		VERSION: _("Changed"),
		LAST_SAVE: _("Changed"),
		CREATION: _("Created"),
		DELETION: _("Deleted"),
	}[done.what]


def _values(fieldname: str, label: str, before, after, may_see: bool) -> Values:
	return Values(fieldname, label, _short(before) if may_see else None, _short(after) if may_see else None)


def _label(meta: Meta, fieldname: str) -> str:
	"""Return a field's label; its name if the field is gone, or is one of Frappe's own."""
	field = meta.get_field(fieldname)
	return _(field.label, context=meta.name) if field and field.label else fieldname


def _short(value) -> str:
	text = " ".join(html.unescape(strip_html(cstr(value))).split())
	return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
