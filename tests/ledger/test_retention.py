"""Entries end after the months that the settings keep them; seals stay, and a pruning is no removal."""

from datetime import datetime

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime

from crm_transparency.ledger import ledgers, retention, seals
from crm_transparency.ledger.verifier import months_before
from tests.ledger.tampering import LEDGER, alter, behind_the_back, remove, seal_entries, sentences, verify

pytestmark = pytest.mark.usefixtures("one_transaction")


@pytest.fixture
def keep():
	"""Set the months that entries are kept."""

	def set_months(months: int) -> None:
		frappe.db.set_single_value("CRM Transparency Settings", "keep_ledger_months", months)

	set_months(36)
	return set_months


@pytest.fixture
def in_months(monkeypatch: pytest.MonkeyPatch):
	"""Let the ledger's clock run ahead by some months."""

	def advance(months: int) -> None:
		for module in (retention, seals):
			monkeypatch.setattr(module, "now_datetime", lambda: add_to_date(now_datetime(), months=months))

	return advance


def entries_left(names: list[str]) -> int:
	return frappe.db.count(LEDGER, {"name": ("in", names)})


def last_pruning():
	return frappe.get_last_doc("Ledger Pruning", {"ledger": LEDGER})


def test_entries_are_kept_until_their_time_is_over(sealed, keep, in_months):
	in_months(35)
	assert retention.prune_expired_entries() == 0
	assert entries_left(sealed.names) == 5


def test_expired_blocks_go_and_their_seals_stay(sealed, keep, in_months):
	in_months(37)
	newer = seal_entries(2)
	assert retention.prune_expired_entries() >= 5
	assert entries_left(sealed.names) == 0 and entries_left(newer.names) == 2
	assert frappe.db.exists("Ledger Seal", sealed.seal)
	assert not frappe.db.get_value("Ledger Seal", sealed.seal, "entry_digests")
	pruning = last_pruning()
	assert (pruning.ledger, pruning.last_seal, pruning.keep_months) == (LEDGER, sealed.seal, 36)


@pytest.mark.parametrize("pruning_is_sealed", [True, False])
def test_the_verification_calls_them_pruned(sealed, keep, in_months, pruning_is_sealed):
	in_months(37)
	retention.prune_expired_entries()
	if pruning_is_sealed:
		seals.seal_new_entries()
	report = verify() if pruning_is_sealed else verified_later()
	assert report.is_clean, sentences(report)
	pruned = report.pruned[LEDGER].entries
	assert (
		pruned == sum(frappe.get_all("Ledger Pruning", filters={"ledger": LEDGER}, pluck="entry_count")) >= 5
	)
	assert any(line.startswith(f"Pruned entries of {LEDGER}: {pruned:,}") for line in report.lines())


def verified_later():
	from crm_transparency.ledger import verification

	with pytest.MonkeyPatch.context() as patch:
		patch.setattr(verification, "now_datetime", lambda: add_to_date(now_datetime(), months=37))
		return verify()


def test_nothing_goes_when_entries_are_kept_for_ever(sealed, keep, in_months):
	keep(0)
	in_months(1200)
	assert retention.prune_expired_entries() == 0
	assert entries_left(sealed.names) == 5


def test_pruning_twice_prunes_once(sealed, keep, in_months):
	in_months(37)
	retention.prune_expired_entries()
	prunings = frappe.db.count("Ledger Pruning")
	assert retention.prune_expired_entries() == 0
	assert frappe.db.count("Ledger Pruning") == prunings


def test_blocks_pruned_bit_by_bit_are_all_accounted_for(keep, in_months, monkeypatch):
	monkeypatch.setattr(retention, "BLOCKS_AT_ONCE", 2)
	for _ in range(5):
		seal_entries(1)
	in_months(37)
	retention.prune_expired_entries()
	seals.seal_new_entries()
	assert verify().is_clean


def test_prunings_themselves_are_kept(sealed, keep, in_months):
	in_months(37)
	retention.prune_expired_entries()
	seals.seal_new_entries()
	pruning = last_pruning().name
	in_months(200)
	retention.prune_expired_entries()
	assert frappe.db.exists("Ledger Pruning", pruning)


