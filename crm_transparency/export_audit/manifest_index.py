"""Which exports held a record, or the most of many? An index over all manifests, made in the background.

Every record that was ever exported has a number, and numbers given out together lie together. An export's numbers are kept
by blocks of 4,096 neighbors, each as a Roaring bitmap. So a search reads one small row for each export that holds anything
near the record. Manifests that aren't indexed yet are looked through one by one.
"""

import base64
from bisect import bisect_left
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import reduce
from heapq import nlargest
from operator import or_

import frappe
from frappe import _
from frappe.query_builder.functions import Max
from frappe.utils import now
from frappe.utils.file_lock import LockTimeoutError
from frappe.utils.synchronization import filelock
from pyroaring import BitMap

from crm_transparency.crm_transparency.database import batches, by_doctype, insert_rows, inserted, is_one_of
from crm_transparency.export_audit import manifests
from crm_transparency.export_audit.exceptions import ManifestAltered
from crm_transparency.export_audit.manifests import LEDGER, MANIFEST

RECORD, BLOCK = "Exported Record", "Export Manifest Block"
BLOCK_BITS = 12
#: above that it is faster to read the whole block
MOST_SINGLE_LOOKUPS = 3000
LOCK = "crm_transparency_manifest_index"
ANOTHER_RUNS_AFTER_SECONDS = 1

Record = tuple[str, str]
#: where records are in a block
Offsets = dict[Record, int]


# Which exports held a record, or one of each group of records


def exports_of(doctype: str, name: str) -> list[str]:
	"""Return the names of the Export Log entries whose manifests hold a record, oldest first.

	Checks no permissions: callers show what their reader may see.
	"""
	number = frappe.db.get_value(RECORD, {"reference_doctype": doctype, "reference_name": name}, "number")
	indexed = exports_with_number(number) if number else []
	return sorted([*indexed, *(export for export in not_indexed() if holds(export, (doctype, name)))])


def exports_with_number(number: int) -> list[str]:
	block, offset = place_of(number)
	return [export for export, members in rows_of(block) if offset in members]


def exports_of_all(groups: Mapping[Hashable, Iterable[Record]]) -> set[str]:
	"""Return the exports that hold at least one record of every group. Checks no permissions.

	Goes through the index block by block, and from the first complete group on reads only what is left in question.
	"""
	groups = {group: set(records) for group, records in groups.items()}
	blocks = blocks_of({record for records in groups.values() for record in records})
	in_blocks = {
		group: {
			block: BitMap(some[record] for record in records & some.keys()) for block, some in blocks.items()
		}
		for group, records in groups.items()
	}
	last_blocks = {
		group: max((block for block, wanted in by_block.items() if wanted), default=None)
		for group, by_block in in_blocks.items()
	}
	found: dict[str, set] = {}
	complete: set = {group for group, block in last_blocks.items() if block is None}
	for block in sorted(blocks):
		if complete and not found:
			break
		wanted = [(group, by_block[block]) for group, by_block in in_blocks.items() if by_block[block]]
		for export, members in rows_of(block, found if complete else None):
			held = {group for group, offsets in wanted if members.intersect(offsets)}
			if held:
				found.setdefault(export, set()).update(held)
		complete |= {group for group, last in last_blocks.items() if last == block}
		found = {export: held for export, held in found.items() if complete <= held}
	waiting = {export: set(records_of(export)) for export in not_indexed()}
	return {
		*found,
		*(export for export, held in waiting.items() if all(held & records for records in groups.values())),
	}


def held_among(exports: Iterable[str], records: Iterable[Record]) -> dict[str, set[Record]]:
	"""Return which of many records each of a few exports holds; the manifests of those that aren't indexed yet are read."""
	records = set(records)
	found: dict[str, set[Record]] = {export: set() for export in exports}
	for export in found.keys() & set(not_indexed()):
		found[export] = records.intersection(records_of(export))
	blocks = blocks_of(records) if found else {}
	for export, block, members in single_rows_of(blocks, found):
		found[export] |= {record for record, offset in blocks[block].items() if offset in members}
	return found


