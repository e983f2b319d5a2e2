"""Filters name records. When one of these is renamed, the filter has to name it by its new name, or it would be open."""

import json

import frappe

from crm_transparency.openness.restrictions.register import REGISTER, forget


def follow(doctype: str, old: str, new: str) -> None:
	"""Let the filters of all restrictions, drafts included, say `new` where they say `old` of the DocType."""
	if not frappe.db.table_exists(REGISTER):
		return
	rows = frappe.get_all(
		REGISTER, filters={"record_filter": ("is", "set")}, fields=["name", "document_type", "record_filter"]
	)
	for row in rows:
		conditions = json.loads(row.record_filter)
		renamed = [renamed_in(condition, doctype, old, new) for condition in conditions]
		if renamed != conditions:
			frappe.db.set_value(
				REGISTER,
				row.name,
				"record_filter",
				frappe.as_json(renamed, indent=None),
				update_modified=False,
			)
			forget()


def renamed_in(condition: list, doctype: str, old: str, new: str) -> list:
	about, field, operator, value = condition
	if doctype == "DocType" and about == old:
		about = new
	elif "like" not in operator and operator != "is" and names_documents_of(doctype, about, field):
		if isinstance(value, list):
			value = [new if item == old else item for item in value]
		elif value == old:
			value = new
	return [about, field, operator, value]


def names_documents_of(doctype: str, about: str, field: str) -> bool:
	"""Say whether a field of `about` holds names of documents of `doctype`."""
	if field == "name":
		return about == doctype
	if field in ("owner", "modified_by"):
		return doctype == "User"
	if not frappe.db.exists("DocType", about):
		return False
	found = frappe.get_meta(about).get_field(field)
	return bool(found) and found.fieldtype == "Link" and found.options == doctype
