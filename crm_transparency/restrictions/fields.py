"""Hide Fields: values that don't leave the server.

Frappe has a way to keep fields from people: permission levels. It respects them in forms, lists, reports, exports, in
what may be filtered and sorted by, and when a document is saved without them. So a person for whom fields are hidden
gets a DocType's meta data in which these fields have a level that no role has. What doesn't ask for levels (search
texts, prints, titles of links) is taken care of here as well, and elsewhere what keeps copies of values (`copies`), counts
by them (`counting`), or sends whole documents (`responses`).
"""

import copy
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import frappe
from frappe import _
from frappe.model import table_fields

from crm_transparency.restrictions import explanation
from crm_transparency.restrictions.register import (
	HIDE_DOCTYPE,
	HIDE_FIELDS,
	HIDE_RECORDS,
	Restriction,
	in_force,
	is_anybody_asking,
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
#: where a field says that it is shown, some of which ask for no levels
SHOWN_IN = ("in_global_search", "in_list_view", "in_preview")
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
	hidden = {
		field
		for rule in in_force(user, doctype)
		if rule.restriction_kind == HIDE_FIELDS
		for field in rule.fields
	}
	if doctype in NAMES_AS_TEXT and (of_kind(HIDE_RECORDS, user) or of_kind(HIDE_DOCTYPE, user)):
		hidden.add(NAMES_AS_TEXT[doctype])
	return hidden


def hiding_fields(user: str, doctype: str) -> list[Restriction]:
	return [rule for rule in in_force(user, doctype) if rule.restriction_kind == HIDE_FIELDS]


def with_levels(get_meta: Callable) -> Callable:
	"""Stand in `frappe.model.meta.get_meta`, and in `frappe.desk.form.meta.get_meta`, which goes to the browser."""

	def meta_for_user(doctype, cached=True):
		meta = get_meta(doctype, cached)
		if not cached or not are_fields_hidden():
			return meta
		return meta_without(meta, fields_out_of_reach(meta.name, get_meta))

	return meta_for_user


def are_fields_hidden() -> bool:
	"""Say whether any fields may be hidden from the session's user. Asked for all meta data that is read."""
	session = getattr(frappe.local, "session", None)
	if not session or not session.user:
		return False
	rules = known_in_force(session.user)
	if rules == [] or getattr(frappe.local, AS_STORED, False) or not is_anybody_asking():
		return False
	if rules is None:
		with levels_as_stored():  # reading the register needs meta data, too
			rules = in_force(session.user)
	return bool(rules)


def with_levels_as_stored(save_customization: Callable) -> Callable:
	"""Stand in `CustomizeForm.save_customization`: what differs from the meta data, it writes down."""

	def saved(form, *args, **kwargs):
		with levels_as_stored():
			return save_customization(form, *args, **kwargs)

	return saved


@contextmanager
def levels_as_stored() -> Iterator[None]:
	before = getattr(frappe.local, AS_STORED, False)
	setattr(frappe.local, AS_STORED, True)
	try:
		yield
	finally:
		setattr(frappe.local, AS_STORED, before)


def fields_out_of_reach(doctype: str, get_meta: Callable) -> frozenset[str]:
	"""Return the fields of a DocType that the session's user may not see; of a hidden table every field."""
	user = frappe.session.user
	hidden = hidden_fields(user, doctype)
	for rule in of_kind(HIDE_FIELDS, user):
		if doctype in hidden_tables(rule):
			hidden |= {df.fieldname for df in get_meta(doctype, True).fields}
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
	field.__dict__ = dict(field.__dict__)
	field.permlevel = OUT_OF_REACH
	for place in SHOWN_IN:
		field.__dict__[place] = 0
	return field


def checked_query(prepare_args: Callable) -> Callable:
	"""Stand in `DatabaseQuery.prepare_args`: refuse to sort, group or calculate by what the user may not see.

	The query builder of v16 does that by itself. v15 asks about the columns only, and of what is calculated takes away
	what it recognizes: a number card would show zero.
	"""

	def prepared(query, *args, **kwargs):
		if query.flags.ignore_permissions or not of_kind(HIDE_FIELDS, query.user):
			return prepare_args(query, *args, **kwargs)
		asked = [*query.fields] if isinstance(query.fields, list) else []
		result = prepare_args(query, *args, **kwargs)
		refuse_hidden_fields(query, asked)
		return result

	return prepared


def checked_filters(build_filter_conditions: Callable) -> Callable:
	"""Stand in `DatabaseQuery.build_filter_conditions`, which link searches of apps call by themselves."""

	def built(query, filters, conditions, ignore_permissions=None):
		build_filter_conditions(query, filters, conditions, ignore_permissions)
		if not query.flags.ignore_permissions and of_kind(HIDE_FIELDS, query.user):
			refuse_hidden_filters(query, filters)

	return built


def refuse_hidden_filters(query: object, filters: Iterable) -> None:
	for condition in as_conditions(query.doctype, [filters] if isinstance(filters, dict) else filters):
		for rule in of_kind(HIDE_FIELDS, query.user):
			is_in_table = condition.doctype != query.doctype and condition.doctype in hidden_tables(rule)
			is_hidden = condition.doctype == rule.document_type and names_one_of(
				rule.fields, condition.fieldname
			)
			if is_hidden or is_in_table:
				explanation.refuse(rule)


def refuse_hidden_fields(query: object, asked: list) -> None:
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
				explanation.refuse(rule)


def names_one_of(fields: Iterable[str], text: str) -> bool:
	return any(re.search(rf"\b{re.escape(field)}\b", text) for field in fields)


def as_conditions(doctype: str, filters: Iterable) -> Iterator[frappe._dict]:
	"""Yield which field of which DocType each filter of a query asks about."""
	for condition in filters:
		if isinstance(condition, dict):
			about, field = condition.get("doctype"), condition.get("fieldname")
		elif hasattr(condition, "fieldname"):
			about, field = condition.doctype, condition.fieldname
		elif isinstance(condition, list | tuple) and condition:
			about, field = condition[:2] if len(condition) > 3 else (None, condition[0])
		else:
			about, field = None, condition
		yield frappe._dict(doctype=about or doctype, fieldname=str(field or ""))


def exported_without(get_exportable_fields: Callable) -> Callable:
	"""Stand in `Exporter.get_exportable_fields`, which asks for the rows of tables without asking for permissions."""

	def exportable(exporter, doctype, fieldnames):
		found = get_exportable_fields(exporter, doctype, fieldnames)
		return [field for field in found if field.get("permlevel") != OUT_OF_REACH]

	return exportable


def exported_columns_without(append_field_column: Callable) -> Callable:
	"""Stand in `DataExporter.append_field_column`, for the same reason."""

	def appended(exporter, docfield, for_mandatory):
		if docfield and docfield.get("permlevel") == OUT_OF_REACH:
			return None
		return append_field_column(exporter, docfield, for_mandatory)

	return appended


def printed_without(get_rendered_template: Callable) -> Callable:
	"""Stand in `frappe.www.printview.get_rendered_template`: what is printed holds no hidden values."""

	def rendered(doc, *args, **kwargs):
		if hasattr(doc, "apply_fieldlevel_read_permissions") and hiding_fields(
			frappe.session.user, doc.doctype
		):
			doc = without_hidden_values(doc)
		return get_rendered_template(doc, *args, **kwargs)

	return rendered


def without_hidden_values(doc: object) -> object:
	shown = copy.copy(doc)
	shown.__dict__ = dict(doc.__dict__)
	for field in hidden_fields(frappe.session.user, doc.doctype):
		df = doc.meta.get_field(field)
		shown.__dict__[field] = [] if df and df.fieldtype in table_fields else None
	return shown


def search_text_without(user: str, doctype: str, content: str) -> str:
	"""Return the text that a document is found by, `Label : value ||| Label : value`, without hidden fields' parts."""
	meta = frappe.get_meta(doctype)
	hidden = hidden_fields(user, doctype)
	labels = {meta.get_label(field) for field in hidden} | {_(meta.get_label(field)) for field in hidden}
	parts = [part for part in content.split("|||") if part.split(" : ", 1)[0].strip() not in labels]
	return "|||".join(parts)
