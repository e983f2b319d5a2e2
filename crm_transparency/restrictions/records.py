"""Hide Records and Hide DocType: which documents a person doesn't get to see.

There is one predicate for each restriction and DocType, a piece of SQL. The list condition is its negation, the
document check asks the database whether it holds for the document, so the two can't disagree.

A document is hidden when the restriction's filter finds it, or when it is linked to one that the filter finds
(`linked_records`). Hide DocType is Hide Records without a filter.
"""

from collections.abc import Callable, Iterable
from itertools import compress

import frappe
from frappe import _
from frappe.model.document import Document

from crm_transparency.crm_transparency.hidden import visible
from crm_transparency.crm_transparency.patching import given
from crm_transparency.crm_transparency.permissions import IS_V15, pass_on, quoted
from crm_transparency.restrictions import explanations
from crm_transparency.restrictions.linked_records import NEVER_HIDDEN, Link, hidden_records, links_of
from crm_transparency.restrictions.register import HIDE_DOCTYPE, HIDE_FIELDS, Restriction, in_force

#: copies of what a document held, so where fields are hidden they are hidden as a whole
COPIES_OF_VALUES = {"Version": "ref_doctype", "Deleted Document": "deleted_doctype"}
READING = ("read", "select", "print", "email", "report", "export")
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
	restriction = hiding_document(user, doc)
	if not restriction and ptype not in READING and doc.doctype not in NEVER_HIDDEN:
		restriction = hiding_what_it_names(user, doc, ptype)
	if not restriction:
		return pass_on()
	explanations.show_with_refusal(restriction, user)
	return False


def condition(user: str | None, doctype: str) -> str | None:
	"""Return the SQL condition that documents of `doctype` have to meet for `user` to see them, None for no condition.

	It speaks of the DocType's own table under its own name, as `permission_query_conditions` do.
	"""
	hidden = predicates(user or frappe.session.user, doctype)
	return " and ".join(f"({sql}) is not true" for sql in hidden.values()) or None


def hiding(user: str | None, doctype: str, name: str) -> Restriction | None:
	"""Return the restriction that hides a stored document from `user`, None if none does."""
	hidden = predicates(user or frappe.session.user, doctype)
	if not hidden:
		return None
	columns = ", ".join(f"({sql}) is true" for sql in hidden.values())
	# the predicates are made of checked fields and quoted values, the name is a parameter
	# nosemgrep: frappe-sql-format-injection
	found = frappe.db.sql(
		f"select {columns} from `tab{doctype}` where `tab{doctype}`.`name` = %(name)s", {"name": name}
	)
	answers = found[0] if found else ()
	return next(compress(hidden, answers), None)


def is_stored(doctype: str, name: str) -> bool:
	"""Return whether there is a document of that name, as the database compares names."""
	table = frappe.qb.DocType(doctype)
	return bool(frappe.qb.from_(table).select(table.name).where(table.name == name).limit(1).run())


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


def predicate(restriction: Restriction, doctype: str) -> str | None:
	"""Return the SQL condition that holds for those documents of `doctype` that the restriction hides; None for none."""
	if restriction.restriction_kind != HIDE_FIELDS:
		return hidden_records(restriction, doctype)
	if doctype in COPIES_OF_VALUES:
		return f"`tab{doctype}`.`{COPIES_OF_VALUES[doctype]}` = {quoted(restriction.document_type)}"
	return None


def concerning(user: str, doctype: str) -> list[Restriction]:
	"""Return the user's restrictions that hide documents of a DocType, or fields of them."""
	return list(dict.fromkeys((*predicates(user, doctype), *in_force(user, doctype))))


def hiding_document(user: str, doc: Document) -> Restriction | None:
	"""Return the restriction that hides a document as it is stored, or its DocType, from `user`."""
	if doc.doctype in NEVER_HIDDEN:
		return None
	if hide_doctype := hiding_doctype(user, doc.doctype):
		return hide_doctype
	return hiding(user, doc.doctype, doc.name) if doc.name and not doc.get("__islocal") else None