# Which exports held the most of some things, each of which has one or several records


def exports_of_most(
	things: Mapping[str, Iterable[Record]],
	until: Mapping[str, datetime],
	known: Mapping[str, Collection[str]],
	wanted: int,
) -> dict[str, frozenset[str]]:
	"""Return the `wanted` exports that held the most things, and all that held as many as the last of these.

	A thing counts for exports made up to its moment in `until`. `known` says what exports held besides what their
	manifests name. Checks no permissions.
	"""
	return Search(things, until, known).best(wanted)


class Search:
	"""Goes through the index block by block, and gives up exports that can't be among the best any more.

	What an export held so far, and what the blocks that weren't read yet can still add, is a bit for each thing. What is
	wanted of it is found early by reading the rest of those that lead.
	"""

	def __init__(
		self,
		things: Mapping[str, Iterable[Record]],
		until: Mapping[str, datetime],
		known: Mapping[str, Collection[str]],
	):
		self.things = sorted(things, key=lambda thing: until[thing])
		self.bit_of = {thing: 1 << place for place, thing in enumerate(self.things)}
		bits_of: dict[Record, int] = {}
		for thing in self.things:
			for record in things[thing]:
				bits_of[record] = bits_of.get(record, 0) | self.bit_of[thing]
		self.blocks = sorted(
			(Block(number, offsets, bits_of) for number, offsets in blocks_of(bits_of).items()),
			key=lambda block: (-len(block.bits_at), block.number),
		)
		#: by export, the things that count for it, and those that it is known to have held
		self.counting = self._counting([until[thing] for thing in self.things])
		self.held = dict.fromkeys(self.counting, 0)
		self._add_known(known)
		self._add_not_indexed(bits_of)

	def best(self, wanted: int) -> dict[str, frozenset[str]]:
		candidates, finished, least = set(self.counting), set(), 1
		for place, block in enumerate(self.blocks):
			for export, members in rows_of(block.number, candidates):
				if export in candidates:
					self.held[export] |= block.bits_in(members)
			later = self.blocks[place + 1 :]
			leaders = self._leaders(candidates, wanted)
			self._finish(leaders - finished, later)
			finished |= leaders
			least = max(least, self._least_of(leaders, wanted))
			candidates = self._still_possible(candidates, later, least)
		least = max(least, self._least_of(self._leaders(candidates, wanted), wanted))
		return self._as_things(self._still_possible(candidates, [], least))

	def _leaders(self, candidates: set[str], wanted: int) -> set[str]:
		return set(nlargest(wanted, candidates, key=self._count))

	def _least_of(self, leaders: set[str], wanted: int) -> int:
		"""Return how many things an export must have held to be among the best, as far as the leaders tell."""
		return min(map(self._count, leaders)) if len(leaders) == wanted else 0

	def _counting(self, until: list[datetime]) -> dict[str, int]:
		"""Return, by export, the bits of the things that had not been seen yet when it was made."""
		if not until:
			return {}
		everything = (1 << len(until)) - 1
		table = frappe.qb.DocType(LEDGER)
		query = frappe.qb.from_(table).select(table.name, table.exported_on)
		return {
			export: everything >> earlier << earlier
			for export, made_on in query.where(table.exported_on <= until[-1]).run()
			for earlier in [bisect_left(until, made_on)]
		}

	def _add_known(self, known: Mapping[str, Collection[str]]) -> None:
		for export in known.keys() & self.held.keys():
			for thing in known[export]:
				self.held[export] |= self.bit_of[thing]

	def _add_not_indexed(self, bits_of: Mapping[Record, int]) -> None:
		for export in not_indexed():
			if export in self.held:
				for record in bits_of.keys() & set(records_of(export)):
					self.held[export] |= bits_of[record]

	def _count(self, export: str) -> int:
		return (self.held[export] & self.counting[export]).bit_count()

	def _finish(self, exports: set[str], blocks: list["Block"]) -> None:
		"""Read what some exports held in the remaining blocks."""
		by_number = {block.number: block for block in blocks}
		for export, number, members in single_rows_of(by_number, exports):
			self.held[export] |= by_number[number].bits_in(members)

	def _still_possible(self, exports: set[str], later: list["Block"], least: int) -> set[str]:
		"""Return those that held at least so many things, or may have."""
		to_come = sum_of_bits(block.bits for block in later)
		return {
			export
			for export in exports
			if ((self.held[export] | to_come) & self.counting[export]).bit_count() >= least
		}

	def _as_things(self, exports: set[str]) -> dict[str, frozenset[str]]:
		"""Exports that held the same share what is returned."""
		named: dict[int, frozenset[str]] = {}
		for bits in {self.held[export] for export in exports}:
			named[bits] = frozenset(thing for thing, bit in self.bit_of.items() if bits & bit)
		return {export: named[self.held[export]] for export in exports}


