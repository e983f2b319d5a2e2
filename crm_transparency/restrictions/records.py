"""Hide Records and Hide DocType: which documents a person doesn't get to see.

There is one predicate for each restriction and DocType, a piece of SQL. The list condition is its negation, the
document check asks the database whether it holds for the document, so the two can't disagree.

A document is hidden when the restriction's filter finds it, or when it hangs on one that the filter finds (`ways`).
"""

from collections.abc import Callable, Iterable
from itertools import compress

import frappe
from frappe.model.document import Document

from crm_transparency.crm_transparency.permission_results import pass_on, quoted
from crm_transparency.restrictions import explanation
from crm_transparency.restrictions.links import Link, links_of
from crm_transparency.restrictions.register import (
	HIDE_DOCTYPE,
	HIDE_FIELDS,
	HIDE_RECORDS,
	Restriction,
	in_force,
)
from crm_transparency.restrictions.ways import NEVER_HIDDEN, hidden_records

#: written down in the clear what a document held, so where fields are hidden it has to stay away as a whole
COPIES_OF_VALUES = {"Version": "ref_doctype", "Deleted Document": "deleted_doctype"}
#: per request, what was worked out already
PREDICATES = "crm_transparency_restriction_predicates"


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


def with_condition(get_permission_query_conditions: Callable) -> Callable:
	"""Stand in `DatabaseQuery.get_permission_query_conditions` where it doesn't know hooks for every DocType."""

	def conditions(query):
		found = get_permission_query_conditions(query)
		return " and ".join(filter(None, (found, condition(query.user, query.doctype))))

	return conditions


def with_check(has_controller_permissions: Callable) -> Callable:
	"""Stand in `frappe.permissions.has_controller_permissions` where it doesn't know hooks for every DocType."""

	def checked(doc, ptype, user=None, *args, **kwargs):
		is_passed_on = has_controller_permissions(doc, ptype, user, *args, **kwargs)
		return is_passed_on and has_permission(doc, ptype, user) is not False

	return checked


def condition(user: str, doctype: str) -> str | None:
	"""Return the SQL condition that documents of `doctype` have to meet for `user` to see them, None for no condition.

	It speaks of the DocType's own table under its own name, as `permission_query_conditions` do.
	"""
	hidden = predicates(user or frappe.session.user, doctype)
	return " and ".join(f"({sql}) is not true" for sql in hidden.values()) or None


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


def is_stored(doctype: str, name: str) -> bool:
	"""Say whether there is a document of that name, as the database compares names."""
	return bool(frappe.db.sql(f"select 1 from `tab{doctype}` where `name` = %(name)s", {"name": name}))


def hiding_conditions(user: str, doctype: str) -> list[str]:
	"""`transparency_hidden_records`: for rooms that name documents in SQL or files of their own."""
	return list(predicates(user, doctype).values())


def predicates(user: str, doctype: str) -> dict[Restriction, str]:
	"""Return the user's restrictions that concern `doctype`, each with the SQL of what it hides there."""
	restrictions = tuple(in_force(user))
	if not restrictions or doctype in NEVER_HIDDEN:
		return {}
	known = frappe.local.cache.setdefault(PREDICATES, {})
	key = (doctype, restrictions)
	if key not in known:
		hidden = {restriction: predicate(restriction, doctype) for restriction in restrictions}
		known[key] = {restriction: sql for restriction, sql in hidden.items() if sql}
	return known[key]


def concerning(user: str, doctype: str) -> list[Restriction]:
	"""Return the user's restrictions that hide documents of a DocType, or fields of them."""
	return list(dict.fromkeys((*predicates(user, doctype), *in_force(user, doctype))))


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


def predicate(restriction: Restriction, doctype: str) -> str | None:
	"""Return the SQL condition that holds for those documents of `doctype` that the restriction hides; None for none."""
	if restriction.restriction_kind == HIDE_RECORDS:
		return hidden_records(restriction, doctype)
	if restriction.restriction_kind == HIDE_DOCTYPE:
		return hidden_with_doctype(restriction.document_type, doctype)
	if restriction.restriction_kind == HIDE_FIELDS and doctype in COPIES_OF_VALUES:
		return f"`tab{doctype}`.`{COPIES_OF_VALUES[doctype]}` = {quoted(restriction.document_type)}"
	return None


def hidden_with_doctype(hidden: str, doctype: str) -> str | None:
	"""Return the condition of what goes with a hidden DocType: its documents and the records beside them."""
	if doctype == hidden:
		return "1 = 1"
	parts = []
	for link in links_of(doctype):
		if not link.type_field or link.target not in (None, hidden):
			continue
		table = f"`tab{link.table or doctype}`"
		is_hidden = f"{table}.`{link.type_field}` = {quoted(hidden)}"
		if link.table:
			is_hidden = (
				f"exists (select 1 from {table} where {table}.`parent` = `tab{doctype}`.`name`"
				f" and {table}.`parenttype` = {quoted(doctype)} and {is_hidden})"
			)
		parts.append(is_hidden)
	return " or ".join(dict.fromkeys(parts)) or None
