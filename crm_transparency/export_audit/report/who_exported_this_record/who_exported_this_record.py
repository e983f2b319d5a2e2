"""Who took this record out of the company: every export whose manifest names it, newest first.

A manifest is for managers and the person who exported. So managers find everybody's exports, others their own.
"""

import frappe
from frappe import _
from frappe.utils import cstr
from pypika import Criterion

from crm_transparency.crm_transparency import activity, hidden, staff
from crm_transparency.crm_transparency.activity import Cursor
from crm_transparency.crm_transparency.report_parts import column
from crm_transparency.export_audit import export_queries, export_visibility, manifest_index
from crm_transparency.export_audit.exports import BACKUP_DOWNLOAD, LEDGER
from crm_transparency.ledger import names
from crm_transparency.ledger.names import NameSpan


def execute(filters: dict | None = None) -> tuple:
	"""Return columns, rows, and a note; nothing while no record is named."""
	filters = frappe._dict(filters or {})
	if not (filters.reference_doctype and filters.reference_name):
		return columns(), [], _("Choose a record.")
	hidden.check(filters.reference_doctype, cstr(filters.reference_name))
	limit = activity.rows_wanted(filters, LEDGER)
	rows = exports_of(filters.reference_doctype, cstr(filters.reference_name), limit + 1, filters.before)
	next_page = export_queries.cursor_of(rows[limit - 1]) if len(rows) > limit else None
	rows = rows[:limit]
	export_queries.describe(rows)
	if next_page:
		rows[-1].next_page = str(next_page)
	return columns(), rows, note(activity.note_of_cut(next_page, limit))


def columns() -> list[dict]:
	return [
		column("exported_on", _("When"), 185, "Datetime"),
		column("utc_offset", _("UTC offset"), 100),
		column("person_name", _("Person"), 190),
		column("channel_name", _("Channel"), 140),
		column("what", _("What"), 190),
		column("record_count", _("Records in it"), 120, "Int"),
		column("file_format", _("Format"), 90),
		column("purpose", _("Purpose"), 280),
	]


def exports_of(doctype: str, name: str, limit: int, before: str | None) -> list[frappe._dict]:
	"""Return the newest exports of a record that the reader may know of, under its name of today and those before."""
	cursor = Cursor.parse(before)
	found = []
	for span in names.spans(doctype, name):
		found += exports_in(span, manifest_index.exports_of(doctype, span.name), limit, cursor)
	return sorted(found, key=lambda row: export_queries.cursor_of(row).sort_key())[:limit]


def exports_in(span: NameSpan, held_it: list[str], limit: int, cursor: Cursor | None) -> list[frappe._dict]:
	"""Return the newest of the exports, oldest first, that held a record while it had a name. Their names sort by time."""
	found = []
	for some in manifest_index.batches(reversed(held_it)):
		found += export_queries.newest(may_be_shown(span, some), limit, cursor)
		if len(found) >= limit:
			break
	return found


def may_be_shown(span: NameSpan, exports: list[str]) -> Criterion:
	log = export_queries.export_log()
	condition = log.name.isin(exports)
	if span.since:
		condition &= log.exported_on > span.since
	if span.until:
		condition &= log.exported_on <= span.until
	visible = export_visibility.details_criterion(log)
	return condition if visible is None else condition & visible


def note(cut: str | None) -> str | None:
	"""Return what the list leaves out."""
	sentences = [cut]
	if not staff.is_manager():
		sentences.append(_("These are your own exports of it. Managers see everybody's."))
	elif backups := frappe.db.count(LEDGER, {"channel": BACKUP_DOWNLOAD}):
		sentences.append(
			_("Backups contain every record and aren't listed here. {0} of them were downloaded.").format(
				backups
			)
		)
	return " ".join(filter(None, sentences)) or None
