"""Which exports held this record? An index over all manifests, made in the background.

Every record that was ever exported has a number, and numbers given out together lie together. An export's numbers are
kept by blocks of 4,096 neighbours, each as a bitmap, or as a short list where there are few. So a search reads one
small row for each export that holds anything near the record. Manifests that aren't indexed yet are looked through
one by one.
"""

import base64
from array import array
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping

import frappe
from frappe import _
from frappe.query_builder.functions import Max
from frappe.utils import now
from frappe.utils.file_lock import LockTimeoutError
from frappe.utils.synchronization import filelock

from crm_transparency.crm_transparency.bulk import batches, insert_rows, inserted, is_one_of
from crm_transparency.export_audit import manifests
from crm_transparency.export_audit.exceptions import ManifestAltered
from crm_transparency.export_audit.manifests import LEDGER, MANIFEST

RECORD, BLOCK = "Exported Record", "Export Manifest Block"
BLOCK_BITS = 12
BLOCK_BYTES = (1 << BLOCK_BITS) // 8
#: as many as that take up less room as a list
FEW = BLOCK_BYTES // 2 - 1
#: above that it is faster to read the whole block
MOST_SINGLE_LOOKUPS = 3000
LOCK = "crm_transparency_manifest_index"
ANOTHER_RUNS_AFTER_SECONDS = 1


def exports_of(doctype: str, name: str) -> list[str]:
	"""Return the names of the Export Log entries whose manifests hold a record, oldest first.

	Asks for no permission: callers show what their reader may see.
	"""
	number = frappe.db.get_value(RECORD, {"reference_doctype": doctype, "reference_name": name}, "number")
	indexed = exports_with_number(number) if number else []
	return sorted([*indexed, *not_indexed_exports_of(doctype, name)])


def exports_of_all(groups: Mapping[Hashable, Iterable[tuple[str, str]]]) -> set[str]:
	"""Return the exports that hold at least one record of every group. Asks for no permission.

	Goes through the index block by block, and from the first complete group on reads only what is left in question.
	"""
	groups = {group: set(records) for group, records in groups.items()}
	blocks = blocks_of({record for records in groups.values() for record in records})
	places = {block: {record: offset for offset, record in some} for block, some in blocks.items()}
	last_blocks = {
		group: max((block for block, some in places.items() if records & some.keys()), default=None)
		for group, records in groups.items()
	}
	found: dict[str, set] = {}
	complete: set = {group for group, block in last_blocks.items() if block is None}
	for block in sorted(places):
		if complete and not found:
			break
		here = [
			(group, [places[block][record] for record in records & places[block].keys()])
			for group, records in groups.items()
			if records & places[block].keys()
		]
		for export, members in rows_of(block, found if complete else None):
			has = tester(base64.b64decode(members))
			held = {group for group, offsets in here if any(map(has, offsets))}
			if held:
				found.setdefault(export, set()).update(held)
		complete |= {group for group, last in last_blocks.items() if last == block}
		found = {export: held for export, held in found.items() if complete <= held}
	return {*found, *not_indexed_exports_of_all(groups)}


def rows_of(block: int, exports: Collection[str] | None) -> Iterator[tuple[str, str]]:
	"""Yield exports and their members in a block: of all exports, or of those that are asked for."""
	table = frappe.qb.DocType(BLOCK)
	query = frappe.qb.from_(table).select(table.export_log, table.members)
	if exports is None or len(exports) > MOST_SINGLE_LOOKUPS:
		yield from query.where(table.block == block).run()
		return
	for some in batches(f"{block:06x}-{export}" for export in exports):
		yield from query.where(is_one_of(table.name, some)).run()


def not_indexed_exports_of_all(groups: Mapping[Hashable, set[tuple[str, str]]]) -> list[str]:
	waiting = frappe.get_all(MANIFEST, filters={"indexed": 0}, pluck="name")
	held = {export: set(records_of(export)) for export in waiting}
	return [export for export in waiting if all(held[export] & records for records in groups.values())]


def held_among(exports: Iterable[str], records: Iterable[tuple[str, str]]) -> dict[str, set[tuple[str, str]]]:
	"""Return which of many records each of a few exports holds; those that aren't indexed yet are left out."""
	found: dict[str, set[tuple[str, str]]] = {export: set() for export in exports}
	blocks = blocks_of(records)
	if not found or not blocks:
		return found
	table = frappe.qb.DocType(BLOCK)
	names = [f"{block:06x}-{export}" for block in blocks for export in found]
	query = frappe.qb.from_(table).select(table.export_log, table.block, table.members)
	for some in batches(names):
		for export, block, members in query.where(is_one_of(table.name, some)).run():
			has = tester(base64.b64decode(members))
			found[export] |= {record for offset, record in blocks[block] if has(offset)}
	return found


