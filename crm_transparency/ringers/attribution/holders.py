"""Which exports held which ringer, by the index over all manifests; and who opened its records one by one."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import frappe
from frappe.utils import get_datetime

from crm_transparency.crm_transparency.bulk import batches, is_one_of
from crm_transparency.export_audit import manifest_index, traceable
from crm_transparency.export_audit.exports import BACKUP_DOWNLOAD
from crm_transparency.export_audit.permissions import LEDGER
from crm_transparency.ringers import identities
from crm_transparency.ringers.attribution.scoring import Held
from crm_transparency.ringers.identities import Identity

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

Holders = dict[str, set[str]]


class Found:
	"""What explains some of the ringers: exports and openings by name, and who held what."""

	def __init__(self, first_seen: Mapping[str, datetime]):
		self.first_seen = first_seen
		self.identities = {ringer: identities.contact_of(ringer) for ringer in first_seen}
		self.holders: Holders = {ringer: set() for ringer in self.identities}
		self.made_for: dict[str, set[str]] = {}
		self._add_manifests()
		self._add_exports_made_for_ringers()
		self._add_backups()
		self.rows = read_exports({name for names in self.holders.values() for name in names})
		self.held = {name: self._as_held(row) for name, row in self.rows.items()}
		self._add_openings()

	def _add_manifests(self) -> None:
		records = {record for identity in self.identities.values() for record in identity.records}
		exports = manifest_index.exports_of_each(records)
		for ringer, identity in self.identities.items():
			for record in identity.records:
				self.holders[ringer] |= exports.get(record, set())

	def _add_exports_made_for_ringers(self) -> None:
		for ringer, identity in self.identities.items():
			if identity.planted_as == EXPORT_ROW and (export := traceable.export_of(ringer)):
				self.holders[ringer].add(export)
				self.made_for.setdefault(export, set()).add(ringer)

	def _add_backups(self) -> None:
		"""A backup has no manifest: it holds everything that was there."""
		backups = frappe.get_all(
			LEDGER, filters={"channel": BACKUP_DOWNLOAD}, fields=["name", "exported_on"], order_by=None
		)
		for ringer, identity in self.identities.items():
			planted_on = as_moment(identity)
			if planted_on:
				self.holders[ringer] |= {row.name for row in backups if row.exported_on >= planted_on}

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

	def _add_openings(self) -> None:
		"""Frappe writes a View Log where a DocType's `track_views` is on."""
		for ringer, identity in self.identities.items():
			for user, moment in views_of(identity):
				if moment > self.first_seen[ringer]:
					continue
				name = f"{OPENED}: {user}"
				before = self.held.get(name)
				self.holders[ringer].add(name)
				self.held[name] = Held(
					name=name,
					users=(user,),
					made_on=min(moment, before.made_on) if before else moment,
					rows=before.rows + 1 if before else 1,
					has_addresses=True,
					was_opened=True,
				)


def as_moment(identity: Identity) -> datetime | None:
	return get_datetime(identity.planted_on) if identity.planted_on and identity.contact else None


def read_exports(names: set[str]) -> dict[str, frappe._dict]:
	"""Return Export Log entries by name. Plain rows: there can be ten thousand."""
	table = frappe.qb.DocType(LEDGER)
	found: dict[str, frappe._dict] = {}
	for some in batches(sorted(names)):
		query = frappe.qb.from_(table).select(*(table[field] for field in EXPORT_FIELDS))
		for row in query.where(is_one_of(table.name, some)).run():
			found[row[0]] = frappe._dict(zip(EXPORT_FIELDS, row, strict=True))
	return found


def views_of(identity: Identity) -> list[tuple[str, datetime]]:
	views = []
	for doctype, name in identity.records:
		rows = frappe.get_all(
			"View Log",
			filters={"reference_doctype": doctype, "reference_name": name},
			fields=["viewed_by", "creation"],
			order_by="creation",
		)
		views += [(row.viewed_by, row.creation) for row in rows if row.viewed_by]
	first: dict[str, datetime] = {}
	for user, moment in views:
		first[user] = min(moment, first.get(user, moment))
	return list(first.items())


def silent_ringers(exports: Sequence[str], rung: Iterable[str]) -> dict[str, int]:
	"""Return how many other ringers each of some exports held, which were not contacted, as far as is known."""
	others = [identities.contact_of(ringer) for ringer in identities.ringing() if ringer not in set(rung)]
	records = {record: other.ringer for other in others for record in other.records}
	held = manifest_index.held_among(exports, records)
	return {export: len({records[record] for record in some}) for export, some in held.items()}
