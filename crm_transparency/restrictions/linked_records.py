"""What is linked to restricted documents: which documents name which, and that as SQL.

A document is linked to a restricted one when one of its fields, or one in its tables, names it (a contact, an order, a
mail, a file, a ledger entry); when one names an account that is linked to it; or when it is a record about a document that
is (the version of an order, the file at a mail). Frappe keeps some references in plain text fields, as do ledgers, whose
entries outlive what they name. They follow a few conventions, which REFERENCES lists.

Each path is one `exists` over the tables on it, in which every table but the first is read by primary key. So a page of a
list costs a few look-ups for each of its rows, however many documents there are.
"""

from collections.abc import Iterator
from typing import NamedTuple

import frappe

from crm_transparency.crm_transparency import registry
from crm_transparency.crm_transparency.permissions import quoted
from crm_transparency.restrictions.filters import as_sql
from crm_transparency.restrictions.register import Restriction

#: pairs of fields that name a document, whatever their field type: its DocType and its name
REFERENCES = (
	("reference_doctype", "reference_name"),
	("reference_doctype", "reference_docname"),
	("reference_type", "reference_name"),
	("ref_doctype", "docname"),
	("ref_doctype", "ref_docname"),
	("attached_to_doctype", "attached_to_name"),
	("deleted_doctype", "deleted_name"),
	("document_type", "document_name"),
	("share_doctype", "share_name"),
	("link_doctype", "link_name"),
	("export_from", "reference_document"),
)
#: what is never linked to anything: it says what exists, not what is in it
NEVER_HIDDEN = ("DocType", "Access Restriction", "User", "Role", "Module Def", "Report", "Property Setter")
#: the one record about documents that has records about it: its attachments
MAIL = "Communication"
#: per request, what was worked out already
LINKED = "crm_transparency_linked_doctypes"
FILTERS = "crm_transparency_restriction_filters"
TABLES = ("Table", "Table MultiSelect")
#: modules whose references are the platform's notes about documents, to which people attach nothing
NOTES = ("Core", "Desk", "Automation", "Email", "Integrations", "Social")
#: among these, what people work with
NO_NOTES = ("Communication", "Event", "ToDo")


class Link(NamedTuple):
	"""How a document names another one."""

	fieldname: str
	#: the DocType of what is named; None where that can be any
	target: str | None
	#: the field in which the document says of which DocType it is; None where it always is `target`
	type_field: str | None
	#: the child DocType whose rows hold the field; None for the document's own
	table: str | None


class Links(NamedTuple):
	by_doctype: dict[str, tuple[Link, ...]]
	#: DocTypes whose documents only note something about others
	notes: frozenset[str]


def links_of(doctype: str) -> tuple[Link, ...]:
	"""Return all links of a DocType's documents, those in their tables included."""
	return links_between_doctypes().by_doctype.get(doctype, ())


def links_between_doctypes() -> Links:
	return registry.cached(registry.LINKS_CACHE_KEY, _read)


def _read() -> Links:
	doctypes = _doctypes_with_tables()
	fields = {doctype: rows for doctype, rows in _fields_by_doctype().items() if doctype in doctypes}
	own = {doctype: _own_links(rows, doctypes) for doctype, rows in fields.items()}
	found = {doctype: list(links) for doctype, links in own.items()}
	for doctype, rows in fields.items():
		for table in _tables(rows, doctypes):
			found[doctype] += [link._replace(table=table) for link in own.get(table, [])]
			found.setdefault(table, []).append(Link("parent", doctype, "parenttype", None))
	return Links(
		{doctype: tuple(dict.fromkeys(links)) for doctype, links in found.items() if links},
		frozenset(doctype for doctype, links in own.items() if _is_note(doctypes[doctype], links)),
	)


def _doctypes_with_tables() -> dict[str, frappe._dict]:
	"""Return the DocTypes whose documents have a table of the database; an app that went may leave some without."""
	rows = frappe.get_all(
		"DocType", filters={"issingle": 0, "is_virtual": 0}, fields=["name", "istable", "module"]
	)
	tables = set(frappe.db.get_tables())
	return {row.name: row for row in rows if f"tab{row.name}" in tables}


def _fields_by_doctype() -> dict[str, list[frappe._dict]]:
	wanted = ("Link", "Dynamic Link", "Data", "Autocomplete", *TABLES)
	columns = ["fieldname", "fieldtype", "options"]
	rows = frappe.get_all(
		"DocField",
		filters={"fieldtype": ("in", wanted), "parenttype": "DocType", "is_virtual": 0},
		fields=["parent", *columns],
	)
	rows += frappe.get_all(
		"Custom Field",
		filters={"fieldtype": ("in", wanted), "is_virtual": 0},
		fields=["dt as parent", *columns],
	)
	by_doctype: dict[str, list[frappe._dict]] = {}
	for row in rows:
		by_doctype.setdefault(row.parent, []).append(row)
	return by_doctype


def _own_links(rows: list[frappe._dict], doctypes: dict[str, frappe._dict]) -> list[Link]:
	names = {row.fieldname for row in rows}
	links = [
		Link(row.fieldname, row.options, None, None)
		for row in rows
		if row.fieldtype == "Link" and row.options in doctypes and row.options != "DocType"
	]
	links += [
		Link(row.fieldname, None, row.options, None)
		for row in rows
		if row.fieldtype == "Dynamic Link" and row.options in names
	]
	links += [
		Link(name_field, None, type_field, None)
		for type_field, name_field in REFERENCES
		if type_field in names and name_field in names
	]
	return list(dict.fromkeys(links))


