"""Exports and read volumes as reports list them: newest first, a page at a time, described for people."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import frappe
from frappe import _
from frappe.query_builder import Order
from frappe.utils import get_datetime, getdate
from pypika import Criterion
from pypika.queries import Table

from crm_transparency.crm_transparency import activity
from crm_transparency.crm_transparency.activity import Cursor
from crm_transparency.export_audit import export_visibility
from crm_transparency.export_audit.export_visibility import READ_VOLUME
from crm_transparency.export_audit.exports import LEDGER
from crm_transparency.ledger import entries, names
from crm_transparency.ledger.names import NameSpan

FIELDS = (
	"name",
	"user",
	"impersonated_by",
	"exported_on",
	"channel",
	"reference_doctype",
	"report_name",
	"file_format",
	"row_count",
	"record_count",
	"contact_data",
	"purpose",
	"utc_offset",
)
#: what only managers and the person who exported may know
DETAILS = ("ip_address", "signed_in_with", "recipients", "file_name")


def export_log() -> Table:
	return frappe.qb.DocType(LEDGER)


def newest(
	condition: Criterion, limit: int, before: Cursor | None = None, details: Iterable[str] = ()
) -> list[frappe._dict]:
	"""Return the newest `limit` exports that match, and that come after the cursor, newest first."""
	log = export_log()
	query = frappe.qb.from_(log).select(*(log[field] for field in (*FIELDS, *details))).where(condition)
	is_older = activity.older_than(before, LEDGER, log.exported_on, log.name)
	if is_older is not None:
		query = query.where(is_older)
	query = query.orderby(log.exported_on, order=Order.desc).orderby(log.name, order=Order.desc)
	return query.limit(limit).run(as_dict=True)


def cursor_of(export: frappe._dict) -> Cursor:
	return Cursor(get_datetime(export.exported_on), LEDGER, export.name)


def is_by(user: str) -> Criterion:
	"""Return the condition under which a person exported, in their own name or another's, today's name or a former one."""
	return export_visibility.is_own(export_log(), user)


def describe(exports: list[frappe._dict]) -> None:
	"""Add to exports who made them, what they held, and the channel, for people."""
	called = names.full_names_at(
		(export[who], export.exported_on) for export in exports for who in ("user", "impersonated_by")
	)
	for export in exports:
		people = (export.user, export.impersonated_by)
		called_then = {user: called.get((user, export.exported_on)) for user in people}
		export.person_name = person_name(export.user, export.impersonated_by, called_then)
		export.channel_name = _(export.channel)
		export.utc_offset = export.utc_offset or entries.utc_offset(export.name)
		export.what = what(export)


def person_name(user: str, impersonated_by: str | None, called: dict[str, str]) -> str:
	if not impersonated_by:
		return called[user]
	return _("{0}, signed in as {1}").format(called[impersonated_by], called[user])


def what(export: frappe._dict) -> str:
	"""Return what an export held: a report, documents of a type, or everything there is."""
	if export.report_name:
		return _("Report {0}").format(_(export.report_name))
	if export.reference_doctype:
		return _(export.reference_doctype)
	return _("Everything") if export.channel == "Backup Download" else export.get("file_name") or _("A file")


# Read Volume, whose rows are for whole days


def read_volume() -> Table:
	return frappe.qb.DocType(READ_VOLUME)


def is_read_by(user: str) -> Criterion:
	"""Return the condition under which a row is about a person, under today's name or a former one."""
	return Criterion.any(is_in(span) for span in names.spans("User", user))


def is_in(span: NameSpan) -> Criterion:
	volume = read_volume()
	condition = volume.user == span.name
	if span.since:
		condition &= volume.day >= getdate(span.since)
	if span.until:
		condition &= volume.day <= getdate(span.until)
	return condition


def is_between(start: datetime, end: datetime) -> Criterion:
	"""Return the condition under which a day lies between two midnights."""
	return (read_volume().day >= start.date()) & (read_volume().day <= (end - timedelta(days=1)).date())


def is_older_than(cursor: Cursor) -> Criterion:
	"""Return the condition under which a day, which stands at its beginning, comes after the cursor."""
	volume, day = read_volume(), cursor.moment.date()
	if cursor.source == READ_VOLUME:
		return (volume.day < day) | ((volume.day == day) & (volume.name < cursor.name))
	return volume.day <= day
