"""Hide Records and Hide DocType: which documents a person doesn't get to see.

There is one predicate for each restriction and DocType, a piece of SQL. The list condition is its negation, the
document check asks the database whether it holds for the document, so the two can't disagree.

A document is hidden when the restriction's filter finds it, or when it hangs on a document that is hidden: when one of
its links, or one in its tables, names a document that the filter finds (a contact, an order, a mail, a file, a ledger
entry); or names an account that hangs on one; or when it is a record beside a document that hangs on one (the
version of an order, the file at a mail). It looks up what its links name by primary key, so a page of a list costs as
many look-ups as it has rows, however many documents there are.
"""

from collections.abc import Callable, Iterable
from itertools import compress

import frappe
from frappe.model.document import Document

from crm_transparency.crm_transparency import registry
from crm_transparency.crm_transparency.permission_results import pass_on, quoted
from crm_transparency.openness.restrictions import explanation
from crm_transparency.openness.restrictions.filters import as_sql
from crm_transparency.openness.restrictions.links import Link, links_between_doctypes, links_of
from crm_transparency.openness.restrictions.register import (
	HIDE_DOCTYPE,
	HIDE_FIELDS,
	HIDE_RECORDS,
	Restriction,
	in_force,
)

#: what never hangs on anything: it says what exists, not what is in it
NEVER_HIDDEN = ("DocType", "Access Restriction", "User", "Role", "Module Def", "Report", "Property Setter")
#: written down in the clear what a document held, so where fields are hidden it has to stay away as a whole
COPIES_OF_VALUES = {"Version": "ref_doctype", "Deleted Document": "deleted_doctype"}
#: the one record beside documents that has records beside it of its own: its attachments
MAIL = "Communication"
#: per request, what was worked out already
CONDITIONS = "crm_transparency_restriction_conditions"
PREDICATES = "crm_transparency_restriction_predicates"
HANGING = "crm_transparency_hanging_doctypes"
FILTERS = "crm_transparency_restriction_filters"


def query_condition(user: str | None = None, doctype: str | None = None) -> str:
	"""`permission_query_conditions` of every DocType."""
	return (condition(user, doctype) if doctype else None) or ""


def has_permission(doc: Document, ptype: str | None = None, user: str | None = None) -> bool | None:
	"""`has_permission` of every DocType."""
	user = user or frappe.session.user
	if not in_force(user):
		return pass_on()
	restriction = hiding_document(user, doc, ptype)
	if not restriction:
		return pass_on()
	explanation.note(restriction)
	return False


def condition(user: str, doctype: str) -> str | None:
	"""Return the SQL condition that documents of `doctype` have to meet for `user` to see them, None for no condition.

	It speaks of the DocType's own table under its own name, as `permission_query_conditions` do.
	"""
	user = user or frappe.session.user
	restrictions = in_force(user)
	if not restrictions or doctype in NEVER_HIDDEN:
		return None
	known = frappe.local.cache.setdefault(CONDITIONS, {})
	key = (user, doctype, tuple(restriction.name for restriction in restrictions))
	if key not in known:
		hidden = [predicate(restriction, doctype, quoted) for restriction in restrictions]
		known[key] = " and ".join(f"({sql}) is not true" for sql in hidden if sql) or None
	return known[key]


def hiding(user: str, doctype: str, name: str) -> Restriction | None:
	"""Return the restriction that hides a stored document from `user`, None if none does."""
	hidden = predicates(user or frappe.session.user, doctype)
	if not hidden:
		return None
	columns = ", ".join(f"({sql}) is true" for sql in hidden.values())
	found = frappe.db.sql(
		f"select {columns} from `tab{doctype}` where `tab{doctype}`.`name` = %(name)s", {"name": name}
	)
	answers = found[0] if found else ()
	return next(compress(hidden, answers), None)


def hiding_conditions(user: str, doctype: str) -> list[str]:
	"""`transparency_hidden_records`: for rooms that name documents in SQL or files of their own."""
	return list(predicates(user, doctype).values())