class Block:
	"""Where a block of the index has the records of which things."""

	def __init__(self, number: int, offsets: Offsets, bits_of: Mapping[Record, int]):
		self.number = number
		self.bits_at = {offset: bits_of[record] for record, offset in offsets.items()}
		self.offsets = BitMap(self.bits_at)
		self.bits = sum_of_bits(self.bits_at.values())

	def bits_in(self, members: BitMap) -> int:
		"""Return the bits of the things that are among an export's members."""
		return sum_of_bits(map(self.bits_at.__getitem__, members & self.offsets))


def sum_of_bits(some: Iterable[int]) -> int:
	return reduce(or_, some, 0)


# Reading the index


def place_of(number: int) -> tuple[int, int]:
	"""Return the block that holds a record's number, and where in it."""
	return number >> BLOCK_BITS, number & ((1 << BLOCK_BITS) - 1)


def blocks_of(records: Iterable[Record]) -> dict[int, Offsets]:
	"""Return where in the index records are that were ever exported: by block, their offsets."""
	blocks: dict[int, Offsets] = {}
	for doctype, names in by_doctype(records).items():
		for some in batches(names):
			for name, number in known_numbers(doctype, some).items():
				block, offset = place_of(number)
				blocks.setdefault(block, {})[doctype, name] = offset
	return blocks


def rows_of(block: int, exports: Collection[str] | None = None) -> Iterator[tuple[str, BitMap]]:
	"""Yield exports and their members in a block: of all exports, or at least of those that are asked for."""
	if exports is not None and len(exports) <= MOST_SINGLE_LOOKUPS:
		yield from ((export, members) for export, _block, members in single_rows_of([block], exports))
		return
	table = frappe.qb.DocType(BLOCK)
	rows = frappe.qb.from_(table).select(table.export_log, table.members).where(table.block == block).run()
	yield from ((export, unpacked(members)) for export, members in rows)


def single_rows_of(blocks: Iterable[int], exports: Collection[str]) -> Iterator[tuple[str, int, BitMap]]:
	"""Yield what each of some exports has in each of some blocks: export, block, members."""
	table = frappe.qb.DocType(BLOCK)
	query = frappe.qb.from_(table).select(table.export_log, table.block, table.members)
	for some in batches(row_name(block, export) for block in blocks for export in exports):
		rows = query.where(is_one_of(table.name, some)).run()
		yield from ((export, block, unpacked(members)) for export, block, members in rows)


def row_name(block: int, export: str) -> str:
	"""Return a name by which the rows of a block, which a search reads, lie together."""
	return f"{block:06x}-{export}"


def packed(members: BitMap) -> str:
	members.run_optimize()
	return base64.b64encode(members.serialize()).decode()


def unpacked(members: str) -> BitMap:
	return BitMap.deserialize(base64.b64decode(members))


def not_indexed() -> list[str]:
	return frappe.get_all(MANIFEST, filters={"indexed": 0}, pluck="name")


def holds(export: str, record: Record) -> bool:
	try:
		return manifests.holds(export, frappe.db.get_value(LEDGER, export, "manifest_sha256"), record)
	except ManifestAltered:
		frappe.clear_messages()
		return False


