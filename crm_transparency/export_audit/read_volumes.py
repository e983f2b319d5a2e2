"""Conditions on Read Volume, whose rows are for whole days."""

from datetime import date, datetime, timedelta

import frappe
from frappe.utils import getdate
from pypika import Criterion
from pypika.queries import Table

from crm_transparency.crm_transparency.paging import Cursor
from crm_transparency.export_audit.permissions import READ_VOLUME
from crm_transparency.ledger import names
from crm_transparency.ledger.names import NameSpan


def table() -> Table:
	return frappe.qb.DocType(READ_VOLUME)


def is_person(user: str) -> Criterion:
	"""Return the condition under which a row is about a person, under today's name or a former one."""
	return Criterion.any(is_in(span) for span in names.spans("User", user))


def is_in(span: NameSpan) -> Criterion:
	condition = table().user == span.name
	if span.since:
		condition &= table().day >= getdate(span.since)
	if span.until:
		condition &= table().day <= getdate(span.until)
	return condition


def is_between(start: datetime, end: datetime) -> Criterion:
	"""Return the condition under which a day lies between two midnights."""
	return (table().day >= start.date()) & (table().day <= last_day_before(end))


def last_day_before(end: datetime) -> date:
	return (end - timedelta(days=1)).date()


def is_older_than(cursor: Cursor) -> Criterion:
	"""Return the condition under which a day, which stands at its beginning, comes after the cursor."""
	volume, day = table(), cursor.moment.date()
	if cursor.source == READ_VOLUME:
		return (volume.day < day) | ((volume.day == day) & (volume.name < cursor.name))
	return volume.day <= day
