"""Which exports held which ringer, by the index over all manifests; and who opened its records, or read nearly all there were.

Read Volume counts how many different records a person read in a day, not which. Only where it comes near the whole table
does it say that a certain record was among them.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from itertools import accumulate
from typing import NamedTuple

import frappe
from frappe.query_builder.functions import Count, Date
from frappe.utils import get_datetime, getdate

from crm_transparency.crm_transparency import encryption
from crm_transparency.crm_transparency.database import batches, by_doctype, is_one_of
from crm_transparency.export_audit import manifest_index
from crm_transparency.export_audit.exports import BACKUP_DOWNLOAD, LEDGER, READ_VOLUME, export_of_ringer
from crm_transparency.ringers import identities
from crm_transparency.ringers.scoring import Held

EXPORT_FIELDS = (
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
)
OPENED, READ = "opened one by one", "read nearly all"

RINGER_FIELDS = (
	"name",
	"planted_as",
	"planted_on",
	"contact",
	"party_type",
	"party",
	"address",
	"former_records",
)

#: by export, or by what was opened or read without one, the ringers that were in it
Holdings = dict[str, Collection[str]]


class Known(NamedTuple):
	"""Of a ringer what tells which exports held it. `identities` knows more, one document at a time."""

	ringer: str
	planted_as: str
	planted_on: datetime | None
	records: tuple[tuple[str, str], ...]


def known(ringers: Iterable[str]) -> dict[str, Known]:
	"""Return what is known of many ringers, read at once: opening whole documents takes a millisecond each."""
	rows = frappe.get_all(
		identities.RINGER,
		filters={"name": ("in", list(ringers))},
		fields=list(RINGER_FIELDS),
		limit_page_length=0,
	)
	return {row.name: as_known(row) for row in rows}


def as_known(row: frappe._dict) -> Known:
	planted_on = encryption.decrypted(row.planted_on)
	return Known(
		row.name,
		row.planted_as,
		get_datetime(planted_on) if planted_on and row.contact else None,
		tuple(identities.records_of(row)),
	)


class Found:
	"""Which exports, and who read contacts without exporting them, held the ringers of a case: `holdings`, by export.

	At first only what held all of them, which the index finds fast. Where nothing did, `add_partial` adds what held most.
	"""

	def __init__(self, first_seen: Mapping[str, datetime]):
		self.first_seen = first_seen
		self.ringers = known(first_seen)
		self.made_for: dict[str, set[str]] = {}
		self.rows: dict[str, frappe._dict] = {}
		self.held: dict[str, Held] = {}
		self.elsewhere = self._held_elsewhere()
		held_all = self._exports_of_all() | self._held_all_elsewhere()
		self.holdings: Holdings = dict.fromkeys(held_all, frozenset(self.ringers))
		self._read(held_all)

	def add_partial(self, wanted: int) -> None:
		"""Add what held only some of the ringers: the `wanted` exports that held most, and all that held as many."""
		records = {name: ringer.records for name, ringer in self.ringers.items()}
		until = {name: self.first_seen[name] for name in records}
		self.holdings |= manifest_index.exports_of_most(records, until, self.elsewhere, wanted)
		for name, ringers in self.elsewhere.items():
			self.holdings[name] = ringers.union(self.holdings.get(name, ()))
		self._read(set(self.holdings))

	def _exports_of_all(self) -> set[str]:
		"""Return the exports that held all ringers, by their manifests or because some were made for them."""
		in_manifests = {name: ringer.records for name, ringer in self.ringers.items() if ringer.records}
		made_for = self.ringers.keys() - in_manifests.keys()
		found = manifest_index.exports_of_all(in_manifests) if in_manifests else self.elsewhere.keys()
		return {name for name in found if made_for <= self.elsewhere.get(name, set())}

	def _held_all_elsewhere(self) -> set[str]:
		return {name for name, ringers in self.elsewhere.items() if ringers == self.ringers.keys()}

	def _held_elsewhere(self) -> dict[str, set[str]]:
		"""Return what held ringers and has no manifest that names them, and which ringers these are."""
		elsewhere: defaultdict[str, set[str]] = defaultdict(set)
		for name, ringer in self.ringers.items():
			if ringer.planted_as == identities.EXPORT_ROW and (export := export_of_ringer(name)):
				elsewhere[export].add(name)
				self.made_for.setdefault(export, set()).add(name)
		self._add_backups(elsewhere)
		self._add_openings(elsewhere)
		self._add_reading(elsewhere)
		return dict(elsewhere)

	def _add_backups(self, elsewhere: defaultdict[str, set[str]]) -> None:
		"""A backup has no manifest: it holds everything that was there."""
		backups = frappe.get_all(
			LEDGER, filters={"channel": BACKUP_DOWNLOAD}, fields=["name", "exported_on"], order_by=None
		)
		planted_on = {name: ringer.planted_on for name, ringer in self.ringers.items() if ringer.planted_on}
		for row in backups:
			elsewhere[row.name] |= {
				name for name, planted in planted_on.items() if planted <= row.exported_on
			}

	def _add_openings(self, elsewhere: defaultdict[str, set[str]]) -> None:
		"""Frappe writes a View Log where a DocType's `track_views` is on."""
		ringer_of = {record: name for name, ringer in self.ringers.items() for record in ringer.records}
		first: dict[tuple[str, str], datetime] = {}
		for record, user, moment in views_of(ringer_of):
			if moment <= self.first_seen[ringer_of[record]]:
				first.setdefault((user, ringer_of[record]), moment)
		for (user, ringer), moment in first.items():
			opening = f"{OPENED}: {user}"
			elsewhere[opening].add(ringer)
			before = self.held.get(opening)
			self.held[opening] = Held(
				name=opening,
				users=(user,),
				made_on=min(moment, before.made_on) if before else moment,
				rows=before.rows + 1 if before else 1,
				has_addresses=True,
				was_opened=True,
			)

	def _add_reading(self, elsewhere: defaultdict[str, set[str]]) -> None:
		"""Whoever read nearly every record there was in a day read the ringers' too, though nothing says which."""
		planted = [ringer.planted_on for ringer in self.ringers.values() if ringer.planted_on]
		if not planted:
			return
		doctypes = {doctype for ringer in self.ringers.values() for doctype, _name in ringer.records}
		for day in days_of_nearly_all(doctypes, min(planted), min(self.first_seen.values())):
			read = f"{READ}: {day.doctype}, {day.user}"
			for name, ringer in self.ringers.items():
				was_there = ringer.planted_on and ringer.planted_on.date() <= day.day
				if was_there and day.doctype in dict(ringer.records):
					elsewhere[read].add(name)
			self.held[read] = Held(
				name=read,
				users=(day.user,),
				made_on=datetime.combine(day.day, time.min),
				rows=day.records,
				has_addresses=None,
				was_read=True,
			)

	def _read(self, exports: set[str]) -> None:
		new = read_exports(exports - self.held.keys())
		self.rows |= new
		self.held |= {name: self._as_held(row) for name, row in new.items()}

	def _as_held(self, row: frappe._dict) -> Held:
		is_backup = row.channel == BACKUP_DOWNLOAD
		return Held(
			name=row.name,
			users=tuple(filter(None, (row.user, row.impersonated_by))),
			made_on=get_datetime(row.exported_on),
			rows=row.record_count or row.row_count or 1,
			has_addresses=bool(row.contact_data or is_backup or row.name in self.made_for),
			made_for=frozenset(self.made_for.get(row.name, ())),
		)