def _tables(rows: list[frappe._dict], doctypes: dict[str, frappe._dict]) -> list[str]:
	names = dict.fromkeys(row.options for row in rows if row.fieldtype in TABLES)
	return [name for name in names if name in doctypes]


def _is_note(doctype: frappe._dict, links: list[Link]) -> bool:
	is_about_others = any((link.type_field, link.fieldname) in REFERENCES for link in links)
	return bool(doctype.istable) or (
		is_about_others and doctype.module in NOTES and doctype.name not in NO_NOTES
	)


class Step(NamedTuple):
	"""From a document of `doctype`, by `link`, to one of `target`."""

	doctype: str
	link: Link
	target: str


Path = tuple[Step, ...]


def hidden_records(restriction: Restriction, doctype: str) -> str | None:
	"""Return the condition of what the filter finds and of what is linked to that, None where nothing can."""
	if doctype in NEVER_HIDDEN:
		return None
	if doctype == restriction.document_type:
		return filter_condition(restriction)
	return " or ".join(sql_of(restriction, path) for path in paths(restriction, doctype)) or None


def paths(restriction: Restriction, doctype: str) -> Iterator[Path]:
	"""Yield all paths from documents of `doctype` to restricted ones."""
	yield from direct_paths(restriction, doctype)
	yield from paths_by_subject(restriction, doctype)
	for link in links_of(doctype):
		if link.fieldname == "parent" and link.target != restriction.document_type:
			yield from ((Step(doctype, link, link.target), *path) for path in paths(restriction, link.target))


def direct_paths(restriction: Restriction, doctype: str, by_account: bool = True) -> Iterator[Path]:
	"""Yield the paths by a link to a restricted document and, `by_account`, by a link to an account that has one."""
	if doctype == restriction.document_type:
		yield ()
		return
	if doctype in NEVER_HIDDEN:
		return
	for link in links_of(doctype):
		for target in targets(restriction, link, by_account):
			if target != doctype:
				yield from (
					(Step(doctype, link, target), *path) for path in direct_paths(restriction, target, False)
				)


def targets(restriction: Restriction, link: Link, by_account: bool) -> list[str]:
	"""Return the DocTypes, of the restricted one and of accounts, that a link can name documents of."""
	found = dict.fromkeys([restriction.document_type, *(registry.tracked_doctypes() if by_account else ())])
	return [target for target in found if link.target in (None, target)]


def paths_by_subject(restriction: Restriction, doctype: str) -> Iterator[Path]:
	"""Yield the paths of records about documents, such as versions, files and mails."""
	about = [link for link in links_of(doctype) if names_its_subject(doctype, link)]
	for target in linked_doctypes(restriction) if about else ():
		if target == doctype:
			continue
		onward = list(direct_paths(restriction, target))
		if target == MAIL:
			onward += paths_by_subject(restriction, MAIL)
		yield from ((Step(doctype, link, target), *path) for link in about for path in onward)


def names_its_subject(doctype: str, link: Link) -> bool:
	"""Return whether a link makes a document a record about the one it names. A contact's, to whom it belongs, doesn't."""
	is_reference = link.target is None and (link.type_field, link.fieldname) in REFERENCES
	return is_reference and (not link.table or doctype in NO_NOTES)


def linked_doctypes(restriction: Restriction) -> list[str]:
	"""Return the DocTypes, accounts aside, whose documents can be linked to a restricted one."""
	known = frappe.local.cache.setdefault(LINKED, {})
	if restriction not in known:
		links = links_between_doctypes()
		chain = {restriction.document_type, *registry.tracked_doctypes()}
		candidates = links.by_doctype.keys() - links.notes - chain
		known[restriction] = sorted(
			doctype for doctype in candidates if any(direct_paths(restriction, doctype))
		)
	return known[restriction]


def filter_condition(restriction: Restriction) -> str:
	"""Return the condition of what the filter itself finds, which may have to ask what is below a node of a tree."""
	known = frappe.local.cache.setdefault(FILTERS, {})
	if restriction not in known:
		known[restriction] = as_sql(restriction.document_type, restriction.record_filter)
	return known[restriction]


def sql_of(restriction: Restriction, path: Path) -> str:
	"""Return the condition that a document is linked to a restricted one by this path.

	Tables have names of their own on it, but for the first, which the asking query has, and the last, which the filter
	speaks of. What the first document says of itself is asked first: mostly that decides.
	"""
	here = f"`tab{path[0].doctype}`"
	tables, conditions, first = [], [], ""
	for number, (doctype, link, target) in enumerate(path):
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
		is_last = number == len(path) - 1
		there = f"`tab{target}`" if is_last else f"`step{number}`"
		tables.append(there if is_last else f"`tab{target}` {there}")
		conditions.append(f"{there}.`name` = {here}.`{link.fieldname}`")
		here = there
	conditions.append(f"({filter_condition(restriction)})")
	return f"({first}exists (select 1 from {', '.join(tables)} where {' and '.join(conditions)}))"
