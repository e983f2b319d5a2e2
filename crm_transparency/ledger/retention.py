"""Retention: a daily job removes entries that are older than the settings keep them. Their seals stay.

Whole sealed blocks go, oldest first. Each removal adds a Ledger Pruning entry in the same transaction, sealed
like any other, so that a verification can tell what was pruned from what somebody removed. The list of
entries in a pruned seal is emptied too: nothing that could be matched with a person remains.

A block that doesn't match its seal is evidence. It stays until somebody looked into it.
"""

import frappe
from frappe import _
from frappe.utils import cint, now_datetime
from frappe.utils.synchronization import filelock

from crm_transparency.crm_transparency.registry import SETTINGS
from crm_transparency.ledger import canonical, entries, ledgers
from crm_transparency.ledger.chain import Block, Seal
from crm_transparency.ledger.ledgers import MARK, SEAL
from crm_transparency.ledger.verifier import PRUNING_LEDGER, months_before

BLOCKS_AT_ONCE = 10
LOCK = "crm_transparency_retention"


def prune_expired_entries() -> int:
	"""Remove what the settings no longer keep; return how many entries that were. Commits every few blocks."""
	keep_months = cint(frappe.db.get_single_value(SETTINGS, "keep_ledger_months"))
	if keep_months <= 0:
		return 0
	with filelock(LOCK):
		return sum(
			_prune_ledger(ledger, keep_months) for ledger in ledgers.all_ledgers() if ledger != PRUNING_LEDGER
		)


def _prune_ledger(ledger: str, keep_months: int) -> int:
	"""Prune blocks sealed so long ago: all entries of a block are older than its seal."""
	sealed_until = canonical.moment(months_before(now_datetime(), keep_months))
	pruned, blocks = 0, []
	for seal in ledgers.unpruned_seals(ledger, sealed_until):
		is_intact = matches_its_entries(seal)
		if is_intact:
			blocks.append(seal)
		if blocks and (not is_intact or len(blocks) == BLOCKS_AT_ONCE):
			pruned += prune(blocks, keep_months)
			blocks = []
		if not is_intact:
			_report_kept(seal)
	return pruned + prune(blocks, keep_months)


def matches_its_entries(seal: Seal) -> bool:
	block = Block()
	for name, _mark, fields in ledgers.sealed_entries(seal.ledger, seal.number):
		block.add(name, fields)
	return block.matches(seal)


def prune(blocks: list[Seal], keep_months: int) -> int:
	"""Remove the entries of adjacent blocks of one ledger in a transaction of their own; return their number.

	Rooms that keep more about entries elsewhere remove that in the hook `before_transparency_ledger_pruning(ledger,
	seals)`.
	"""
	if not blocks:
		return 0
	ledger, names = blocks[0].ledger, [seal.name for seal in blocks]
	entry_count = sum(seal.entry_count for seal in blocks)
	for method in frappe.get_hooks("before_transparency_ledger_pruning"):
		frappe.call(method, ledger=ledger, seals=names)
	entries.add(
		PRUNING_LEDGER,
		ledger=ledger,
		first_seal=names[0],
		last_seal=names[-1],
		seal_count=len(names),
		entry_count=entry_count,
		keep_months=keep_months,
		pruned_on=now_datetime(),
	)
	_remove(ledger, [seal.number for seal in blocks])
	# a job's chunk: its entries are gone and accounted for, or neither
	frappe.db.commit()  # nosemgrep: frappe-manual-commit
	return entry_count


def _remove(ledger: str, seals: list[int]) -> None:
	"""Go past the framework, which lets nobody do this: the retention is the one exception."""
	frappe.db.delete(ledger, {MARK: ("in", seals)})
	table = frappe.qb.DocType(SEAL)
	frappe.qb.update(table).set(table.entry_digests, None).where(table.number.isin(seals)).run()


def _report_kept(seal: Seal) -> None:
	frappe.log_error(
		_("CRM Transparency: expired entries were kept"),
		_(
			"The entries of {0} under seal {1} don't match it, so the retention left them. "
			"Please run verify-transparency-ledgers to see which entry was altered, removed or inserted."
		).format(seal.ledger, seal.name),
	)
