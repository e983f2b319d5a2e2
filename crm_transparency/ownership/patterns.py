"""Takeovers of colleagues' accounts: who, how often, from whom, and whether the account went back.

These are facts for a conversation, not verdicts. A takeover counts if somebody made themselves the owner of an account
that a colleague had, also if it had no owner, or another one, for a moment in between. It doesn't count

- if an Account Transfer did it: transfers and offboarding move accounts because somebody decided so;
- if nobody saw who did it (Untracked);
- if an administrator did it in the person's name.

Functions here don't check who asks. The report does, and so must other callers.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

import frappe
from frappe import _
from frappe.query_builder.functions import Count
from frappe.utils import cint, get_datetime
from pypika import Criterion
from pypika.queries import QueryBuilder, Table
from pypika.terms import Field

from crm_transparency.crm_transparency import formatting, registry
from crm_transparency.crm_transparency.period import Period
from crm_transparency.ledger import names
from crm_transparency.ownership.changes import ACCOUNT_TRANSFER, UNTRACKED
from crm_transparency.ownership.ownership_visibility import LEDGER

NOT_BY_HAND = (ACCOUNT_TRANSFER, UNTRACKED)
#: what is read of a takeover
TAKEOVER = (
	*("name", "reference_doctype", "reference_name"),
	*("previous_owner", "new_owner", "taken_from", "changed_by", "changed_on"),
)
#: of how many parts the course of a period consists
PARTS = 12


class FromColleague(NamedTuple):
	"""What one person took over from one colleague."""

	colleague: str
	takeovers: int
	given_back: int


@dataclass(frozen=True)
class TakeoverPattern:
	"""One person's takeovers in a period."""

	person: str
	takeovers: int
	#: accounts that went back to the colleague afterwards, whoever moved them
	given_back: int
	#: most takeovers first
	colleagues: tuple[FromColleague, ...]
	#: account owner changes of all kinds that the person made by hand
	all_changes: int
	#: takeovers in the period of the same length before
	takeovers_before: int
	#: takeovers in each twelfth of the period
	course: tuple[int, ...]
	#: whether the takeovers reach the settings' number within the settings' days
	is_pattern: bool

	@property
	def share(self) -> float:
		"""Takeovers in percent of all changes that the person made."""
		return 100 * self.takeovers / self.all_changes if self.all_changes else 0.0

	def in_words(self) -> str:
		"""Say in two sentences what happened."""
		return f"{self._what_was_taken_over()} {self._what_was_given_back()}"

	def _what_was_taken_over(self) -> str:
		if self.takeovers == 1:
			return _("Took over 1 account of a colleague.")
		if len(self.colleagues) == 1:
			return _("Took over {0} accounts of one colleague.").format(formatting.number(self.takeovers))
		return _("Took over {0} accounts of {1} colleagues.").format(
			formatting.number(self.takeovers), formatting.number(len(self.colleagues))
		)

	def _what_was_given_back(self) -> str:
		if not self.given_back:
			return _("None was given back.")
		if self.given_back == 1:
			return _("1 was given back.")
		return _("{0} were given back.").format(formatting.number(self.given_back))


class Threshold(NamedTuple):
	"""So many takeovers within so many days make a pattern."""

	takeovers: int
	days: int


def takeover_patterns(
	from_date: date | str, to_date: date | str, user: str | None = None, at_most: int | None = None
) -> list[TakeoverPattern]:
	"""Return everyone who took over accounts of colleagues from `from_date` to `to_date` (days, both included).

	`is_pattern` says whose takeovers make a pattern; these come first, then those with the most. `user` asks about one
	person, `at_most` for so many people with the most takeovers.
	"""
	period = Period.of_days(from_date, to_date)
	counts = _count_takeovers(period, names.former_names("User", [user]) if user else None)
	asked = [user] if user and counts[user] else () if user else counts
	persons = sorted(asked, key=lambda person: (-counts[person], person))[:at_most]
	if not persons:
		return []
	known_as = names.former_names("User", persons)
	before, all_changes = _count_takeovers(period.before(), known_as), _count_all_changes(period, known_as)
	takeovers = _takeovers_by_person(period, known_as)
	found = [
		_pattern(person, period, takeovers[person], all_changes[person], before[person]) for person in persons
	]
	return sorted(found, key=lambda pattern: (not pattern.is_pattern, -pattern.takeovers, pattern.person))


