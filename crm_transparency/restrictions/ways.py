"""By which ways a document hangs on a restricted one, and each of them as SQL.

A document hangs on a restricted one when one of its links, or one in its tables, names it (a contact, an order, a mail, a
file, a ledger entry); when one names an account that hangs on it; or when it is a record beside a document that does
(the version of an order, the file at a mail).

Each way is one `exists` over the tables on it, in which every table but the first is read by primary key. So a page of a
list costs a few look-ups for each of its rows, however many documents there are.
"""

from collections.abc import Iterator
from typing import NamedTuple

import frappe

from crm_transparency.crm_transparency import registry
from crm_transparency.crm_transparency.permission_results import quoted
from crm_transparency.restrictions.filters import as_sql
from crm_transparency.restrictions.links import (
	NO_NOTES,
	REFERENCES,
	Link,
	links_between_doctypes,
	links_of,
)
from crm_transparency.restrictions.register import Restriction

#: what never hangs on anything: it says what exists, not what is in it
NEVER_HIDDEN = ("DocType", "Access Restriction", "User", "Role", "Module Def", "Report", "Property Setter")
#: the one record beside documents that has records beside it of its own: its attachments
MAIL = "Communication"
#: per request, what was worked out already
HANGING = "crm_transparency_hanging_doctypes"
FILTERS = "crm_transparency_restriction_filters"


class Step(NamedTuple):
	"""From a document of `doctype`, by `link`, to one of `target`."""

	doctype: str
	link: Link
	target: str


Way = tuple[Step, ...]


def hidden_records(restriction: Restriction, doctype: str) -> str | None:
	"""Return the condition of what the filter finds and of what hangs on that, None where nothing can."""
	if doctype in NEVER_HIDDEN:
		return None
	if doctype == restriction.document_type:
		return filter_condition(restriction)
	return " or ".join(sql_of(restriction, way) for way in ways(restriction, doctype)) or None


def ways(restriction: Restriction, doctype: str) -> Iterator[Way]:
	"""Yield all ways from documents of `doctype` to restricted ones."""
	yield from direct_ways(restriction, doctype)
	yield from ways_by_what_it_is_about(restriction, doctype)
	for link in links_of(doctype):
		if link.fieldname == "parent" and link.target != restriction.document_type:
			yield from ((Step(doctype, link, link.target), *way) for way in ways(restriction, link.target))


def direct_ways(restriction: Restriction, doctype: str, by_account: bool = True) -> Iterator[Way]:
	"""Yield the ways by a link to a restricted document and, `by_account`, by a link to an account that has one."""
	if doctype == restriction.document_type:
		yield ()
		return
	if doctype in NEVER_HIDDEN:
		return
	for link in links_of(doctype):
		for target in targets(restriction, link, by_account):
			if target != doctype:
				yield from (
					(Step(doctype, link, target), *way) for way in direct_ways(restriction, target, False)
				)


def targets(restriction: Restriction, link: Link, by_account: bool) -> list[str]:
	"""Return the DocTypes, of the restricted one and of accounts, that a link can name documents of."""
	found = dict.fromkeys([restriction.document_type, *(registry.tracked_doctypes() if by_account else ())])
	return [target for target in found if link.target in (None, target)]


def ways_by_what_it_is_about(restriction: Restriction, doctype: str) -> Iterator[Way]:
	"""Yield the ways of records beside documents, such as versions, files and mails."""
	about = [link for link in links_of(doctype) if says_what_it_is_about(doctype, link)]
	for target in hanging_doctypes(restriction) if about else ():
		if target == doctype:
			continue
		onward = list(direct_ways(restriction, target))
		if target == MAIL:
			onward += ways_by_what_it_is_about(restriction, MAIL)
		yield from ((Step(doctype, link, target), *way) for link in about for way in onward)


def says_what_it_is_about(doctype: str, link: Link) -> bool:
	"""Say whether a link makes a document a record beside the one it names. A contact's, to whom it belongs, doesn't."""
	is_reference = link.target is None and (link.type_field, link.fieldname) in REFERENCES
	return is_reference and (not link.table or doctype in NO_NOTES)


def hanging_doctypes(restriction: Restriction) -> list[str]:
	"""Return the DocTypes, accounts aside, whose documents can hang on a restricted one."""
	known = frappe.local.cache.setdefault(HANGING, {})
	if restriction not in known:
		links = links_between_doctypes()
		chain = {restriction.document_type, *registry.tracked_doctypes()}
		candidates = links.by_doctype.keys() - links.notes - chain
		known[restriction] = sorted(
			doctype for doctype in candidates if any(direct_ways(restriction, doctype))
		)
	return known[restriction]


def filter_condition(restriction: Restriction) -> str:
	"""Return the condition of what the filter itself finds, which may have to ask what is below a node of a tree."""
	known = frappe.local.cache.setdefault(FILTERS, {})
	if restriction not in known:
		known[restriction] = as_sql(restriction.document_type, restriction.record_filter)
	return known[restriction]


def sql_of(restriction: Restriction, way: Way) -> str:
	"""Return the condition that a document hangs on a restricted one by this way.

	Tables have names of their own on it, but for the first, which the asking query has, and the last, which the filter
	speaks of. What the first document says of itself is asked first: mostly that decides.
	"""
	here = f"`tab{way[0].doctype}`"
	tables, conditions, first = [], [], ""
	for number, (doctype, link, target) in enumerate(way):
		if link.table:
			row = f"`row{number}`"
			tables.append(f"`tab{link.table}` {row}")
			conditions += [f"{row}.`parent` = {here}.`name`", f"{row}.`parenttype` = {quoted(doctype)}"]
			here = row
		if link.type_field:
			is_target = f"{here}.`{link.type_field}` = {quoted(target)}"
			if number or link.table:
				conditions.append(is_target)
			else:
				first = f"{is_target} and "
		is_last = number == len(way) - 1
		there = f"`tab{target}`" if is_last else f"`step{number}`"
		tables.append(there if is_last else f"`tab{target}` {there}")
		conditions.append(f"{there}.`name` = {here}.`{link.fieldname}`")
		here = there
	conditions.append(f"({filter_condition(restriction)})")
	return f"({first}exists (select 1 from {', '.join(tables)} where {' and '.join(conditions)}))"
