"""Entries of the Export Log, as the rules read them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

import frappe
from frappe.utils import getdate
from pypika import Criterion
from pypika.queries import Table

from crm_transparency.export_audit.alerts.findings import Window
from crm_transparency.export_audit.audited import audited_doctypes
from crm_transparency.export_audit.exports import LEDGER, SCHEDULED_REPORT

FIELDS = (
	"name",
	"user",
	"impersonated_by",
	"exported_on",
	"channel",
	"reference_doctype",
	"report_name",
	"row_count",
	"record_count",
	"contact_data",
	"manifest_sha256",
	"file_sha256",
	"recipients",
	"signed_in_with",
)


class Group(NamedTuple):
	"""Exports of one person on one day that have something in common."""

	user: str
	impersonated_by: str | None
	day: date
	entries: list[frappe._dict]

	@property
	def rows(self) -> int:
		return sum(entry.row_count for entry in self.entries)

	@property
	def largest(self) -> frappe._dict:
		"""Return the export with the most rows, the latest of these."""
		return max(self.entries, key=lambda entry: (entry.row_count, entry.name))


def ledger() -> Table:
	return frappe.qb.DocType(LEDGER)


def in_window(window: Window, condition: Criterion | None = None) -> list[frappe._dict]:
	log = ledger()
	query = frappe.qb.from_(log).select(*FIELDS).where(window.contains(log)).orderby(log.name)
	return (query.where(condition) if condition else query).run(as_dict=True)


def holds_tracked_data(log: Table) -> Criterion:
	"""Return the condition under which an export is about accounts and people: others are nobody's business here."""
	is_audited = log.reference_doctype.isin(sorted(audited_doctypes()))
	return (log.record_count > 0) | (log.contact_data == 1) | is_audited


def made_by_a_person(log: Table) -> Criterion:
	return log.channel != SCHEDULED_REPORT


def grouped(entries: Iterable[frappe._dict], *fields: str) -> Iterator[Group]:
	"""Put together the exports that one person made on one day, and that are the same in `fields`."""
	groups = defaultdict(list)
	for entry in entries:
		key = (entry.user, entry.impersonated_by, getdate(entry.exported_on))
		groups[key + tuple(entry.get(field) for field in fields)].append(entry)
	for key, members in groups.items():
		yield Group(*key[:3], members)