def threshold() -> Threshold:
	"""Return what makes a pattern, from the settings."""
	settings = frappe.get_cached_doc(registry.SETTINGS)
	return Threshold(max(1, cint(settings.pattern_takeovers)), max(1, cint(settings.pattern_days)))


def reaches(moments: Iterable[datetime], limit: Threshold) -> bool:
	"""Return whether so many of the moments lie within so many days."""
	ordered = sorted(moments)
	last_ones = ordered[limit.takeovers - 1 :]
	return any(
		last - first < timedelta(days=limit.days) for first, last in zip(ordered, last_ones, strict=False)
	)


def _pattern(
	person: str, period: Period, takeovers: list[frappe._dict], all_changes: int, takeovers_before: int
) -> TakeoverPattern:
	course = Counter(period.part(takeover.changed_on, PARTS) for takeover in takeovers)
	return TakeoverPattern(
		person=person,
		takeovers=len(takeovers),
		given_back=sum(takeover.given_back for takeover in takeovers),
		colleagues=_from_colleagues(takeovers),
		all_changes=all_changes,
		takeovers_before=takeovers_before,
		course=tuple(course[part] for part in range(PARTS)),
		is_pattern=reaches((takeover.changed_on for takeover in takeovers), threshold()),
	)


def _from_colleagues(takeovers: list[frappe._dict]) -> tuple[FromColleague, ...]:
	taken = Counter(takeover.colleague for takeover in takeovers)
	given_back = Counter(takeover.colleague for takeover in takeovers if takeover.given_back)
	return tuple(
		FromColleague(colleague, count, given_back[colleague])
		for colleague, count in sorted(taken.items(), key=lambda item: (-item[1], item[0]))
	)


def _count_takeovers(period: Period, users: set[str] | None) -> Counter[str]:
	counts = Counter()
	for person, are_takeovers in _kinds_of_takeovers():
		counts += _count(period, users, person, are_takeovers)
	return counts


def _count_all_changes(period: Period, users: set[str]) -> Counter[str]:
	kinds = _ledger().kind.isin(("Assigned", "Taken Over", "Handed Over", "Reassigned", "Released"))
	return _count(period, users, "changed_by", kinds)


def _count(period: Period, users: set[str] | None, person: str, condition: Criterion) -> Counter[str]:
	"""Count changes by who, by the name of today, stands in the field `person`."""
	table = _ledger()
	today = names.person_today(table[person], table.changed_on)
	query = frappe.qb.from_(table).select(today, Count("*")).groupby(today)
	query = query.where(condition & _is_by_hand(table) & _is_one_of(users, table[person]))
	return Counter(dict(query.where(period.contains(table.changed_on)).run()))


def _takeovers_by_person(period: Period, users: set[str]) -> dict[str, list[frappe._dict]]:
	"""Return the takeovers of people, whose names of today and before are `users`, by their names of today.

	Each has `colleague`, `changed_on` and `given_back`.
	"""
	table, takeovers = _ledger(), []
	later_owners: dict[str, set[names.Mention]] = defaultdict(set)
	for person, are_takeovers in _kinds_of_takeovers():
		condition = are_takeovers & _is_by_hand(table) & _is_one_of(users, table[person])
		query = frappe.qb.from_(table).where(condition & period.contains(table.changed_on))
		for row in query.select(*(table[field] for field in TAKEOVER)).run(as_dict=True):
			row.person, row.colleague = row[person], row.taken_from or row.previous_owner
			takeovers.append(row)
		_add_later_owners(later_owners, query)
	_add_owners_under_new_names(takeovers, later_owners, period)
	mentions = {mention for owners in later_owners.values() for mention in owners}
	mentions |= {(row[who], row.changed_on) for row in takeovers for who in ("person", "colleague")}
	today = names.people(mentions)
	by_person = defaultdict(list)
	for takeover in takeovers:
		takeover.colleague = today[takeover.colleague, takeover.changed_on]
		takeover.given_back = takeover.colleague in {today[owner] for owner in later_owners[takeover.name]}
		by_person[today[takeover.person, takeover.changed_on]].append(takeover)
	return by_person


