"""Every change of an account's owner, newest first, a page at a time."""

from collections.abc import Iterable
from datetime import datetime

import frappe
from frappe import _
from frappe.query_builder import Order
from frappe.query_builder.functions import Count
from frappe.utils import cint, get_datetime
from pypika import Criterion
from pypika.queries import Table

from crm_transparency.crm_transparency import activity, report_parts
from crm_transparency.crm_transparency.activity import Cursor
from crm_transparency.crm_transparency.period import Period
from crm_transparency.crm_transparency.report_parts import Series, column
from crm_transparency.ledger import entries, names
from crm_transparency.ownership import ownership_visibility, patterns
from crm_transparency.ownership.account_history import FIELDS
from crm_transparency.ownership.ownership_visibility import LEDGER, REASONS

DEFAULT_DAYS = 90
#: more than half a year is shown by month, and more than two years by year
MOST_BARS = 27
PERSONS = ("previous_owner", "new_owner", "taken_from", "changed_by")
#: a Baseline is no change; in the order in which bars are stacked
KIND_COLORS = {
	"Assigned": "#48BB74",
	"Taken Over": "#F8814F",
	"Handed Over": "#4299E1",
	"Reassigned": "#9F7AEA",
	"Released": "#A0AEC0",
}


def execute(filters: dict | None = None) -> tuple:
	"""Return columns, rows, the note that there are more, and the chart."""
	filters = frappe._dict(filters or {})
	limit = activity.rows_wanted(filters, LEDGER)
	rows = newest_changes(filters, limit + 1)
	next_page = cursor_of(rows[limit - 1]) if len(rows) > limit else None
	rows = in_sequence(rows[:limit])
	describe(rows)
	if next_page:
		rows[-1].next_page = str(next_page)
	return (
		columns(),
		rows,
		activity.note_of_cut(next_page, limit),
		None if filters.everything else chart(filters),
	)


def columns() -> list[dict]:
	return [
		column("changed_on", _("Changed on"), 185, "Datetime"),
		column("utc_offset", _("UTC offset"), 100),
		column("account_title", _("Account"), 220),
		column("document_type", _("Type"), 100),
		column("kind", _("Kind"), 110),
		column("previous_owner_name", _("From"), 150),
		column("new_owner_name", _("To"), 150),
		column("taken_from_name", _("Taken from"), 150),
		column("changed_by_name", _("Changed by"), 150),
		column("source", _("Source"), 120),
		column("reasons", _("Reason"), 240),
	]


def newest_changes(filters: frappe._dict, limit: int) -> list[frappe._dict]:
	"""Return the newest `limit` entries that match the filters and that the user may see, newest first.

	A person can be found in several fields, and one query for each of them can use that field's index, where one
	query for all of them would read everything.
	"""
	found = {
		row.name: row
		for persons_field in _fields_to_search(filters)
		for row in _search(filters, persons_field, limit)
	}
	return sorted(found.values(), key=lambda row: cursor_of(row).sort_key())[:limit]


def in_sequence(rows: list[frappe._dict]) -> list[frappe._dict]:
	"""Return entries newest first also in the hour that comes twice, each with its offset."""
	for row in rows:
		row.utc_offset = row.utc_offset or entries.utc_offset(row.name)
	return sorted(rows, key=_written_on, reverse=True)


def _written_on(row: frappe._dict) -> tuple[datetime, str]:
	return datetime.fromisoformat(f"{get_datetime(row.changed_on)}{row.utc_offset}"), row.name


def cursor_of(row: frappe._dict) -> Cursor:
	return Cursor(get_datetime(row.changed_on), LEDGER, row.name)


def describe(rows: list[frappe._dict]) -> None:
	"""Add to the rows what people are called, the reasons given afterwards, and what can be opened."""
	called = names.full_names_at(
		(row[field], row.changed_on) for row in rows for field in (*PERSONS, "impersonated_by")
	)
	given = _reasons_given([row.name for row in rows])
	for row in rows:
		row.document_type = _(row.reference_doctype)
		row.reasons = " · ".join(filter(None, [row.reason, *given.get(row.name, ())]))
		for field in PERSONS:
			row[f"{field}_name"] = called.get((row[field], row.changed_on))
		if row.impersonated_by:
			row.changed_by_name = _("{0}, signed in as {1}").format(
				called[row.impersonated_by, row.changed_on], row.changed_by_name
			)


