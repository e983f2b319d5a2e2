"""What the rules about exports read and find: windows of days, entries of the Export Log, findings, and how these are worded."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import frappe
from frappe import _
from frappe.utils import get_datetime, get_fullname, getdate
from pypika import Criterion
from pypika.queries import Table

from crm_transparency.crm_transparency import formatting
from crm_transparency.crm_transparency.formatting import shortened
from crm_transparency.export_audit.audited import audited_doctypes
from crm_transparency.export_audit.exports import LEDGER, SCHEDULED_REPORT

LARGE = "Large Export"
UNUSUAL = "Unusual for This Person"
MANY_READ = "Many Records Read"
PRIVATE = "Sent to a Private Address"
LEAVING = "Leaving"
API_KEY = "First Export by an API Key"


class Window(NamedTuple):
	"""From the first day to the last one, both included; of one user, or of everybody."""

	first: date
	last: date
	user: str | None = None

	def contains(self, log: Table) -> Criterion:
		"""Return the condition under which an entry of the Export Log lies in the window."""
		after = get_datetime(self.last) + timedelta(days=1)
		condition = (log.exported_on >= get_datetime(self.first)) & (log.exported_on < after)
		return condition & (log.user == self.user) if self.user else condition


@dataclass(frozen=True)
class Finding:
	"""Something that somebody should have a look at, as sentences: what happened, why it is raised, what is normal."""

	rule: str
	user: str
	impersonated_by: str | None
	day: date
	#: rows or records: by how much it grows, it is told whether something looked at is now another matter
	figure: int
	explanation: str
	reason: str
	normal: str
	export_log: str | None = None
	#: what, apart from rule and people, makes two findings the same kind
	kind: tuple[str, ...] = ()
	#: whether the same kind is a new occasion on the next day
	is_daily: bool = True


# Entries of the Export Log, as the rules read them

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


# Wording

MOST_NAMED = 5


number, day_text = formatting.number, formatting.day


def people(user: str, impersonated_by: str | None) -> str:
	"""Return who did something, and in whose name."""
	if impersonated_by:
		return _("{0}, signed in as {1},").format(get_fullname(impersonated_by), get_fullname(user))
	return get_fullname(user)


def what_left(doctype: str | None, report: str | None) -> str:
	if report:
		return _("the report {0}").format(_(report))
	return _(doctype) if doctype else _("unknown data")


def some(words: list[str]) -> str:
	"""Join a list that may be long."""
	return shortened(words, MOST_NAMED)
