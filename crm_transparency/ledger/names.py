"""Names change, ledger entries don't: an entry keeps the name that a document had when the entry was written.

So every renaming and merging of an account or a user is an entry of its own, in the ledger Ledger Name Change, and
whoever looks for a document's entries asks here under which names, and in which times, they stand.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

import frappe
from frappe.query_builder import Order
from frappe.utils import get_datetime, now_datetime
from pypika import Case, Criterion
from pypika.queries import Table
from pypika.terms import Field, Term

from crm_transparency.crm_transparency.database import Constant
from crm_transparency.crm_transparency.permissions import quoted
from crm_transparency.crm_transparency.staff import current_actor
from crm_transparency.ledger import entries

LEDGER = "Ledger Name Change"
JUST_AFTER = timedelta(microseconds=1)


class NameSpan(NamedTuple):
	"""A name that a document bore: after `since` (None: from the beginning) and up to `until` (None: until today)."""

	name: str
	since: str | None
	until: str | None


def record_end(doctype: str, name: str, title: str | None) -> entries.LedgerEntry:
	"""Write down that the document was deleted: whatever is called `name` from now on is another one."""
	return record(doctype, name, None, merged=False, title=title)


def record(
	doctype: str, old: str, new: str | None, merged: bool, title: str | None = None
) -> entries.LedgerEntry:
	"""Write down that the document `old` is called `new` from now on, or went up in the existing document `new`."""
	actor = current_actor()
	return entries.add(
		LEDGER,
		reference_doctype=doctype,
		old_name=old,
		new_name=new,
		title=title,
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


def is_about(users: Iterable[str], fields: Iterable[str], table: Table, moment: Field) -> Criterion:
	"""Return the condition under which one of the fields of an entry, written at `moment`, means one of the users."""
	of_users = [span for user in users for span in spans("User", user)]
	return Criterion.any(criterion(of_users, table[field], moment) for field in fields)


def is_about_as_sql(user: str, doctype: str, fields: Iterable[str], moment: str) -> str:
	"""Return `is_about` for one user as SQL on the table of `doctype`; `moment` is a field."""
	of_user = spans("User", user)
	return " or ".join(
		condition(of_user, f"`tab{doctype}`.`{field}`", f"`tab{doctype}`.`{moment}`") for field in fields
	)


def current_name(doctype: str, name: str, at: datetime | str | None = None) -> str:
	"""Return what the document that was called `name` at a moment is called today; `name` if it was never renamed.

	Without a moment, the last document that gave the name up is meant.
	"""
	return _last_name(_changes_from(doctype, [name]), name, at)[0]


def _changes_from(doctype: str, asked: Iterable[str]) -> dict[str, list[frappe._dict]]:
	"""Return by name the changes that ended it, oldest first: of the names asked for, and of those that came after them."""
	found, asked = {}, set(asked)
	while asked:
		found |= {name: [] for name in asked}
		filters = {"reference_doctype": doctype, "old_name": ("in", asked)}
		fields = ["old_name", "new_name", "title", "changed_on"]
		changes = frappe.get_all(LEDGER, filters=filters, fields=fields, order_by="changed_on")
		for change in changes:
			found.setdefault(change.old_name, []).append(change)
		asked = {change.new_name for change in changes if change.new_name} - found.keys()
	return found


def _last_name(
	changes: dict[str, list[frappe._dict]], name: str, at: datetime | str | None
) -> tuple[str, frappe._dict | None]:
	"""Return the last name of a document, and the change by which that ended, if it was deleted."""
	# what was written in the moment of a change was written before it
	since = at and get_datetime(at) - JUST_AFTER
	known = [change for change in changes[name] if not since or change.changed_on > since]
	change = known[0 if at else -1] if known else None
	while change and change.new_name:
		name, since = change.new_name, change.changed_on
		change = next((later for later in changes[name] if later.changed_on > since), None)
	return name, change


def was_merged(doctype: str, name: str, since: datetime | str) -> bool:
	"""Return whether the document `name`, which came into being at `since`, went up in another one."""
	later = {"reference_doctype": doctype, "old_name": name, "changed_on": (">", get_datetime(since))}
	return bool(frappe.db.get_value(LEDGER, later, "merged", order_by="changed_on desc"))


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


def current_names(doctype: str, asked: Iterable[str]) -> dict[str, str]:
	"""Return what each document is called today, by the name asked for."""
	asked = set(asked)
	changes = _changes_from(doctype, asked)
	return {name: _last_name(changes, name, None)[0] for name in asked}


def former_names(doctype: str, asked: Iterable[str]) -> set[str]:
	"""Return the names under which entries about these documents stand: theirs, and those they had before."""
	found, newly_found = set(), set(asked)
	while newly_found:
		found |= newly_found
		known_as = {"new_name": ("in", newly_found)}
		if doctype == "User":
			known_as["title"] = ("in", newly_found)  # as `people` calls those who are gone
		changes = frappe.get_all(
			LEDGER, filters={"reference_doctype": doctype}, or_filters=known_as, pluck="old_name"
		)
		newly_found = set(changes) - found
	return found


Mention = tuple[str | None, datetime | str]


def people(mentions: Iterable[Mention]) -> dict[Mention, str]:
	"""Return which user of today each mention means: a user as an entry of some moment names them.

	Somebody who was deleted, and whose name somebody else has now, comes with what they were called.
	"""
	resolved = _resolved(mentions)
	borne = _called({user for user, ended in resolved.values() if ended})
	return {
		mention: ended.title or user if ended and user in borne else user
		for mention, (user, ended) in resolved.items()
	}


def full_names_at(mentions: Iterable[Mention]) -> dict[Mention, str]:
	"""Return what the people whom entries mention are called, those who are gone as they were called then."""
	resolved = _resolved(mentions)
	called = _called({user for user, ended in resolved.values() if not ended})
	return {
		mention: (ended.title or user) if ended else called.get(user) or user
		for mention, (user, ended) in resolved.items()
	}


def full_names(users: Iterable[str | None]) -> dict[str, str]:
	"""Return what people are called today, by the user that an entry names, renamed users included."""
	current = current_names("User", filter(None, users))
	called = _called(set(current.values()))
	return {user: called.get(name) or user for user, name in current.items()}


def add_to_bootinfo(bootinfo: frappe._dict) -> None:
	"""Tell the Desk whom a user's name meant before somebody else got it: until when, and what that person is called."""
	table, user = frappe.qb.DocType(LEDGER), frappe.qb.DocType("User")
	query = frappe.qb.from_(table).inner_join(user).on(user.name == table.old_name)
	query = query.where(table.reference_doctype == "User").orderby(table.changed_on)
	mentions = query.select(table.old_name, table.changed_on).run()
	former: dict[str, list[tuple[str, str]]] = {}
	for mention, name in full_names_at(mentions).items():
		former.setdefault(mention[0], []).append((str(mention[1]), name))
	bootinfo.crm_transparency["former_people"] = {who: sorted(spans) for who, spans in former.items()}


