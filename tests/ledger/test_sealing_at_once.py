"""Several jobs seal at the same time, with and without the file lock between them, while others go on writing."""

import secrets
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import frappe
import pytest

from crm_transparency.ledger import chain_head, ledgers, seals
from tests.grounds import Ground
from tests.ledger.tampering import LEDGER, add_entry, verify
from tests.ownership.processes import Process, wait_until

ENTRIES = 300


@pytest.fixture
def backlog(ground: Ground, site: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
	"""Committed, unsealed entries of one account, in a chain that is put back as it was."""
	if frappe.db.db_type == "sqlite":
		pytest.skip("SQLite lets only one process write at a time")
	monkeypatch.setattr(seals, "BLOCK_SIZE", 20)
	seals.seal_new_entries()
	newest = ledgers.newest_seal()
	account = f"Harbour Books {secrets.token_hex(4)}"
	for _ in range(ENTRIES):
		add_entry(reference_name=account)
	frappe.db.commit()
	yield account
	frappe.db.rollback()
	frappe.db.delete(LEDGER, {"reference_name": account})
	frappe.db.delete("Ledger Seal", {"number": (">", newest.number if newest else 0)})
	frappe.db.commit()
	heads = Path(chain_head._file_of_heads())
	seals_left = {seal.name for seal in ledgers.all_seals()}
	if heads.exists():
		kept = [line for line in heads.read_text().splitlines(True) if line.split()[0] in seals_left]
		heads.write_text("".join(kept))


def new_seals(account: str) -> list[dict]:
	marks = frappe.get_all(LEDGER, filters={"reference_name": account}, pluck="ledger_seal")
	assert all(marks), "Some entries weren't sealed"
	return frappe.get_all("Ledger Seal", filters={"number": ("in", marks)}, fields=["*"], order_by="number")


def check_chain(account: str) -> None:
	blocks = new_seals(account)
	assert sum(block.entry_count for block in blocks) == ENTRIES
	assert len({block.previous_seal for block in blocks}) == len(blocks)
	assert verify().is_clean


@pytest.mark.parametrize("lock", ["with the file lock", "on different machines"])
def test_jobs_at_once_neither_overlap_nor_fork(backlog, monkeypatch, lock):
	if lock == "on different machines":
		# nothing but the database keeps them apart
		monkeypatch.setattr(seals, "filelock", lambda *args, **options: nullcontext())
	jobs = [Process(lambda: seals.seal_new_entries()) for _ in range(4)]
	for job in jobs:
		job.wait()
	frappe.db.rollback()
	seals.seal_new_entries()
	check_chain(backlog)


def test_the_first_seal_of_all_does_not_fork_either(backlog, monkeypatch):
	"""In an empty table there is no row to lock: the seal's name decides."""
	if ledgers.newest_seal():
		pytest.skip("The site's chain has begun already")
	monkeypatch.setattr(seals, "filelock", lambda *args, **options: nullcontext())
	jobs = [Process(lambda: seals.seal_new_entries()) for _ in range(4)]
	for job in jobs:
		job.wait()
	frappe.db.rollback()
	seals.seal_new_entries()
	check_chain(backlog)


def test_a_killed_job_leaves_whole_blocks_and_the_next_goes_on(backlog, monkeypatch):
	monkeypatch.setattr(seals, "MARKED_AT_ONCE", 1)
	job = Process(lambda: seals.seal_new_entries())
	wait_until(lambda: frappe.db.count(LEDGER, {"reference_name": backlog, "ledger_seal": (">", 0)}) >= 40)
	job.kill()
	frappe.db.rollback()
	assert verify().is_clean
	seals.seal_new_entries()
	check_chain(backlog)


def test_sealing_neither_waits_for_writers_nor_holds_them_up(backlog):
	"""A transaction that has written an entry stays open while others are sealed, and goes on writing afterwards."""
	add_entry(reference_name=backlog)
	job = Process(lambda: seals.seal_new_entries())
	job.wait(seconds=30)
	add_entry(reference_name=backlog)
	frappe.db.commit()
	assert frappe.db.count(LEDGER, {"reference_name": backlog, "ledger_seal": (">", 0)}) == ENTRIES
	seals.seal_new_entries()
	assert verify().is_clean and verify().unsealed == 0
