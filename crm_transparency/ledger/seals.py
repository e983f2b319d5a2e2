"""Sealing: an hourly job covers new ledger entries with seals. (What a seal is: `chain`.)

A block isn't a range of names, since a transaction may commit entries whose names are older than some that
were sealed already. Sealing marks the rows that it covers instead, so a late entry simply falls into a later
block.

One transaction seals one block. Blocks never overlap and the chain never forks, because

1. a file lock keeps sealing jobs of one machine apart;
2. locking the newest seal's row keeps those of several machines apart, and every block starts a new
   transaction, so that it doesn't look at the ledger as it was before another job's commit;
3. should both fail, two seals after the same one would get the same number, which the database refuses.

Rows are marked by their names, never by a range: the update waits neither for entries that others are about
to commit nor makes them wait.
"""

from functools import lru_cache
from itertools import islice

import frappe
from frappe.utils import now_datetime
from frappe.utils.file_lock import LockTimeoutError
from frappe.utils.synchronization import filelock
from pypika.terms import Parameter

from crm_transparency.ledger import canonical, chain, chain_head, entries, ledgers
from crm_transparency.ledger.chain import Block, Seal
from crm_transparency.ledger.ledgers import MARK, SEAL, UNSEALED

BLOCK_SIZE = 10_000
# from 200 names on MariaDB no longer looks up how many rows each of them may stand for
MARKED_AT_ONCE = 250
LOCK = "crm_transparency_seals"
LOCK_SECONDS = 10


class SealedMeanwhile(Exception):
	"""Entries about to be sealed were sealed by another job. The next run goes on where that one ended."""


ANOTHER_JOB_SEALS = (
	LockTimeoutError,
	SealedMeanwhile,
	frappe.DuplicateEntryError,
	frappe.QueryDeadlockError,
	frappe.QueryTimeoutError,
	frappe.UniqueValidationError,
)


def seal_new_entries() -> int:
	"""Seal everything that is committed and not sealed yet; return how many entries that were.

	Commits after each block. Does nothing while another job seals.
	"""
	try:
		with filelock(LOCK, timeout=LOCK_SECONDS):
			return sum(_seal_ledger(ledger) for ledger in ledgers.all_ledgers())
	except ANOTHER_JOB_SEALS:
		frappe.db.rollback()
		frappe.logger().info("CRM Transparency: another job is sealing the ledgers")
		return 0


def seal_block(ledger: str, after: str = "") -> Seal | None:
	"""Seal up to 10,000 entries of a ledger in the running transaction; None if there are none after `after`.

	`after` is the name of an entry: within one run it saves the database from skipping what was just marked.
	"""
	previous = ledgers.newest_seal(for_update=True)
	block = Block()
	for entry, _unsealed, fields in islice(ledgers.unsealed_entries(ledger, after), BLOCK_SIZE):
		block.add(entry, fields)
	if not block.digests:
		return None
	number = _next_number(previous)
	_mark_entries(ledger, [entry for entry, _digest in block.digests], number)
	return _write(ledger, number, block, previous)


def _seal_ledger(ledger: str) -> int:
	sealed, after = 0, ""
	while True:
		# a block is a transaction, and its reads must not be older than its lock
		frappe.db.commit()  # nosemgrep: frappe-manual-commit
		seal = seal_block(ledger, after)
		if seal is None:
			# lets go of the newest seal
			frappe.db.commit()  # nosemgrep: frappe-manual-commit
			return sealed
		sealed += seal.entry_count
		after = seal.last_entry


def _next_number(previous: Seal | None) -> int:
	"""Return the number for the seal after `previous`.

	A number that entries carry already belonged to a seal that somebody removed. Using it again would make that good.
	"""
	number = previous.number + 1 if previous else 1
	while any(frappe.db.exists(ledger, {MARK: number}) for ledger in ledgers.all_ledgers()):
		number += 1
	return number


def _mark_entries(ledger: str, names: list[str], seal_number: int) -> None:
	"""Mark entries as covered by a seal. Raises SealedMeanwhile if some of them aren't unsealed any more."""
	for start in range(0, len(names), MARKED_AT_ONCE):
		some_names = names[start : start + MARKED_AT_ONCE]
		statement = _marking_statement(frappe.db.db_type, ledger, len(some_names))
		frappe.db.sql(statement, (seal_number, *some_names))
	if frappe.db.count(ledger, {MARK: seal_number}) != len(names):
		raise SealedMeanwhile


@lru_cache(maxsize=8)
def _marking_statement(db_type: str, ledger: str, count: int) -> str:
	"""Return the statement that marks `count` entries, with placeholders for the seal and their names.

	The query builder takes as long to write them into a statement as the database to execute it, so it writes one
	for all. Whether an entry is unsealed is asked with a sum, lest MariaDB looks through the index of marks and
	locks what lies between.
	"""
	table, value = frappe.qb.DocType(ledger), Parameter("%s")
	query = frappe.qb.update(table).set(table[MARK], value).where(table.name.isin([value] * count))
	return query.where(table[MARK] + 0 == UNSEALED).get_sql()


def _write(ledger: str, number: int, block: Block, previous: Seal | None) -> Seal:
	digests = chain.pack(block.digests)
	seal = Seal(
		name=chain.name_of(number),
		format=canonical.FORMAT,
		number=number,
		ledger=ledger,
		first_entry=block.digests[0][0],
		last_entry=block.digests[-1][0],
		entry_count=len(block.digests),
		entries_sha256=block.entries_sha256,
		entry_digests_sha256=chain.sha256(digests.encode()),
		previous_seal=previous.name if previous else None,
		sealed_on=canonical.moment(now_datetime()),
		chain_sha256="",
		entry_digests=digests,
	)
	seal = seal._replace(chain_sha256=seal.chain_hash(previous.chain_sha256 if previous else None))
	entries.add(SEAL, **seal._asdict())
	chain_head.keep(seal)
	return seal