def _add_later_owners(owners: dict[str, set[names.Mention]], takeovers: QueryBuilder) -> None:
	"""Add, by takeover that a query selects, who had the account after it, and from when, in the order of entries.

	Asked apart from the takeovers: an outer join would look at all entries of each account, not only at later ones.
	"""
	takeover, later = _ledger(), _ledger().as_("later")
	is_later = (
		(later.reference_doctype == takeover.reference_doctype)
		& (later.reference_name == takeover.reference_name)
		& (later.name > takeover.name)
		& (later.source != ACCOUNT_TRANSFER)
		& later.new_owner.isnotnull()
	)
	query = takeovers.inner_join(later).on(is_later)
	for name, owner, changed_on in query.select(takeover.name, later.new_owner, later.changed_on).run():
		owners[name].add((owner, get_datetime(changed_on)))


def _add_owners_under_new_names(
	takeovers: list[frappe._dict], later_owners: dict[str, set[names.Mention]], period: Period
) -> None:
	"""Add who had those accounts that were renamed, or merged into others, after they were taken over."""
	table = frappe.qb.DocType(names.LEDGER)
	renamed_since = (
		frappe.qb.from_(table)
		.select(table.reference_doctype, table.old_name)
		.where(table.reference_doctype.isin({takeover.reference_doctype for takeover in takeovers}))
		.where(table.changed_on >= period.start)
		.run()
	)
	renamed_accounts = set(renamed_since)
	for takeover in takeovers:
		if (takeover.reference_doctype, takeover.reference_name) in renamed_accounts:
			later_owners[takeover.name].update(_owners_after(takeover))


def _owners_after(takeover: frappe._dict) -> list[names.Mention]:
	"""Return who had an account after a takeover, under whatever names it stands in the ledger since then."""
	table, doctype = _ledger(), takeover.reference_doctype
	spans = names.spans(doctype, names.current_name(doctype, takeover.reference_name, takeover.changed_on))
	belongs_to_account = names.criterion(spans, table.reference_name, table.changed_on)
	return (
		frappe.qb.from_(table)
		.select(table.new_owner, table.changed_on)
		.where((table.reference_doctype == doctype) & belongs_to_account & (table.name > takeover.name))
		.where(table.new_owner.isnotnull() & (table.source != ACCOUNT_TRANSFER))
		.run()
	)


def is_takeover(table: Table, colleague: Callable[[str], Criterion] | None = None) -> Criterion:
	"""Return the condition of what counts here as a takeover; from the colleague whom a condition on a field means."""
	(_person, is_straight), (_taker, is_on_detour) = _kinds_of_takeovers()
	if colleague:
		was_straight = table.taken_from.isnull() | (table.taken_from == "")
		is_straight &= colleague("taken_from") | (was_straight & colleague("previous_owner"))
		is_on_detour &= colleague("taken_from")
	return (is_straight | is_on_detour) & _is_by_hand(table)


def _ledger() -> Table:
	return frappe.qb.DocType(LEDGER)


def _kinds_of_takeovers() -> tuple[tuple[str, Criterion], ...]:
	"""Return the conditions of takeovers, straight and on a detour, each with the field that says who took the account."""
	table = _ledger()
	is_straight = table.kind == "Taken Over"
	is_on_detour = table.taken_from.isnotnull() & (table.taken_from != "") & (table.kind != "Taken Over")
	return ("changed_by", is_straight), ("new_owner", is_on_detour)


def _is_one_of(users: set[str] | None, person: Field) -> Criterion:
	return person.isin(users) if users else person.isnotnull()


def _is_by_hand(table: Table) -> Criterion:
	in_own_name = table.impersonated_by.isnull() | (table.impersonated_by == "")
	return table.source.notin(NOT_BY_HAND) & in_own_name