def predicates(user: str, doctype: str) -> dict[Restriction, str]:
	"""Return the user's restrictions that concern `doctype`, each with the SQL of what it hides there.

	For queries with values: percent signs are doubled in it, on every version.
	"""
	if doctype in NEVER_HIDDEN:
		return {}
	known = frappe.local.cache.setdefault(PREDICATES, {})
	restrictions = tuple(in_force(user))
	key = (doctype, tuple(restriction.name for restriction in restrictions))
	if restrictions and key not in known:
		hidden = {
			restriction: predicate(restriction, doctype, doubling_percent) for restriction in restrictions
		}
		known[key] = {restriction: sql for restriction, sql in hidden.items() if sql}
	return known[key] if restrictions else {}


def doubling_percent(text: str) -> str:
	return frappe.db.escape(text, percent=True)


def hiding_document(user: str, doc: Document, ptype: str | None) -> Restriction | None:
	"""Return the restriction that keeps `user` from doing something with a document as it is in memory.

	What is about to be saved may name a hidden document that the stored one doesn't name: saving it would fetch
	values from there.
	"""
	if doc.doctype in NEVER_HIDDEN:
		return None
	if hide_doctype := hiding_doctype(user, doc.doctype):
		return hide_doctype
	restriction = hiding(user, doc.doctype, doc.name) if doc.name and not doc.get("__islocal") else None
	if restriction or ptype in ("read", "select", "print", "email", "report", "export"):
		return restriction
	return next(filter(None, (hiding(user, *named) for named in named_documents(user, doc))), None)


def hiding_doctype(user: str, doctype: str) -> Restriction | None:
	"""Return the restriction that hides a whole DocType from `user`, None if none does."""
	return next((rule for rule in in_force(user, doctype) if rule.restriction_kind == HIDE_DOCTYPE), None)


def named_documents(user: str, doc: Document) -> Iterable[tuple[str, str]]:
	"""Yield the documents of restricted DocTypes, and of those that hang on them, that `doc` names, by type and name."""
	for link in links_of(doc.doctype):
		for row in rows_with(doc, link):
			target = link.target or row.get(link.type_field)
			name = row.get(link.fieldname)
			if target and name and isinstance(name, str) and target != "DocType" and condition(user, target):
				yield target, name


def rows_with(doc: Document, link: Link) -> list[Document]:
	if not link.table:
		return [doc] if link.fieldname != "parent" else []
	return [row for row in doc.get_all_children() if row.doctype == link.table]


def predicate(restriction: Restriction, doctype: str, quote: Callable[[str], str]) -> str | None:
	"""Return the SQL condition that holds for those documents of `doctype` that the restriction hides; None for none."""
	if restriction.restriction_kind == HIDE_RECORDS:
		return hidden_records(restriction, doctype, quote)
	if restriction.restriction_kind == HIDE_DOCTYPE:
		return hidden_with_doctype(restriction.document_type, doctype, quote)
	if restriction.restriction_kind == HIDE_FIELDS and doctype in COPIES_OF_VALUES:
		return f"`tab{doctype}`.`{COPIES_OF_VALUES[doctype]}` = {quote(restriction.document_type)}"
	return None


def hidden_records(restriction: Restriction, doctype: str, quote: Callable[[str], str]) -> str | None:
	"""Return the condition of what the filter finds and of what hangs on that."""
	parts = [directly_hidden(restriction, doctype, quote)]
	parts += hidden_with_what_they_are_about(restriction, doctype, quote)
	parts += hidden_with_their_documents(restriction, doctype, quote)
	return " or ".join(dict.fromkeys(filter(None, parts))) or None


def directly_hidden(
	restriction: Restriction, doctype: str, quote: Callable[[str], str], by_account: bool = True
) -> str | None:
	"""Return the condition of what the filter finds, and of what names that or, `by_account`, an account that does."""
	if doctype == restriction.document_type:
		return filter_condition(restriction, quote)
	if doctype in NEVER_HIDDEN:
		return None
	parts = []
	for link in links_of(doctype):
		for target in restricted_targets(restriction, link, by_account):
			if target != doctype and (found := directly_hidden(restriction, target, quote, False)):
				parts.append(names_one(doctype, link, target, found, quote))
	return " or ".join(dict.fromkeys(parts)) or None


