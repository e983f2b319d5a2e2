"""Lists and report views, exported as CSV or Excel."""

import frappe

from crm_transparency.export_audit import witness
from crm_transparency.export_audit.audited import holds_contact_data, is_audited
from crm_transparency.export_audit.exports import LIST_EXPORT, Export
from crm_transparency.export_audit.ways_out import content


def exported(response) -> Export | None:
	form = frappe.form_dict
	return describe(form.doctype, form, content.of_response(response))


def describe(doctype: str, form: dict, file: content.File) -> Export:
	"""Describe the export of a list from the form that asked for it, and from what was read for it meanwhile."""
	reading = witness.current().latest(doctype, as_list=True)
	if is_audited(doctype) and reading is None:
		raise LookupError("a list was exported without being read")
	columns = reading.columns if reading else witness.columns_of(frappe.parse_json(form["fields"]), doctype)
	return Export(
		LIST_EXPORT,
		doctype=doctype,
		file_name=file.name,
		file_format=file.format,
		content=file.content,
		row_count=reading.rows if reading else content.count_rows(file) - 1,
		columns=columns,
		filters=frappe.as_json(filters_of(form), indent=None),
		contact_data=holds_contact_data(doctype, columns),
		records=[(doctype, name) for name in reading.record_names()] if reading else (),
	)


def filters_of(form: dict) -> object:
	if selected := form.get("selected_items"):
		return [["name", "in", frappe.parse_json(selected)]]
	return frappe.parse_json(form.get("filters") or "[]")