def chart(filters: frappe._dict) -> dict | None:
	"""Return a bar for each week, month or year, with the changes by kind."""
	unit, starts = Period.of_filters(filters, DEFAULT_DAYS).calendar_parts(MOST_BARS)
	counts = _count_by_kind_and_part(filters, starts)
	series = [Series(_(kind), counts[kind], color) for kind, color in KIND_COLORS.items()]
	return report_parts.bars(report_parts.bar_labels(unit, starts), series, stacked=True)


def _count_by_kind_and_part(filters: frappe._dict, starts: list[datetime]) -> dict[str, list[int]]:
	"""Return, by kind, how many changes there were from each start to the next.

	One query for each part: within a part the database counts along its index, without looking at a row or sorting
	anything.
	"""
	table = frappe.qb.DocType(LEDGER)
	query = frappe.qb.from_(table).select(table.kind, Count("*")).groupby(table.kind)
	query = query.where(table.kind.isin(list(KIND_COLORS)) & _matches(filters, table))
	counts = {kind: [0] * len(starts) for kind in KIND_COLORS}
	for part, (start, end) in enumerate(zip(starts, [*starts[1:], None], strict=True)):
		of_part = query.where(table.changed_on >= start)
		for kind, count in (of_part.where(table.changed_on < end) if end else of_part).run():
			counts[kind][part] = count
	return counts


def _fields_to_search(filters: frappe._dict) -> tuple[str | None, ...]:
	if filters.reference_name or filters.changed_by or filters.previous_owner:
		return (None,)  # one of these narrows the search better
	if filters.person:
		return PERSONS
	return (None,) if ownership_visibility.sees_everything() else ownership_visibility.CONCERNED


def _search(filters: frappe._dict, persons_field: str | None, limit: int) -> list[frappe._dict]:
	table = frappe.qb.DocType(LEDGER)
	query = frappe.qb.from_(table).select(*(table[field] for field in FIELDS))
	query = query.where(_matches(filters, table, (persons_field,) if persons_field else PERSONS))
	is_older = activity.older_than(Cursor.parse(filters.before), LEDGER, table.changed_on, table.name)
	if is_older is not None:
		query = query.where(is_older)
	query = query.orderby(table.changed_on, order=Order.desc).orderby(table.name, order=Order.desc)
	return query.limit(limit).run(as_dict=True)


def _matches(filters: frappe._dict, table: Table, persons_fields: tuple[str, ...] = PERSONS) -> Criterion:
	"""Return the condition under which the user may see an entry and it matches the filters, the person in any of the fields."""
	condition = Period.of_filters(filters, DEFAULT_DAYS).contains(table.changed_on)
	for field in ("reference_doctype", "kind", "source"):
		if filters.get(field):
			condition &= table[field] == filters[field]
	if filters.reference_name:
		condition &= _is_account(filters, table)
	for field in ("changed_by", "new_owner"):
		if filters.get(field):
			condition &= _is_person(filters[field], [field], table)
	if cint(filters.takeovers):
		colleague = filters.previous_owner and (
			lambda field: _is_person(filters.previous_owner, [field], table)
		)
		condition &= patterns.is_takeover(table, colleague)
	elif filters.previous_owner:
		condition &= _is_person(filters.previous_owner, ["previous_owner"], table)
	if filters.person:
		condition &= _is_person(filters.person, persons_fields, table)
	elif len(persons_fields) == 1:
		condition &= _is_person(frappe.session.user, persons_fields, table)
	visible = ownership_visibility.criterion(table)
	return condition if visible is None else condition & visible


def _is_account(filters: frappe._dict, table: Table) -> Criterion:
	if not filters.reference_doctype:
		frappe.throw(_("Please choose the document type that {0} belongs to.").format(filters.reference_name))
	spans = names.spans(filters.reference_doctype, filters.reference_name)
	return names.criterion(spans, table.reference_name, table.changed_on)


def _is_person(user: str, fields: Iterable[str], table: Table) -> Criterion:
	return names.is_about([user], fields, table, table.changed_on)


def _reasons_given(changes: list[str]) -> dict[str, list[str]]:
	given = {}
	if changes:
		rows = frappe.get_all(
			REASONS,
			filters={"account_owner_change": ("in", changes)},
			fields=["account_owner_change", "reason"],
			order_by="given_on, name",
		)
		for row in rows:
			given.setdefault(row.account_owner_change, []).append(row.reason)
	return given