def filter_condition(restriction: Restriction, quote: Callable[[str], str]) -> str:
	"""Return the condition of what the filter itself finds, which may have to ask what is below a node of a tree."""
	known = frappe.local.cache.setdefault(FILTERS, {})
	key = (restriction, quote("%"))
	if key not in known:
		known[key] = as_sql(restriction.document_type, restriction.record_filter, quote)
	return known[key]


def restricted_targets(restriction: Restriction, link: Link, by_account: bool) -> list[str]:
	"""Return the DocTypes, of the restricted one and of accounts, that a link can name documents of."""
	targets = dict.fromkeys([restriction.document_type, *(registry.tracked_doctypes() if by_account else ())])
	if link.target is None:
		return list(targets)
	return [link.target] if link.target in targets else []


def hidden_with_what_they_are_about(
	restriction: Restriction, doctype: str, quote: Callable[[str], str]
) -> list[str]:
	"""Return the conditions of records beside documents, such as versions, files and mails, that hang on something."""
	if doctype == restriction.document_type or doctype in NEVER_HIDDEN:
		return []
	about_anything = [link for link in links_of(doctype) if link.target is None]
	conditions = []
	for target in hanging_doctypes(restriction) if about_anything else ():
		if target == doctype:
			continue
		found = directly_hidden(restriction, target, quote)
		if target == MAIL:
			about = hidden_with_what_they_are_about(restriction, MAIL, quote)
			found = " or ".join(dict.fromkeys([found, *about]))
		conditions += [names_one(doctype, link, target, found, quote) for link in about_anything]
	return conditions


def hidden_with_their_documents(
	restriction: Restriction, doctype: str, quote: Callable[[str], str]
) -> list[str]:
	"""Return the conditions of rows of a child table, which are as hidden as the documents they are part of."""
	parents = [link for link in links_of(doctype) if link.fieldname == "parent"]
	hidden = [(link, hidden_records(restriction, link.target, quote)) for link in parents]
	return [names_one(doctype, link, link.target, found, quote) for link, found in hidden if found]


def hanging_doctypes(restriction: Restriction) -> list[str]:
	"""Return the DocTypes, accounts aside, whose documents can hang on a restricted one."""
	known = frappe.local.cache.setdefault(HANGING, {})
	if restriction.name not in known:
		links = links_between_doctypes()
		chain = {restriction.document_type, *registry.tracked_doctypes()}
		candidates = links.by_doctype.keys() - links.notes - chain - set(NEVER_HIDDEN)
		known[restriction.name] = sorted(
			doctype for doctype in candidates if directly_hidden(restriction, doctype, repr)
		)
	return known[restriction.name]


def names_one(doctype: str, link: Link, target: str, found: str, quote: Callable[[str], str]) -> str:
	"""Return the condition that a document names one of those `found` by a link."""
	table = f"`tab{link.table or doctype}`"
	field = f"{table}.`{link.fieldname}`"
	is_target = f"{table}.`{link.type_field}` = {quote(target)} and " if link.type_field else ""
	named = f"exists (select 1 from `tab{target}` where `tab{target}`.`name` = {field} and ({found}))"
	if not link.table:
		return f"({is_target}{named})"
	return (
		f"exists (select 1 from {table} where {table}.`parent` = `tab{doctype}`.`name`"
		f" and {table}.`parenttype` = {quote(doctype)} and {is_target}{named})"
	)


def hidden_with_doctype(hidden: str, doctype: str, quote: Callable[[str], str]) -> str | None:
	"""Return the condition of what goes with a hidden DocType: its documents and the records beside them."""
	if doctype == hidden:
		return "1 = 1"
	parts = []
	for link in links_of(doctype):
		if not link.type_field or link.target not in (None, hidden):
			continue
		table = f"`tab{link.table or doctype}`"
		is_hidden = f"{table}.`{link.type_field}` = {quote(hidden)}"
		if link.table:
			is_hidden = (
				f"exists (select 1 from {table} where {table}.`parent` = `tab{doctype}`.`name`"
				f" and {table}.`parenttype` = {quote(doctype)} and {is_hidden})"
			)
		parts.append(is_hidden)
	return " or ".join(dict.fromkeys(parts)) or None
