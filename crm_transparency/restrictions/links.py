"""Which documents hang on which: the links between DocTypes, read off their fields.

Frappe keeps some references in plain text fields, as do ledgers, whose entries outlive what they name. They follow a
few conventions, which REFERENCES lists.
"""

from typing import NamedTuple

import frappe

from crm_transparency.crm_transparency import registry

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
