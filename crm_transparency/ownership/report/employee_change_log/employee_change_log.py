"""What one person changed in accounts, contacts and addresses, newest first, a page at a time."""

import frappe
from frappe import _

from crm_transparency.crm_transparency import activity
from crm_transparency.crm_transparency.activity import Cursor, Selection
from crm_transparency.crm_transparency.period import Period
from crm_transparency.crm_transparency.report_parts import column
from crm_transparency.ledger import names
from crm_transparency.ownership import change_log
from crm_transparency.ownership.change_log import Line
from crm_transparency.ownership.ownership_visibility import LEDGER

DEFAULT_DAYS = 90


def execute(filters: dict | None = None) -> tuple:
	"""Return columns, rows, and the note that there are older changes. Raises PermissionError for others' changes."""
	filters = frappe._dict(filters or {})
	limit = activity.rows_wanted(filters, LEDGER)
	selection = Selection(
		users=(filters.user or frappe.session.user,),
		period=Period.of_filters(filters, DEFAULT_DAYS),
		doctypes=(filters.document_type,) if filters.document_type else None,
		fieldname=filters.field or None,
		before=Cursor.parse(filters.before),
	)
	page = change_log.read(selection, limit)
	rows = rows_of(page.lines)
	if page.next_page and rows:
		rows[-1]["next_page"] = str(page.next_page)
	return columns(any(row["really_by"] for row in rows)), rows, activity.note_of_cut(page.next_page, limit)


def columns(with_impersonators: bool) -> list[dict]:
	return [
		column("happened_on", _("When"), 185, "Datetime"),
		column("utc_offset", _("UTC offset"), 100),
		column("action", _("What"), 120),
		column("document_type", _("Type"), 100),
		column("document", _("Document"), 220),
		column("field", _("Field"), 180),
		column("before", _("Before"), 200),
		column("after", _("After"), 200),
		*([column("really_by", _("Impersonated by"), 210)] if with_impersonators else []),
	]


def rows_of(lines: list[Line]) -> list[dict]:
	called = names.full_names_at((line.impersonated_by, line.happened_on) for line in lines)
	return [
		{
			"happened_on": line.happened_on,
			"utc_offset": line.utc_offset,
			"action": line.action,
			"document_type": _(line.doctype),
			"document": line.title or _("A document you can't open"),
			"field": line.field,
			"before": line.before,
			"after": line.after,
			"really_by": called.get((line.impersonated_by, line.happened_on)),
			"reference_doctype": line.doctype,
			"reference_name": line.name if line.is_there else None,
			"fieldname": line.fieldname,
		}
		for line in lines
	]
