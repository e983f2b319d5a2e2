"""What one person changed in accounts, contacts and addresses, newest first, a page at a time."""

import frappe
from frappe import _

from crm_transparency.ownership import change_log, paging, people
from crm_transparency.ownership.change_log.events import Selection
from crm_transparency.ownership.change_log.lines import Line
from crm_transparency.ownership.paging import Cursor
from crm_transparency.ownership.period import Period
from crm_transparency.ownership.permissions import LEDGER

DEFAULT_DAYS = 90


def execute(filters: dict | None = None) -> tuple:
	"""Return columns, rows, and the note that there are older changes. Raises PermissionError for others' changes."""
	filters = frappe._dict(filters or {})
	limit = paging.rows_wanted(filters, LEDGER)
	selection = Selection(
		user=filters.user or frappe.session.user,
		period=Period.of_filters(filters, DEFAULT_DAYS),
		doctype=filters.document_type or None,
		fieldname=filters.field or None,
		before=Cursor.parse(filters.before),
	)
	page = change_log.read(selection, limit)
	rows = rows_of(page.lines)
	if page.next_page and rows:
		rows[-1]["next_page"] = str(page.next_page)
	return columns(), rows, paging.note_of_cut(page.next_page, limit)


def columns() -> list[dict]:
	return [
		{"fieldname": "happened_on", "label": _("When"), "fieldtype": "Datetime", "width": 160},
		{"fieldname": "action", "label": _("What"), "fieldtype": "Data", "width": 120},
		{"fieldname": "document_type", "label": _("Type"), "fieldtype": "Data", "width": 100},
		{"fieldname": "document", "label": _("Document"), "fieldtype": "Data", "width": 220},
		{"fieldname": "field", "label": _("Field"), "fieldtype": "Data", "width": 180},
		{"fieldname": "before", "label": _("Before"), "fieldtype": "Data", "width": 200},
		{"fieldname": "after", "label": _("After"), "fieldtype": "Data", "width": 200},
		{
			"fieldname": "really_by",
			"label": _("Acting person behind the user"),
			"fieldtype": "Data",
			"width": 210,
		},
	]


def rows_of(lines: list[Line]) -> list[dict]:
	called = people.full_names(line.impersonated_by for line in lines)
	return [
		{
			"happened_on": line.happened_on,
			"action": line.action,
			"document_type": _(line.doctype),
			"document": line.title or _("A document that is closed to you"),
			"field": line.field,
			"before": line.before,
			"after": line.after,
			"really_by": called.get(line.impersonated_by),
			"reference_doctype": line.doctype,
			"reference_name": line.name if line.is_there else None,
			"fieldname": line.fieldname,
		}
		for line in lines
	]
