"""Which exports held the most of some things, each of which has one or several records?

Goes through the search index block by block. What an export held so far, and what the blocks that weren't read yet can
still add, is a bit for each thing; an export that can't be among the best any more isn't looked at again. What is
wanted of it is found early by reading the rest of those that lead.
"""

from array import array
from binascii import a2b_base64
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from heapq import nlargest

import frappe

from crm_transparency.crm_transparency.bulk import batches, is_one_of
from crm_transparency.export_audit.manifest_index import (
	BLOCK,
	BLOCK_BYTES,
	blocks_of,
	records_of,
	rows_of,
)
from crm_transparency.export_audit.manifests import LEDGER, MANIFEST

Record = tuple[str, str]


def exports_of_most(
	things: Mapping[str, Iterable[Record]],
	until: Mapping[str, datetime],
	known: Mapping[str, Collection[str]],
	wanted: int,
) -> dict[str, frozenset[str]]:
	"""Return the `wanted` exports that held the most things, and all that held as many as the last of these.

	A thing counts for exports made up to its moment in `until`. `known` says what exports held besides what their
	manifests name. Asks for no permission.
	"""
	return Search(things, until, known).best(wanted)


class Search:
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
			(Block(number, places, bits_of) for number, places in blocks_of(bits_of).items()),
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
		for export in frappe.get_all(MANIFEST, filters={"indexed": 0}, pluck="name"):
			if export in self.held:
				for record in bits_of.keys() & set(records_of(export)):
					self.held[export] |= bits_of[record]

	def _count(self, export: str) -> int:
		return (self.held[export] & self.counting[export]).bit_count()

	def _finish(self, exports: set[str], blocks: list["Block"]) -> None:
		"""Read what some exports held in the remaining blocks."""
		by_number = {block.number: block for block in blocks}
		table = frappe.qb.DocType(BLOCK)
		query = frappe.qb.from_(table).select(table.export_log, table.block, table.members)
		for names in batches(f"{number:06x}-{export}" for number in by_number for export in exports):
			for export, number, members in query.where(is_one_of(table.name, names)).run():
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

	def __init__(self, number: int, places: list[tuple[int, Record]], bits_of: Mapping[Record, int]):
		self.number = number
		self.bits_at = {offset: bits_of[record] for offset, record in places}
		self.offsets = frozenset(self.bits_at)
		self.bytes_at = [(offset >> 3, 1 << (offset & 7), bits) for offset, bits in self.bits_at.items()]
		self.bits = sum_of_bits(self.bits_at.values())

	def bits_in(self, members: str) -> int:
		"""Return the bits of the things that are among an export's members, as the index keeps these."""
		return sum_of_bits(self._found(a2b_base64(members or "")))

	def _found(self, members: bytes) -> Iterator[int]:
		if len(members) == BLOCK_BYTES:
			return (bits for byte, mask, bits in self.bytes_at if members[byte] & mask)
		return map(self.bits_at.__getitem__, self.offsets.intersection(array("H", members)))


def sum_of_bits(some: Iterable[int]) -> int:
	found = 0
	for bits in some:
		found |= bits
	return found
