"""The Data Export tool, and import templates that hold data."""

import frappe
from frappe import _
from frappe.utils import cint

from crm_transparency.export_audit import witness
from crm_transparency.export_audit.audited import holds_contact_data, is_audited
from crm_transparency.export_audit.exports import DATA_EXPORT, IMPORT_TEMPLATE, Export
from crm_transparency.export_audit.ways_out import content

# what the Data Export tool writes above its rows, if asked to describe the columns too
ROWS_ABOUT_COLUMNS = 7


def exported(response) -> Export | None:
	form = frappe.form_dict
	if not cint(form.with_data):
		return None
	doctype = frappe.parse_json(form.doctype) if str(form.doctype).startswith("[") else form.doctype
	return describe(
		DATA_EXPORT,
		doctype[0] if isinstance(doctype, list) else doctype,
		form.get("select_columns"),
		form.get("filters"),
		response,
	)


def downloaded_template(response) -> Export | None:
	form = frappe.form_dict
	if form.export_records == "blank_template":
		return None
	return describe(
		IMPORT_TEMPLATE, form.doctype, form.get("export_fields"), form.get("export_filters"), response
	)


def describe(channel: str, doctype: str, columns: str | None, filters: str | None, response) -> Export:
	reading = witness.current().latest(doctype)
	file = content.of_response(response)
	chosen = chosen_columns(doctype, columns)
	return Export(
		channel,
		doctype=doctype,
		**file.fields(),
		row_count=rows_of_data(channel, file) - witness.current().added_rows,
		columns=chosen,
		filters=filters,
		contact_data=holds_contact_data(doctype, chosen or None),
		names={doctype: reading.record_names()} if reading and is_audited(doctype) else {},
	)


def chosen_columns(doctype: str, columns: str | None) -> list[str]:
	"""Return the names of the chosen columns, those of child tables behind the name of their DocType or table."""
	chosen = frappe.parse_json(columns) if columns else None
	if not isinstance(chosen, dict):
		return []
	return [
		name if table == doctype else f"{table}.{name}"
		for table, names in chosen.items()
		for name in (names if isinstance(names, list) else ())
	]


def rows_of_data(channel: str, file: content.File) -> int:
	rows = content.rows_of(file)
	return max(0, len(rows) - (1 if channel == IMPORT_TEMPLATE else rows_above_data(rows)))


def rows_above_data(rows: list[list]) -> int:
	separator = _("Start entering data below this line")
	for number, row in enumerate(rows, start=1):
		if row and row[0] == separator:
			return number
	is_described = bool(rows) and not any(rows[0])
	return ROWS_ABOUT_COLUMNS if is_described else 1
