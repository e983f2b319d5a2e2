"""Hide Fields: values that don't leave the server.

Frappe has a way to keep fields from people: permission levels. It respects them in forms, lists, reports, exports, in
what may be filtered and sorted by, and when a document is saved without them. So a person for whom fields are hidden
gets a DocType's meta data in which these fields have a level that no role has. What asks for no levels is taken care of
where it is answered (`response_filter`), printed or mailed (`files_and_mails`).
"""

import copy
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import frappe
from frappe.model import table_fields
from frappe.model.document import Document

from crm_transparency.crm_transparency.patching import given
from crm_transparency.restrictions import explanations
from crm_transparency.restrictions.register import (
	HIDE_FIELDS,
	REGISTER,
	Restriction,
	in_force,
	known_in_force,
	of_kind,
)

#: a level of permission that no role can have: DocPerm offers 0 to 9
OUT_OF_REACH = 99
METAS = "crm_transparency_metas_without_fields"
HIDDEN_TABLES = "crm_transparency_hidden_tables"
#: fields that keep names of documents as a text: out of reach for everybody from whom any are hidden
NAMES_AS_TEXT = {"Kanban Board Column": "order"}
#: set while meta data is wanted as it is stored
AS_STORED = "crm_transparency_meta_as_stored"
#: a column of a query, maybe with its table and another name: `tabCustomer`.`tax_id` as number
PLAIN_COLUMN = re.compile(r"^[\w .`]+$")
#: what is changed in a field out of reach besides its level: some of what asks for these asks for no levels
CHANGED = {"hidden": 1, "in_global_search": 0, "in_list_view": 0, "in_preview": 0}
#: cached on the meta object: made from its fields
MADE_FROM_FIELDS = (
	"high_permlevel_fields",
	"_dynamic_link_fields",
	"_set_only_once_fields",
	"_table_fields",
	"_non_computed_table_fields",
)


def hidden_fields(user: str, doctype: str) -> set[str]:
	"""Return the names of the fields of `doctype` that are hidden from `user`."""
	hidden = {field for rule in hiding_fields(user, doctype) for field in rule.fields}
	if doctype in NAMES_AS_TEXT and any(rule.restriction_kind != HIDE_FIELDS for rule in in_force(user)):
		hidden.add(NAMES_AS_TEXT[doctype])
	return hidden


def hiding_fields(user: str, doctype: str) -> list[Restriction]:
	return [rule for rule in in_force(user, doctype) if rule.restriction_kind == HIDE_FIELDS]


def with_levels(get_meta: Callable) -> Callable:
	"""Replace `frappe.get_meta`: whoever has restrictions gets meta data with hidden fields out of reach."""

	def meta_for_user(*args, **kwargs):
		meta = get_meta(*args, **kwargs)
		rules = known_in_force()
		if rules == [] or given(args, kwargs, 1, "cached") is False or not is_anything_hidden(rules):
			return meta
		return meta_without(meta, fields_out_of_reach(meta))

	return meta_for_user


def is_anything_hidden(rules: list[Restriction] | None) -> bool:
	"""Return whether the session's user has restrictions; reads them if `rules` isn't known yet, and it can be read."""
	if getattr(frappe.local, AS_STORED, False):
		return False
	if rules is None:
		session = getattr(frappe.local, "session", None)
		if not (session and session.user and getattr(frappe.local, "db", None)):
			return False
		with levels_as_stored():  # reading the register needs meta data, too
			rules = in_force(session.user)
	return bool(rules)


@contextmanager
def levels_as_stored() -> Iterator[None]:
	before = getattr(frappe.local, AS_STORED, False)
	setattr(frappe.local, AS_STORED, True)
	try:
		yield
	finally:
		setattr(frappe.local, AS_STORED, before)


def fields_out_of_reach(meta: object) -> frozenset[str]:
	"""Return the fields of a DocType that the session's user may not see; of a hidden table every field."""
	user = frappe.session.user
	hidden = hidden_fields(user, meta.name)
	if any(meta.name in hidden_tables(rule) for rule in of_kind(HIDE_FIELDS, user)):
		hidden |= {df.fieldname for df in meta.fields}
	return frozenset(hidden)


def hidden_tables(rule: Restriction) -> set[str]:
	"""Return the child DocTypes whose rows a rule hides as a whole."""
	known = frappe.local.cache.setdefault(HIDDEN_TABLES, {})
	if rule not in known:
		with levels_as_stored():
			fields = frappe.get_meta(rule.document_type).fields
		known[rule] = {
			df.options for df in fields if df.fieldname in rule.fields and df.fieldtype in table_fields
		}
	return known[rule]


def meta_without(meta: object, hidden: frozenset[str]) -> object:
	"""Return a copy of the meta data for people who may not see some fields, kept for the request."""
	if not hidden:
		return meta
	known = frappe.local.cache.setdefault(METAS, {})
	key = (type(meta).__name__, meta.name, hidden)
	made_of, made = known.get(key, (None, None))
	if made_of is not meta:
		made = _copied_without(meta, hidden)
		known[key] = (meta, made)
	return made