def records_of(export: str) -> list[Record]:
	"""Return a manifest's records; none if it was altered, which verifying the ledgers tells."""
	try:
		return manifests.unpack(export, frappe.db.get_value(LEDGER, export, "manifest_sha256"))
	except ManifestAltered:
		frappe.clear_messages()
		return []


def known_numbers(doctype: str, names: list[str]) -> dict[str, int]:
	table = frappe.qb.DocType(RECORD)
	query = frappe.qb.from_(table).select(table.reference_name, table.number)
	return dict(
		query.where((table.reference_doctype == doctype) & is_one_of(table.reference_name, names)).run()
	)


# Making the index


def index_new_manifests() -> int:
	"""Add the manifests written since the last time to the index; return how many. Commits after each.

	Does nothing while another job does it.
	"""
	try:
		with filelock(LOCK, timeout=ANOTHER_RUNS_AFTER_SECONDS):
			return sum(index_safely(export) for export in sorted(not_indexed()))
	except LockTimeoutError:
		frappe.logger().info("CRM Transparency: another job indexes the manifests")
		return 0


def index_safely(export: str) -> bool:
	"""Add a manifest to the index; one that fails keeps no other back, and is tried again. Commits."""
	frappe.db.savepoint("manifest")
	try:
		index(export)
	except Exception as failure:
		frappe.db.rollback(save_point="manifest")
		# Frappe would add the values of variables, and with them the records
		frappe.log_error(_("CRM Transparency: a manifest couldn't be indexed"), type(failure).__name__)
		return False
	finally:
		# a background job: each manifest is done for good
		frappe.db.commit()  # nosemgrep: frappe-manual-commit
	return True


def index(export: str) -> None:
	blocks: dict[int, BitMap] = {}
	for number in numbers_of(records_of(export)):
		block, offset = place_of(number)
		blocks.setdefault(block, BitMap()).add(offset)
	frappe.db.delete(BLOCK, {"export_log": export})
	common = inserted("Administrator", now())
	rows = [
		(row_name(block, export), export, block, packed(members), *common.values())
		for block, members in blocks.items()
	]
	insert_rows(BLOCK, ("name", "export_log", "block", "members", *common), rows)
	manifests.repack(export)
	frappe.db.set_value(MANIFEST, export, "indexed", 1, update_modified=False)


def numbers_of(records: Iterable[Record]) -> Iterator[int]:
	"""Return the numbers of records; those that have none get one now."""
	for doctype, names in by_doctype(records).items():
		for some in batches(names):
			known = known_numbers(doctype, some)
			yield from known.values()
			yield from number_new(doctype, [name for name in some if name not in known])


def number_new(doctype: str, names: list[str]) -> range:
	if not names:
		return range(0)
	table = frappe.qb.DocType(RECORD)
	highest = frappe.qb.from_(table).select(Max(table.number)).run()[0][0] or 0
	numbers = range(highest + 1, highest + 1 + len(names))
	common = inserted("Administrator", now())
	rows = [
		(f"{number:x}", doctype, name, number, *common.values())
		for name, number in zip(names, numbers, strict=True)
	]
	insert_rows(RECORD, ("name", "reference_doctype", "reference_name", "number", *common), rows)
	return numbers


def forget_pruned() -> int:
	"""Delete the manifests whose Export Log entries were pruned; return how many. Commits."""
	manifest, entry = frappe.qb.DocType(MANIFEST), frappe.qb.DocType(LEDGER)
	orphans = (
		frappe.qb.from_(manifest)
		.left_join(entry)
		.on(entry.name == manifest.name)
		.select(manifest.name)
		.where(entry.name.isnull())
		.run(pluck=True)
	)
	for some in batches(orphans):
		frappe.db.delete(BLOCK, {"export_log": ("in", some)})
		frappe.db.delete(MANIFEST, {"name": ("in", some)})
		# a background job: each batch is done for good
		frappe.db.commit()  # nosemgrep: frappe-manual-commit
	return len(orphans)