def hiding_what_it_names(user: str, doc: Document, ptype: str | None) -> Restriction | None:
	"""Return the restriction that hides from `user` what a document in memory names, if the stored one names it, too.

	What is about to be saved may name a hidden document that the stored one doesn't: saving it would fetch values from
	there. It is answered as Frappe answers a link to nothing; a refusal would tell that there is such a document. Raises
	LinkValidationError.
	"""
	hidden = [
		(target, name, row, link)
		for target, name, row, link in named_documents(user, doc)
		if hiding(user, target, name)
	]
	# v15 looks at a new document's links before it asks whether the user may make one, v16 afterwards
	looks_first = IS_V15 and ptype == "create"
	if not hidden or not (looks_first or frappe.has_permission(doc.doctype, ptype, user=user)):
		return None
	stored = None if doc.is_new() else frappe.get_doc(doc.doctype, doc.name)
	known = {named[:2] for named in named_documents(user, stored)} if stored else set()
	for target, name, *_place in hidden:
		if (target, name) in known:
			return hiding(user, target, name)
	texts = [as_missing(row, link, name) for _target, name, row, link in hidden]
	frappe.throw(_("Could not find {0}").format(", ".join(texts)), exc=frappe.LinkValidationError)


def as_missing(row: Document, link: Link, name: str) -> str:
	"""Return how Frappe calls a link to what isn't there (`BaseDocument.get_invalid_links`, v15 and v16)."""
	field = row.meta.get_field(link.fieldname)
	text = f"{_(field.label, context=field.parent)}: {name}"
	return f"{_('Row')} #{row.idx}: {text}" if row.get("parentfield") else text


def hiding_doctype(user: str, doctype: str) -> Restriction | None:
	"""Return the restriction that hides all documents of a DocType from `user`, also new ones; None if none does."""
	return next((rule for rule in in_force(user, doctype) if rule.restriction_kind == HIDE_DOCTYPE), None)


def named_documents(user: str, doc: Document) -> Iterable[tuple[str, str, Document, Link]]:
	"""Yield what `doc` names of DocTypes of which something is hidden from `user`: DocType, name, and where it stands."""
	for link in links_of(doc.doctype):
		for row in rows_with(doc, link):
			target = link.target or row.get(link.type_field)
			name = row.get(link.fieldname)
			if target and name and isinstance(name, str) and target != "DocType" and condition(user, target):
				yield target, name, row, link


def rows_with(doc: Document, link: Link) -> list[Document]:
	if not link.table:
		return [doc] if link.fieldname != "parent" else []
	return [row for row in doc.get_all_children() if row.doctype == link.table]


def shared_and_visible(get_shared: Callable) -> Callable:
	"""Replace `frappe.share.get_shared`: sharing a hidden document opens it to nobody whom a restriction concerns.

	A restriction has a reason and a business owner; whoever shares a document may know neither.
	"""

	def shared(*args, **kwargs):
		doctype, user = (
			given(args, kwargs, 0, "doctype"),
			given(args, kwargs, 1, "user") or frappe.session.user,
		)
		if not in_force(user):
			return get_shared(*args, **kwargs)
		if not is_anything_shared(doctype, user):
			return []
		limit = kwargs.pop("limit", None)
		names = get_shared(*args, **kwargs)
		seen = visible(doctype, names, user)
		return [name for name in names if str(name) in seen][:limit]

	return shared


def is_anything_shared(doctype: str, user: str) -> bool:
	"""Answer most questions with one look into an index: v16 asks for shares as soon as a list has a condition."""
	share = frappe.qb.DocType("DocShare")
	query = frappe.qb.from_(share).select(share.name).where(share.share_doctype == doctype).limit(1)
	return bool(query.where((share.user == user) | (share.everyone == 1)).run())
