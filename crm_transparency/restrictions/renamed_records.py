"""Filters name records. When one of these is renamed, the filter has to name it by its new name, or it would be open."""

import frappe
from frappe.model.document import Document
from frappe.utils import cstr

from crm_transparency.restrictions.filters import HOLD_WHEN_EMPTY, stored
from crm_transparency.restrictions.register import REGISTER, forget

#: what a restriction names besides the records of its filter; Frappe renames that, and empties caches, before the commit
NAMED = ("User", "Role", "DocType")


def after_rename(
	doc: Document, method: str | None, old: str, new: str, merge: bool = False, *_arguments: object
) -> None:
	"""`after_rename` of every DocType."""
	if frappe.db.table_exists(REGISTER):
		follow(doc.doctype, old, new, merge)


def follow(doctype: str, old: str, new: str, merge: bool = False) -> None:
	"""Let the filters of all restrictions, drafts included, say `new` where they say `old` of the DocType.

	With `merge`, `new` was there before.
	"""
	if doctype in NAMED:
		forget()
	rows = frappe.get_all(
		REGISTER, filters={"record_filter": ("is", "set")}, fields=["name", "document_type", "record_filter"]
	)
	for row in rows:
		conditions = stored(row)
		renamed = [renamed_in(condition, doctype, old, new, merge) for condition in conditions]
		if renamed != conditions:
			frappe.db.set_value(
				REGISTER,
				row.name,
				"record_filter",
				frappe.as_json(renamed, indent=None),
				update_modified=False,
			)
			forget()


def renamed_in(condition: list, doctype: str, old: str, new: str, merge: bool) -> list:
	about, field, operator, value = condition
	if doctype == "DocType" and about == old:
		return [new, field, operator, value]
	if "like" in operator or operator == "is":
		return condition
	if merge and operator in HOLD_WHEN_EMPTY:
		# all but `old` are hidden, `new` among them: following would open that
		return condition
	values = value if isinstance(value, list) else [value]
	if not any(is_same(item, old) for item in values):
		return condition
	if names_documents_of(doctype, about, field):
		renamed = [new if is_same(item, old) else item for item in values]
		return [about, field, operator, renamed if isinstance(value, list) else new]
	if operator in ("=", "in") and is_dynamic_link(about, field):
		# documents of another DocType may have the name, too
		return [about, field, "in", list(dict.fromkeys([*values, new]))]
	return condition


def is_same(name: object, old: object) -> bool:
	"""Return whether a database may take both for one name: MariaDB heeds neither case nor spaces at the end."""
	return cstr(name).rstrip().casefold() == cstr(old).rstrip().casefold()


def names_documents_of(doctype: str, about: str, field: str) -> bool:
	"""Return whether a field of `about` holds names of documents of `doctype`."""
	if field == "name":
		return about == doctype
	if field in ("owner", "modified_by"):
		return doctype == "User"
	found = field_of(about, field)
	return bool(found) and found.fieldtype == "Link" and found.options == doctype


def is_dynamic_link(about: str, field: str) -> bool:
	found = field_of(about, field)
	return bool(found) and found.fieldtype == "Dynamic Link"


def field_of(about: str, field: str) -> Document | None:
	return frappe.get_meta(about).get_field(field) if frappe.db.exists("DocType", about) else None