def blocks_of(records: Iterable[tuple[str, str]]) -> dict[int, list[tuple[int, tuple[str, str]]]]:
	"""Return where in the index records are that were ever exported: by block, their offsets."""
	names: dict[str, list[str]] = {}
	for doctype, name in records:
		names.setdefault(doctype, []).append(name)
	blocks: dict[int, list[tuple[int, tuple[str, str]]]] = {}
	for doctype, of_doctype in names.items():
		for some in batches(of_doctype):
			for name, number in known_numbers(doctype, some).items():
				place = (number & ((1 << BLOCK_BITS) - 1), (doctype, name))
				blocks.setdefault(number >> BLOCK_BITS, []).append(place)
	return blocks


def tester(members: bytes) -> Callable[[int], bool]:
	"""Return what says whether an offset is among the members of a block, for many offsets of the same block."""
	if len(members) == BLOCK_BYTES:
		return lambda offset: bool(members[offset >> 3] & 1 << (offset & 7))
	return frozenset(array("H", members)).__contains__


def exports_with_number(number: int) -> list[str]:
	block, offset = number >> BLOCK_BITS, number & ((1 << BLOCK_BITS) - 1)
	table = frappe.qb.DocType(BLOCK)
	rows = frappe.qb.from_(table).select(table.export_log, table.members).where(table.block == block).run()
	return [export for export, members in rows if has_member(base64.b64decode(members), offset)]


def not_indexed_exports_of(doctype: str, name: str) -> list[str]:
	waiting = frappe.get_all(MANIFEST, filters={"indexed": 0}, pluck="name")
	return [export for export in waiting if holds(export, (doctype, name))]


def holds(export: str, record: tuple[str, str]) -> bool:
	try:
		return manifests.holds(export, frappe.db.get_value(LEDGER, export, "manifest_sha256"), record)
	except ManifestAltered:
		frappe.clear_messages()
		return False


def index_new_manifests() -> int:
	"""Add the manifests written since the last time to the index; return how many. Commits after each.

	Does nothing while another job does it.
	"""
	try:
		with filelock(LOCK, timeout=ANOTHER_RUNS_AFTER_SECONDS):
			new = frappe.get_all(MANIFEST, filters={"indexed": 0}, pluck="name", order_by="name")
			return sum(index_safely(export) for export in new)
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
		frappe.db.commit()  # nosemgrep: a background job
	return True


def index(export: str) -> None:
	blocks: dict[int, list[int]] = {}
	for number in numbers_of(records_of(export)):
		blocks.setdefault(number >> BLOCK_BITS, []).append(number & ((1 << BLOCK_BITS) - 1))
	frappe.db.delete(BLOCK, {"export_log": export})
	common = inserted("Administrator", now())
	# named so that the rows of a block, which a search reads, lie together
	rows = [
		(f"{block:06x}-{export}", export, block, packed(offsets), *common.values())
		for block, offsets in blocks.items()
	]
	insert_rows(BLOCK, ("name", "export_log", "block", "members", *common), rows)
	manifests.repack(export)
	frappe.db.set_value(MANIFEST, export, "indexed", 1, update_modified=False)


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
		frappe.db.commit()  # nosemgrep: a background job
	return len(orphans)


def records_of(export: str) -> list[tuple[str, str]]:
	"""Return a manifest's records; none if it was altered, which verifying the ledgers tells."""
	try:
		return manifests.unpack(export, frappe.db.get_value(LEDGER, export, "manifest_sha256"))
	except ManifestAltered:
		frappe.clear_messages()
		return []


def numbers_of(records: Iterable[tuple[str, str]]) -> Iterator[int]:
	"""Return the numbers of records; those that have none get one now."""
	by_doctype: dict[str, list[str]] = {}
	for doctype, name in records:
		by_doctype.setdefault(doctype, []).append(name)
	for doctype, names in by_doctype.items():
		for some in batches(names):
			known = known_numbers(doctype, some)
			yield from known.values()
			yield from number_new(doctype, [name for name in some if name not in known])


def known_numbers(doctype: str, names: list[str]) -> dict[str, int]:
	table = frappe.qb.DocType(RECORD)
	query = frappe.qb.from_(table).select(table.reference_name, table.number)
	return dict(
		query.where((table.reference_doctype == doctype) & is_one_of(table.reference_name, names)).run()
	)


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


def packed(offsets: list[int]) -> str:
	if len(offsets) <= FEW:
		return base64.b64encode(array("H", sorted(offsets)).tobytes()).decode()
	bitmap = bytearray(BLOCK_BYTES)
	for offset in offsets:
		bitmap[offset >> 3] |= 1 << (offset & 7)
	return base64.b64encode(bytes(bitmap)).decode()


def has_member(members: bytes, offset: int) -> bool:
	if len(members) == BLOCK_BYTES:
		return bool(members[offset >> 3] & 1 << (offset & 7))
	return offset in array("H", members)