def test_a_block_that_does_not_match_its_seal_is_kept_as_evidence(keep, in_months):
	good, tampered, also_good = (seal_entries(2) for _ in range(3))
	alter(tampered.names[0])
	in_months(37)
	kept = []
	with pytest.MonkeyPatch.context() as patch:
		patch.setattr(retention, "_report_kept", kept.append)
		retention.prune_expired_entries()
	assert [seal.name for seal in kept] == [tampered.seal]
	assert [entries_left(block.names) for block in (good, tampered, also_good)] == [0, 2, 0]
	seals.seal_new_entries()
	report = verify()
	assert [(finding.kind, finding.values["entry"]) for finding in report.findings] == [
		("altered", tampered.names[0])
	]


def test_removing_entries_and_forging_a_pruning_does_not_pass(sealed, keep):
	"""The forged entry gets sealed like any other, but it can't make the block older than it was."""
	for name in sealed.names:
		remove(name)
	behind_the_back("update `tabLedger Seal` set entry_digests = null where name = %s", sealed.seal)
	forge_pruning(sealed.seal, pruned_on=add_to_date(now_datetime(), months=40))
	seals.seal_new_entries()
	report = verify()
	assert [finding.kind for finding in report.findings] == ["pruned too early"]
	assert sealed.seal in sentences(report)[0]


def test_a_removal_is_not_covered_by_the_pruning_of_other_blocks(keep, in_months):
	old = seal_entries(2)
	in_months(37)
	retention.prune_expired_entries()
	newer = seal_entries(2)
	for name in newer.names:
		remove(name)
	behind_the_back("update `tabLedger Seal` set entry_digests = null where name = %s", newer.seal)
	seals.seal_new_entries()
	report = verify()
	assert entries_left(old.names) == 0
	assert [(finding.kind, finding.values["seal"]) for finding in report.findings] == [
		("block removed", newer.seal)
	]


def forge_pruning(seal: str, **values) -> None:
	row = {
		"name": "f" * 24,
		"creation": now_datetime(),
		"ledger": LEDGER,
		"first_seal": seal,
		"last_seal": seal,
		"seal_count": 1,
		"entry_count": 5,
		"keep_months": 36,
		**values,
	}
	columns = ", ".join(f"`{column}`" for column in row)
	placeholders = ", ".join(["%s"] * len(row))
	behind_the_back(f"insert into `tabLedger Pruning` ({columns}) values ({placeholders})", *row.values())


def test_rooms_can_remove_what_belongs_to_pruned_entries(sealed, keep, in_months, monkeypatch):
	told, hooks = [], frappe.get_hooks
	monkeypatch.setattr(
		frappe,
		"get_hooks",
		lambda hook=None, *args, **options: (
			["a.room.forgets"]
			if hook == "before_transparency_ledger_pruning"
			else hooks(hook, *args, **options)
		),
	)
	monkeypatch.setattr(
		frappe, "call", lambda method, **values: told.append((method, values, entries_left(sealed.names)))
	)
	in_months(37)
	retention.prune_expired_entries()
	[(method, values, entries_still_there)] = [
		call for call in told if sealed.seal in call[1].get("seals", ())
	]
	assert (method, values["ledger"], entries_still_there) == ("a.room.forgets", LEDGER, 5)


@pytest.mark.parametrize(
	("moment", "months", "expected"),
	[
		("2026-11-22 10:00:00", 36, "2023-11-22 10:00:00"),
		("2026-03-31 10:00:00", 1, "2026-02-28 10:00:00"),
		("2024-03-31 10:00:00", 1, "2024-02-29 10:00:00"),
		("2026-01-15 10:00:00", 1, "2025-12-15 10:00:00"),
		("2026-12-15 10:00:00", 12, "2025-12-15 10:00:00"),
	],
)
def test_months_are_counted_by_the_calendar(moment, months, expected):
	assert months_before(datetime.fromisoformat(moment), months) == datetime.fromisoformat(expected)


def test_a_pruned_seal_still_vouches_for_the_chain(sealed, keep, in_months):
	held = ledgers.newest_seal().chain_sha256
	in_months(37)
	retention.prune_expired_entries()
	seals.seal_new_entries()
	report = verify(heads=[held])
	assert report.is_clean and report.heads[held][0] == sealed.seal
