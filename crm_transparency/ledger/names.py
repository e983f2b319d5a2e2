"""Names change, ledger entries don't: an entry keeps the name that a document had when the entry was written.

So every renaming and merging of an account or a user is an entry of its own, in the ledger Ledger Name Change, and
whoever looks for a document's entries asks here under which names, and in which times, they stand.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import frappe
from frappe.query_builder import Order
from frappe.utils import get_datetime, now_datetime
from pypika import Criterion
from pypika.terms import Field

from crm_transparency.crm_transparency.permissions import quoted
from crm_transparency.crm_transparency.staff import current_actor
from crm_transparency.ledger import entries

LEDGER = "Ledger Name Change"


class NameSpan(NamedTuple):
	"""A name that a document bore: after `since` (None: from the beginning) and up to `until` (None: until today)."""

	name: str
	since: str | None
	until: str | None


def record_end(doctype: str, name: str) -> entries.LedgerEntry:
	"""Write down that the document was deleted: whatever is called `name` from now on is another one."""
	return record(doctype, name, None, merged=False)


def record(doctype: str, old: str, new: str | None, merged: bool) -> entries.LedgerEntry:
	"""Write down that the document `old` is called `new` from now on, or went up in the existing document `new`."""
	actor = current_actor()
	return entries.add(
		LEDGER,
		reference_doctype=doctype,
		old_name=old,
		new_name=new,
		merged=int(merged),
		changed_by=actor.user,
		impersonated_by=actor.impersonated_by,
		changed_on=now_datetime(),
	)


def spans(doctype: str, name: str, until: str | None = None) -> list[NameSpan]:
	"""Return the names under which a document's entries stand, newest first, those of merged documents included.

	A name can be used again: after Harbour was renamed to Quay, a new Harbour may come. So each name counts only for
	the time in which it meant this document.
	"""
	changes = _changes_around(doctype, name, until)
	since = max((change.changed_on for change in changes if change.old_name == name), default=None)
	found = [NameSpan(name, since, until)]
	for change in changes:
		if change.new_name == name and (since is None or change.changed_on > since):
			found += spans(doctype, change.old_name, until=change.changed_on)
	return found


def criterion(document_spans: list[NameSpan], name: Field, moment: Field) -> Criterion:
	"""Return the condition under which an entry, with its `name` and `moment`, belongs to one of the spans."""
	return Criterion.any(_within(span, name, moment) for span in document_spans)


def condition(document_spans: list[NameSpan], name: str, moment: str) -> str:
	"""Return `criterion` as SQL for a `permission_query_conditions` hook; `name` and `moment` are columns as SQL."""
	return " or ".join(_within_as_sql(span, name, moment) for span in document_spans)


def is_meant(document_spans: list[NameSpan], name: str | None, moment: datetime | str) -> bool:
	"""Return whether a `name` that stands in an entry of some `moment` means the document, as `criterion` does in SQL."""
	moment = get_datetime(moment)
	return any(
		name == span.name
		and (not span.since or moment > get_datetime(span.since))
		and (not span.until or moment <= get_datetime(span.until))
		for span in document_spans
	)


def current_name(doctype: str, name: str) -> str:
	"""Return what the document that was once called `name` is called today; `name` itself if it was never renamed."""
	since = None
	while (change := _next_change(doctype, name, since)) and change.new_name:
		name, since = change.new_name, change.changed_on
	return name


def was_merged(doctype: str, name: str, since: datetime | str) -> bool:
	"""Return whether the document `name`, which came into being at `since`, went up in another one."""
	change = _next_change(doctype, name, since)
	return bool(change and change.merged)


def _within(span: NameSpan, name: Field, moment: Field) -> Criterion:
	condition = name == span.name
	if span.since:
		condition &= moment > span.since
	if span.until:
		condition &= moment <= span.until
	return condition


def _within_as_sql(span: NameSpan, name: str, moment: str) -> str:
	conditions = [f"{name} = {quoted(span.name)}"]
	if span.since:
		conditions.append(f"{moment} > {quoted(str(span.since))}")
	if span.until:
		conditions.append(f"{moment} <= {quoted(str(span.until))}")
	return f"({' and '.join(conditions)})"


def _changes_around(doctype: str, name: str, until: str | None) -> list[frappe._dict]:
	table = frappe.qb.DocType(LEDGER)
	query = (
		frappe.qb.from_(table)
		.select(table.old_name, table.new_name, table.changed_on)
		.where(table.reference_doctype == doctype)
		.where((table.new_name == name) | (table.old_name == name))
		.orderby(table.changed_on, order=Order.desc)
	)
	if until:
		query = query.where(table.changed_on < until)
	return query.run(as_dict=True)


def _next_change(doctype: str, name: str, since: datetime | str | None) -> frappe._dict | None:
	table = frappe.qb.DocType(LEDGER)
	query = (
		frappe.qb.from_(table)
		.select(table.new_name, table.changed_on, table.merged)
		.where((table.reference_doctype == doctype) & (table.old_name == name))
		.orderby(table.changed_on, order=Order.desc)
		.limit(1)
	)
	if since:
		query = query.where(table.changed_on > since)
	rows = query.run(as_dict=True)
	return rows[0] if rows else None


def current_names(doctype: str, asked: Iterable[str]) -> dict[str, str]:
	"""Return what each document is called today, by the name asked for."""
	asked = set(asked)
	if not asked:
		return {}
	filters = {"reference_doctype": doctype, "old_name": ("in", asked)}
	renamed = set(frappe.get_all(LEDGER, filters=filters, pluck="old_name"))
	return {name: current_name(doctype, name) if name in renamed else name for name in asked}


def former_names(doctype: str, asked: Iterable[str]) -> set[str]:
	"""Return the names under which entries about these documents stand: theirs, and those they had before."""
	found, newly_found = set(), set(asked)
	while newly_found:
		found |= newly_found
		filters = {"reference_doctype": doctype, "new_name": ("in", newly_found)}
		newly_found = set(frappe.get_all(LEDGER, filters=filters, pluck="old_name")) - found
	return found


def full_names(users: Iterable[str | None]) -> dict[str, str]:
	"""Return what people are called today, by the user that an entry names, renamed users included."""
	current = current_names("User", filter(None, users))
	called = dict(
		frappe.get_all(
			"User",
			filters={"name": ("in", set(current.values()))},
			fields=["name", "full_name"],
			as_list=True,
		)
		if current
		else ()
	)
	return {user: called.get(name) or user for user, name in current.items()}
