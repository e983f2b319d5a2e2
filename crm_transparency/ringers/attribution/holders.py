"""Which exports held which ringer, by the index over all manifests; and who opened its records one by one."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import frappe
from frappe.utils import get_datetime

from crm_transparency.crm_transparency import sealed_texts
from crm_transparency.crm_transparency.bulk import batches, is_one_of
from crm_transparency.export_audit import manifest_index, traceable
from crm_transparency.export_audit.exports import BACKUP_DOWNLOAD
from crm_transparency.export_audit.permissions import LEDGER
from crm_transparency.ringers import identities
from crm_transparency.ringers.attribution.scoring import Held

EXPORT_ROW = "Export Row"
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
OPENED = "opened one by one"

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

Holders = dict[str, set[str]]


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
	planted_on = sealed_texts.unseal(row.planted_on)
	return Known(
		row.name,
		row.planted_as,
		get_datetime(planted_on) if planted_on and row.contact else None,
		tuple(identities.records_of(row)),
	)


class Found:
	"""Which exports, and who opened contacts one by one, held the ringers of a case: `holders`, by ringer.

	At first only what held all of them, which the index finds fast. Where nothing did, `add_partial` adds the rest.
	"""

	def __init__(self, first_seen: Mapping[str, datetime]):
		self.first_seen = first_seen
		self.ringers = known(first_seen)
		self.made_for: dict[str, set[str]] = {}
		self.rows: dict[str, frappe._dict] = {}
		self.held: dict[str, Held] = {}
		self.elsewhere = self._held_elsewhere()
		held_all = self._exports_of_all() | self._held_all_elsewhere()
		self.holders: Holders = {ringer: set(held_all) for ringer in self.ringers}
		self._read(held_all)

	def add_partial(self) -> None:
		"""Add what held only some of the ringers."""
		records = {record for ringer in self.ringers.values() for record in ringer.records}
		exports = manifest_index.exports_of_each(records)
		for name, ringer in self.ringers.items():
			found = [exports[record] for record in ringer.records]
			self.holders[name] |= self.elsewhere[name].union(*found)
		self._read({export for exports in self.holders.values() for export in exports})

	def _exports_of_all(self) -> set[str]:
		"""Return the exports that held all ringers, by their manifests or because some were made for them."""
		in_manifests = {name: ringer.records for name, ringer in self.ringers.items() if ringer.records}
		made_for = [self.elsewhere[name] for name, ringer in self.ringers.items() if not ringer.records]
		found = [manifest_index.exports_of_all(in_manifests)] if in_manifests else []
		return set.intersection(*found, *made_for) if found or made_for else set()

	def _held_all_elsewhere(self) -> set[str]:
		return set.intersection(*self.elsewhere.values()) if self.elsewhere else set()

	def _held_elsewhere(self) -> Holders:
		"""Return what held ringers and has no manifest that names them."""
		elsewhere: Holders = {name: set() for name in self.ringers}
		for name, ringer in self.ringers.items():
			if ringer.planted_as == EXPORT_ROW and (export := traceable.export_of(name)):
				elsewhere[name].add(export)
				self.made_for.setdefault(export, set()).add(name)
		self._add_backups(elsewhere)
		self._add_openings(elsewhere)
		return elsewhere

	def _add_backups(self, elsewhere: Holders) -> None:
		"""A backup has no manifest: it holds everything that was there."""
		backups = frappe.get_all(
			LEDGER, filters={"channel": BACKUP_DOWNLOAD}, fields=["name", "exported_on"], order_by=None
		)
		for name, ringer in self.ringers.items():
			if ringer.planted_on:
				elsewhere[name] |= {row.name for row in backups if row.exported_on >= ringer.planted_on}

	def _add_openings(self, elsewhere: Holders) -> None:
		"""Frappe writes a View Log where a DocType's `track_views` is on."""
		ringer_of = {record: name for name, ringer in self.ringers.items() for record in ringer.records}
		first: dict[tuple[str, str], datetime] = {}
		for record, user, moment in views_of(ringer_of):
			if moment <= self.first_seen[ringer_of[record]]:
				first.setdefault((user, ringer_of[record]), moment)
		for (user, ringer), moment in first.items():
			opening = f"{OPENED}: {user}"
			elsewhere[ringer].add(opening)
			before = self.held.get(opening)
			self.held[opening] = Held(
				name=opening,
				users=(user,),
				made_on=min(moment, before.made_on) if before else moment,
				rows=before.rows + 1 if before else 1,
				has_addresses=True,
				was_opened=True,
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
	names: dict[str, list[str]] = {}
	for doctype, name in records:
		names.setdefault(doctype, []).append(name)
	for doctype, of_doctype in names.items():
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