def read_exports(names: set[str]) -> dict[str, frappe._dict]:
	"""Return Export Log entries by name. Plain rows: there can be ten thousand."""
	table = frappe.qb.DocType(LEDGER)
	found: dict[str, frappe._dict] = {}
	for some in batches(sorted(names)):
		query = frappe.qb.from_(table).select(*(table[field] for field in EXPORT_FIELDS))
		for row in query.where(is_one_of(table.name, some)).run():
			found[row[0]] = frappe._dict(zip(EXPORT_FIELDS, row, strict=True))
	return found


def views_of(
	records: Collection[tuple[str, str]],
) -> Iterator[tuple[tuple[str, str], str, datetime]]:
	"""Yield who opened which of the records when, oldest first."""
	for doctype, of_doctype in by_doctype(records).items():
		for some in batches(of_doctype):
			rows = frappe.get_all(
				"View Log",
				filters={"reference_doctype": doctype, "reference_name": ("in", some)},
				fields=["reference_name", "viewed_by", "creation"],
				order_by="creation",
				limit_page_length=0,
			)
			yield from (
				((doctype, row.reference_name), row.viewed_by, row.creation) for row in rows if row.viewed_by
			)


def silent_ringers(exports: Sequence[str], rung: Collection[str]) -> dict[str, int]:
	"""Return how many other ringers each of some exports held, which were not contacted, as far as is known."""
	others = known(set(identities.ringing()) - set(rung))
	records = {record: other.ringer for other in others.values() for record in other.records}
	held = manifest_index.held_among(exports, records)
	return {export: len({records[record] for record in some}) for export, some in held.items()}


# Reading without exporting

#: the part of a table that counts as nearly all of it
NEARLY_ALL = 0.8
#: whoever reads all of fewer records has looked at a few customers
FEWEST = 50


class Day(NamedTuple):
	user: str
	day: date
	doctype: str
	records: int


class Sizes:
	"""How many of today's records of a DocType there were at the end of each day."""

	def __init__(self, doctype: str):
		table = frappe.qb.DocType(doctype)
		made_on = Date(table.creation)
		rows = frappe.qb.from_(table).select(made_on, Count("*")).groupby(made_on).run()
		made = sorted((getdate(day), count) for day, count in rows)
		self.days = [day for day, _count in made]
		self.totals = list(accumulate(count for _day, count in made))

	def on(self, day: date) -> int:
		place = bisect_right(self.days, day)
		return self.totals[place - 1] if place else 0


def days_of_nearly_all(doctypes: Iterable[str], since: datetime, until: datetime) -> Iterator[Day]:
	"""Yield, for each person and DocType, the last day between two moments on which they read nearly all that was there."""
	for doctype in sorted(doctypes):
		there = frappe.db.count(doctype, {"creation": ("<", since.date())})
		days = days_of_many(doctype, since.date(), until.date(), max(NEARLY_ALL * there, FEWEST))
		# what a table held day by day takes a while to count, and hardly anybody reads all of it
		sizes = Sizes(doctype) if days else None
		last = {day.user: day for day in days if 0 < NEARLY_ALL * sizes.on(day.day) <= day.records}
		yield from last.values()


def days_of_many(doctype: str, first: date, last: date, fewest: float) -> list[Day]:
	rows = frappe.get_all(
		READ_VOLUME,
		filters=[
			["reference_doctype", "=", doctype],
			["day", "between", [first, last]],
			["distinct_records", ">=", fewest],
		],
		fields=["user", "day", "distinct_records"],
		order_by="day, name",
		limit_page_length=0,
	)
	return [Day(row.user, getdate(row.day), doctype, row.distinct_records) for row in rows]
