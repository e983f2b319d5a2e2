"""Events in words: one line for every field that an event changed, with the values that the reader may see."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import frappe
from frappe import _
from frappe.model import get_permitted_fields
from frappe.model.meta import Meta
from frappe.utils import cstr, get_datetime, strip_html

from crm_transparency.crm_transparency import registry
from crm_transparency.ledger import people, renamed
from crm_transparency.ownership import edits
from crm_transparency.ownership.change_log.events import (
	COMMENT,
	CREATION,
	DELETION,
	LAST_SAVE,
	OWNER_CHANGE,
	VERSION,
	Event,
	Selection,
)
from crm_transparency.ownership.permissions import LEDGER

LONGEST_VALUE = 140
#: an owner change stands in the ledger and in a Version, both written by the same save
SAME_SAVE = timedelta(seconds=60)


class Line(NamedTuple):
	"""One changed field, or one thing done to a document.

	`name` is None for a document that is closed to the reader, `before` and `after` are None where the values are.
	"""

	happened_on: datetime
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
	"""What an event did to one field."""

	fieldname: str | None
	field: str | None
	before: str | None
	after: str | None


NO_FIELD = Values(None, None, None, None)


def lines_of(events: list[Event], selection: Selection) -> list[Line]:
	"""Return the lines of the events, in their order, for the session's user."""
	documents = _Documents(events)
	tellers: dict[str, Callable[[Event], Iterable[Values]]] = {
		VERSION: _VersionTeller(events, documents),
		OWNER_CHANGE: _OwnerChangeTeller(events),
		COMMENT: lambda event: [Values(None, None, None, _short(event.row.content))],
		CREATION: lambda event: [NO_FIELD],
		LAST_SAVE: lambda event: [Values(None, _("(which fields isn't recorded)"), None, None)],
		DELETION: lambda event: [NO_FIELD],
	}
	return [
		_line(event, values, documents)
		for event in events
		for values in tellers[event.source](event)
		if not selection.fieldname or values.fieldname == selection.fieldname
	]


class _Documents:
	"""The documents that events are about, and what of them the session's user may see."""

	def __init__(self, events: list[Event]):
		asked = defaultdict(set)
		for event in events:
			if event.name:
				asked[event.doctype].add(event.name)
		self.current = {doctype: renamed.current_names(doctype, names) for doctype, names in asked.items()}
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

	def name_of(self, event: Event) -> str | None:
		return self.current[event.doctype][event.name] if event.name else None

	def is_closed(self, event: Event) -> bool:
		return (event.doctype, self.name_of(event)) in self.closed

	def is_open(self, event: Event) -> bool:
		"""Say whether the document exists and may be read; a deleted one is neither open nor closed."""
		return (event.doctype, self.name_of(event)) in self.titles

	def title_of(self, event: Event) -> str | None:
		return self.titles.get((event.doctype, self.name_of(event)), self.name_of(event))


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

	def __init__(self, events: list[Event], documents: _Documents):
		self.documents = documents
		self.recorded = _recorded_owner_changes([event for event in events if event.source == VERSION])
		self.readable: dict[tuple[str, str | None], set[str]] = {}

	def __call__(self, event: Event) -> Iterator[Values]:
		data = json.loads(event.row.data or "{}")
		meta = frappe.get_meta(event.doctype)
		event.row.impersonated_by = data.get("impersonated_by")
		for fieldname, before, after in data.get("changed") or ():
			is_seen = edits.differ(meta.get_field(fieldname), before, after)
			if is_seen and not self._is_in_ledger(event, fieldname):
				may_see = self._may_see(event, event.doctype, fieldname)
				yield _values(fieldname, _label(meta, fieldname), before, after, may_see)
		yield from self._changed_rows(event, data)
		for key, what in (("added", _("{0}: row added")), ("removed", _("{0}: row removed"))):
			for table, _row in data.get(key) or ():
				yield Values(table, what.format(_label(meta, table)), None, None)

	def _changed_rows(self, event: Event, data: dict) -> Iterator[Values]:
		meta = frappe.get_meta(event.doctype)
		for table, index, _row_name, changes in data.get("row_changed") or ():
			table_field = meta.get_field(table)
			for fieldname, before, after in changes:
				label, may_see = fieldname, False
				if table_field:
					label = _label(frappe.get_meta(table_field.options), fieldname)
					is_open = table_field.permlevel in meta.get_permlevel_access("read")
					may_see = is_open and self._may_see(event, table_field.options, fieldname, event.doctype)
				label = _("{0}, row {1}: {2}").format(_label(meta, table), index + 1, label)
				yield _values(table, label, before, after, may_see)

	def _may_see(self, event: Event, doctype: str, fieldname: str, parenttype: str | None = None) -> bool:
		if not self.documents.is_open(event):
			return False
		key = (doctype, parenttype)
		if key not in self.readable:
			self.readable[key] = set(
				get_permitted_fields(doctype, parenttype=parenttype, permission_type="read")
			)
		return fieldname in self.readable[key]

	def _is_in_ledger(self, event: Event, fieldname: str) -> bool:
		if fieldname != registry.owner_field(event.doctype):
			return False
		moments = self.recorded.get((event.doctype, event.name), ())
		return any(abs(moment - event.cursor.moment) <= SAME_SAVE for moment in moments)


