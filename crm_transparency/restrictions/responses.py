"""What goes out as JSON: whole documents, as they are sent when they were saved or made of others.

Frappe applies levels of fields to a document that is opened, and to none that it sends after saving it, after running one
of its methods, or in place of a link. So all of them pass here, whatever sends them.
"""

import copy
from collections.abc import Callable

import frappe
from frappe.model.document import BaseDocument

from crm_transparency.restrictions.fields import hidden_fields, without_hidden_values
from crm_transparency.restrictions.records import hiding_doctype
from crm_transparency.restrictions.register import in_force, is_anybody_asking

#: what forms are told of these comes without saying what it is
TOLD_WITHOUT_DOCTYPE = {"contact_list": "Contact", "addr_list": "Address"}


def without_what_is_hidden(as_json: Callable) -> Callable:
	"""Stand in `frappe.utils.response.as_json`."""

	def response():
		if is_anybody_asking() and in_force():
			for key, value in list(frappe.local.response.items()):
				frappe.local.response[key] = shown(value)
		return as_json()

	return response


def shown(value: object, doctype: str | None = None) -> object:
	"""Return a part of a response without what is hidden from the user; `doctype`: what its rows are, if known."""
	if isinstance(value, BaseDocument):
		value = document_shown(value)
		onload = value.get("__onload") if value else None
		if onload:
			value.set("__onload", shown(onload))
		return value
	if isinstance(value, dict):
		return row_shown(value, value.get("doctype") or doctype)
	if isinstance(value, list | tuple):
		return all_shown(value, doctype)
	return value


def all_shown(values: list | tuple, doctype: str | None = None) -> list:
	"""Return what is shown of several. A hidden document isn't among them: forms read every row that they get."""
	found = [(value, shown(value, doctype)) for value in values]
	return [part for value, part in found if value is None or part is not None]


def document_shown(doc: BaseDocument) -> BaseDocument | None:
	if hiding_doctype(frappe.session.user, doc.doctype):
		return None
	if hidden_fields(frappe.session.user, doc.doctype):
		doc = without_hidden_values(doc)
	return with_rows_shown(doc)


def with_rows_shown(doc: BaseDocument) -> BaseDocument:
	"""Return a document, or a copy of it where its tables hold rows with hidden fields."""
	changed = {}
	for field, rows in vars(doc).items():
		if isinstance(rows, list) and any(isinstance(row, BaseDocument) for row in rows):
			parts = all_shown(rows)
			if any(part is not row for part, row in zip(parts, rows, strict=False)):
				changed[field] = parts
	if changed:
		doc = copy.copy(doc)
		doc.__dict__ = {**doc.__dict__, **changed}
	return doc


def row_shown(row: dict, doctype: object) -> dict | None:
	hidden: set[str] = set()
	if isinstance(doctype, str):
		if hiding_doctype(frappe.session.user, doctype) and row.get("name"):
			return None
		hidden = hidden_fields(frappe.session.user, doctype)
	return {
		key: shown(value, TOLD_WITHOUT_DOCTYPE.get(key)) for key, value in row.items() if key not in hidden
	}
