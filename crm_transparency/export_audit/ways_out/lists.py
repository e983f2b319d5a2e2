"""Lists and report views, exported as CSV or Excel."""

import frappe
from frappe.utils import cint

from crm_transparency.crm_transparency.bulk import batches
from crm_transparency.export_audit import witness
from crm_transparency.export_audit.audited import holds_contact_data, is_audited
from crm_transparency.export_audit.exports import LIST_EXPORT, Export
from crm_transparency.export_audit.ways_out import content


def exported(response) -> Export | None:
	form = frappe.form_dict
	if cint(form.get("export_in_background")) and not frappe.response.get("type"):
		return None  # the job that was queued makes the file
	return describe(form.doctype, form, content.of_response(response))


def describe(doctype: str, form: dict, file: content.File) -> Export:
	"""Describe the export of a list from the form that asked for it, and from what was read for it meanwhile."""
	reading = witness.current().latest(doctype, as_list=True)
	rows = content.rows_of(file) if reading is None else []
	columns = reading.columns if reading else witness.columns_of(frappe.parse_json(form["fields"]), doctype)
	return Export(
		LIST_EXPORT,
		doctype=doctype,
		**file.fields(),
		row_count=reading.rows if reading else len(rows),
		columns=columns,
		filters=frappe.as_json(filters_of(form), indent=None),
		contact_data=holds_contact_data(doctype, columns),
		names={doctype: names_in(doctype, reading, rows)} if is_audited(doctype) else {},
	)


def filters_of(form: dict) -> object:
	if selected := form.get("selected_items"):
		return [["name", "in", frappe.parse_json(selected)]]
	return frappe.parse_json(form.get("filters") or "[]")


def names_in(doctype: str, reading: witness.Reading | None, rows: list[list]) -> list[str]:
	return reading.record_names() if reading else named_in(rows, doctype)


def named_in(rows: list[list], doctype: str) -> list[str]:
	"""Return the records whose names are in a file that another app made without asking Frappe for a list."""
	values = sorted({str(value) for row in rows for value in row if value})
	return [
		name
		for some in batches(values)
		for name in frappe.get_all(doctype, filters={"name": ("in", some)}, pluck="name")
	]