def _copied_without(meta: object, hidden: frozenset[str]) -> object:
	made = copy.copy(meta)
	made.__dict__ = dict(meta.__dict__)
	for name in MADE_FROM_FIELDS:
		made.__dict__.pop(name, None)
	made.fields = [_out_of_reach(field) if field.fieldname in hidden else field for field in meta.fields]
	made._fields = {field.fieldname: field for field in made.fields}
	if "_table_fields" in meta.__dict__:
		made._table_fields = [field for field in made.fields if field.fieldtype in table_fields]
	for name in ("title_field", "image_field", "sort_field"):
		if made.__dict__.get(name) in hidden:
			setattr(made, name, "modified" if name == "sort_field" else None)
	if made.__dict__.get("search_fields"):
		names = [name.strip() for name in made.search_fields.split(",")]
		made.search_fields = ", ".join(name for name in names if name not in hidden)
	return made


def _out_of_reach(field: object) -> object:
	field = copy.copy(field)
	field.__dict__ = {**field.__dict__, **CHANGED, "permlevel": OUT_OF_REACH}
	return field


def with_checked_fields(prepare_args: Callable) -> Callable:
	"""Replace `DatabaseQuery.prepare_args`: refuse to filter, sort, group or calculate by what the user may not see.

	The query builder of v16 does that by itself. v15 asks about the columns only, and of what is calculated takes away
	what it recognizes: a number card would show zero.
	"""

	def prepared(query, /, *args, **kwargs):
		if query.flags.ignore_permissions or not of_kind(HIDE_FIELDS, query.user):
			return prepare_args(query, *args, **kwargs)
		asked = [*query.fields] if isinstance(query.fields, list) else []
		result = prepare_args(query, *args, **kwargs)
		for filters in (query.filters, query.or_filters):
			refuse_hidden_filters(query, filters or ())
		refuse_hidden_expressions(query, asked)
		return result

	return prepared


def refuse_hidden_filters(query: object, filters: Iterable) -> None:
	for doctype, field in fields_in_filters(
		query.doctype, [filters] if isinstance(filters, dict) else filters
	):
		for rule in of_kind(HIDE_FIELDS, query.user):
			is_in_table = doctype != query.doctype and doctype in hidden_tables(rule)
			if is_in_table or (doctype == rule.document_type and names_one_of(rule.fields, field)):
				explanations.refuse(rule)


def refuse_hidden_expressions(query: object, asked: list) -> None:
	"""Refuse a query that goes by hidden fields; `asked`: its columns before Frappe took any away."""
	texts = [str(text) for text in (query.order_by, query.group_by) if text]
	# Frappe has taken plain columns away by now; of an expression it looks at parts only
	texts += [
		field
		for field in (*asked, *(query.fields or ()))
		if isinstance(field, str) and not PLAIN_COLUMN.match(field)
	]
	for rule in of_kind(HIDE_FIELDS, query.user):
		tables = hidden_tables(rule)
		for text in texts:
			is_about = query.doctype == rule.document_type or f"tab{rule.document_type}" in text
			is_named = is_about and names_one_of(rule.fields, text)
			if is_named or any(f"tab{table}`" in text for table in tables):
				explanations.refuse(rule)


def names_one_of(fields: Iterable[str], text: str) -> bool:
	return any(re.search(rf"\b{re.escape(field)}\b", text) for field in fields)


def fields_in_filters(doctype: str, filters: Iterable) -> Iterator[tuple[str, str]]:
	"""Yield which field of which DocType each filter of a query asks about, as (DocType, field)."""
	for condition in filters:
		if isinstance(condition, dict):
			about, field = condition.get("doctype"), condition.get("fieldname")
		elif hasattr(condition, "fieldname"):
			about, field = condition.doctype, condition.fieldname
		elif isinstance(condition, list | tuple) and condition:
			about, field = condition[:2] if len(condition) > 3 else (None, condition[0])
		else:
			about, field = None, condition
		yield about or doctype, str(field or "")


def before_print(doc: Document, *_arguments: object) -> None:
	"""`before_print` of every DocType: what is printed holds no hidden values, whatever the print format asks for."""
	for field in hidden_fields(frappe.session.user, doc.doctype):
		df = doc.meta.get_field(field)
		doc.set(field, [] if df and df.fieldtype in table_fields else None)


def before_insert_version(doc: Document, method: str | None = None) -> None:
	"""`before_insert` of Version: the register's filter may name customers, so versions keep none of its changes."""
	if doc.get("ref_doctype") == REGISTER and doc.data:
		data = changes_without(frappe.parse_json(doc.data), {"record_filter"})
		doc.data = frappe.as_json(data, indent=None)


def changes_without(data: dict, hidden: set[str]) -> dict:
	"""Return a version's data without the changes of hidden fields: each names its field first."""
	for kind in ("changed", "added", "removed", "row_changed"):
		if kind in data:
			data[kind] = [change for change in data[kind] if change[0] not in hidden]
	return data