class _OwnerChangeTeller:
	def __init__(self, events: list[Event]):
		rows = [event.row for event in events if event.source == OWNER_CHANGE]
		self.called = people.full_names(user for row in rows for user in (row.previous_owner, row.new_owner))

	def __call__(self, event: Event) -> list[Values]:
		label = _label(frappe.get_meta(event.doctype), event.row.owner_field)
		before, after = (self.called.get(user) for user in (event.row.previous_owner, event.row.new_owner))
		return [Values(event.row.owner_field, label, before, after)]


def _recorded_owner_changes(versions: list[Event]) -> dict[tuple[str, str], list[datetime]]:
	"""Return when the ledger recorded owner changes around the times of these Versions, by account."""
	accounts, recorded = defaultdict(set), defaultdict(list)
	for version in versions:
		if registry.is_tracked(version.doctype):
			accounts[version.doctype].add(version.name)
	moments = [version.cursor.moment for version in versions]
	table = frappe.qb.DocType(LEDGER)
	for doctype, names in accounts.items():
		rows = (
			frappe.qb.from_(table)
			.select(table.reference_name, table.changed_on)
			.where(table.reference_doctype == doctype)
			.where(table.reference_name.isin(renamed.former_names(doctype, names)))
			.where(table.changed_on >= min(moments) - SAME_SAVE)
			.where(table.changed_on <= max(moments) + SAME_SAVE)
			.run()
		)
		current = renamed.current_names(doctype, (name for name, _changed_on in rows))
		for name, changed_on in rows:
			recorded[doctype, current[name]].append(get_datetime(changed_on))
	return recorded


def _line(event: Event, values: Values, documents: _Documents) -> Line:
	is_open, is_closed = documents.is_open(event), documents.is_closed(event)
	return Line(
		happened_on=event.cursor.moment,
		action=_action(event),
		doctype=event.doctype,
		name=None if is_closed else documents.name_of(event),
		title=None if is_closed else documents.title_of(event),
		is_there=is_open,
		fieldname=values.fieldname,
		field=values.field,
		before=values.before if is_open else None,
		after=values.after if is_open else None,
		impersonated_by=event.row.impersonated_by or None,
	)


def _action(event: Event) -> str:
	if event.source == OWNER_CHANGE:
		return _(event.row.kind)
	if event.source == COMMENT:
		return _("Commented") if event.row.comment_type == "Comment" else _(event.row.comment_type)
	return {
		VERSION: _("Changed"),
		LAST_SAVE: _("Changed"),
		CREATION: _("Created"),
		DELETION: _("Deleted"),
	}[event.source]


def _values(fieldname: str, label: str, before, after, may_see: bool) -> Values:
	return Values(fieldname, label, _short(before) if may_see else None, _short(after) if may_see else None)


def _label(meta: Meta, fieldname: str) -> str:
	"""Return a field's label; its name if the field is gone, or is one of Frappe's own."""
	field = meta.get_field(fieldname)
	return _(field.label, context=meta.name) if field and field.label else fieldname


def _short(value) -> str:
	text = " ".join(strip_html(cstr(value)).split())
	return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