def person_today(user: Field, moment: Field) -> Term:
	"""Return the expression for the user of today whom a row means, as `people` does."""
	changes = frappe.get_all(
		LEDGER,
		filters={"reference_doctype": "User"},
		fields=["old_name", "changed_on"],
		order_by="changed_on",
		as_list=True,
	)
	today, case = people(changes), Case()
	# names that mean nobody else, as most of those who were deleted
	renamed = {user for (user, _moment), person in today.items() if person != user}
	for old_name, changed_on in (change for change in changes if change[0] in renamed):
		case = case.when((user == old_name) & (moment <= changed_on), Constant(today[old_name, changed_on]))
	return case.else_(user) if renamed else user


def _resolved(mentions: Iterable[Mention]) -> dict[Mention, tuple[str, frappe._dict | None]]:
	"""Return by mention the last name of the person, and how it ended, if they were deleted."""
	mentions = {mention for mention in mentions if mention[0]}
	changes = _changes_from("User", {user for user, _moment in mentions})
	return {(user, moment): _last_name(changes, user, moment) for user, moment in mentions}


def _called(users: set[str]) -> dict[str, str]:
	if not users:
		return {}
	fields = ["name", "full_name"]
	return dict(frappe.get_all("User", filters={"name": ("in", users)}, fields=fields, as_list=True))
