import frappe
import pytest

from crm_transparency.ledger import ledgers, seals
from crm_transparency.ledger.entries import LedgerEntryIsFinal
from tests.ledger.tampering import (
	LEDGER,
	add_entry,
	alter,
	behind_the_back,
	copy_as,
	seal_entries,
	sentences,
	verify,
)
from tests.people_and_accounts import acting_as, make_customer, make_user


def seal_of(name: str) -> int:
	return frappe.db.get_value(LEDGER, name, "ledger_seal")


def all_seal_names() -> list[str]:
	return [seal.name for seal in ledgers.all_seals()]


@pytest.mark.usefixtures("one_transaction")
class TestSealing:
	def test_new_entries_are_sealed_and_chained_to_the_seal_before(self):
		before, sealed = seal_entries(), seal_entries()
		assert {seal_of(name) for name in sealed.names} == {sealed.number}
		seal = frappe.get_doc("Ledger Seal", sealed.seal)
		assert (seal.ledger, seal.first_entry, seal.last_entry) == (LEDGER, sealed.names[0], sealed.names[-1])
		assert (seal.entry_count, seal.previous_seal) == (5, before.seal)
		assert verify().is_clean

	def test_what_is_sealed_is_not_sealed_again(self):
		seal_entries()
		count = len(all_seal_names())
		assert seals.seal_new_entries() == 0
		assert len(all_seal_names()) == count

	def test_more_entries_than_a_block_holds_make_several_blocks(self, monkeypatch):
		monkeypatch.setattr(seals, "BLOCK_SIZE", 3)
		monkeypatch.setattr(seals, "MARKED_AT_ONCE", 2)
		names = [add_entry(number) for number in range(8)]
		assert seals.seal_new_entries() == 8
		blocks = [seal_of(name) for name in names]
		assert [blocks.count(seal) for seal in sorted(set(blocks))] == [3, 3, 2]
		assert blocks == sorted(blocks)
		assert verify().is_clean

	def test_more_entries_than_are_read_at_a_time_are_all_sealed(self, monkeypatch):
		monkeypatch.setattr(ledgers, "ROWS_AT_A_TIME", 2)
		monkeypatch.setattr(ledgers, "SEALS_AT_A_TIME", 2)
		for _ in range(3):
			seal_entries(5)
		report = verify()
		assert report.is_clean and report.unsealed == 0

	def test_an_entry_committed_late_falls_into_a_later_block(self):
		# its name was given before the others were sealed, its transaction ended after
		sealed = seal_entries()
		late = sealed.names[1][:-1] + ("0" if sealed.names[1][-1] != "0" else "1")
		copy_as(sealed.names[1], late, ledger_seal=0)
		assert verify().is_clean
		assert seals.seal_new_entries() == 1
		assert seal_of(late) > sealed.number
		assert verify().is_clean

	def test_all_ledgers_share_one_chain(self):
		one = seal_entries()
		frappe.get_doc("Ledger Seal", one.seal)
		for ledger in ledgers.all_ledgers():
			assert frappe.get_meta(ledger).has_field("ledger_seal")
		previous = [seal.previous_seal for seal in ledgers.all_seals()]
		assert previous[1:] == all_seal_names()[:-1]

	def test_the_number_of_a_removed_seal_is_not_given_again(self):
		"""Otherwise the next hourly job would cover up that the newest seal was removed."""
		sealed = seal_entries()
		behind_the_back("delete from `tabLedger Seal` where name = %s", sealed.seal)
		newer = seal_entries()
		assert newer.number > sealed.number
		report = verify()
		assert [finding.kind for finding in report.findings] == ["seal missing"]
		assert sealed.seal in sentences(report)[0] and sealed.names[0] in sentences(report)[0]

	def test_renaming_a_user_breaks_no_seal(self):
		"""Frappe writes the new name into every table's `owner`, which therefore isn't sealed."""
		user = make_user("Ana", "Sales User", "System Manager")
		with acting_as(user):
			customer = make_customer(account_manager=user)
		seals.seal_new_entries()
		entry = frappe.db.get_value(LEDGER, {"reference_name": customer.name}, ["owner", "changed_by"])
		assert entry == (user, user)
		frappe.rename_doc("User", user, f"new.{user}", force=True)
		entry = frappe.db.get_value(LEDGER, {"reference_name": customer.name}, ["owner", "changed_by"])
		assert entry == (f"new.{user}", user)
		assert verify().is_clean

	def test_a_seal_is_as_final_as_an_entry(self):
		sealed = seal_entries()
		seal = frappe.get_doc("Ledger Seal", sealed.seal)
		with pytest.raises(LedgerEntryIsFinal):
			seal.db_set("entry_count", 4)
		with pytest.raises(LedgerEntryIsFinal):
			frappe.delete_doc("Ledger Seal", sealed.seal, force=True)
		with pytest.raises(LedgerEntryIsFinal):
			frappe.get_doc(doctype="Ledger Seal", ledger=LEDGER, previous_seal=sealed.seal).insert()

	def test_colleagues_read_seals_but_not_their_lists_of_entries(self):
		sealed = seal_entries()
		with acting_as(make_user("Rita")):
			seal = frappe.get_doc("Ledger Seal", sealed.seal)
			seal.check_permission("read")
			seal.apply_fieldlevel_read_permissions()
			assert seal.chain_sha256 and not seal.get("entry_digests")
			for permission in ("write", "create", "delete"):
				assert not frappe.has_permission("Ledger Seal", permission, doc=seal)
		with acting_as(make_user("Walt", user_type="Website User")):
			assert not frappe.has_permission("Ledger Seal", "read", doc=seal)

	def test_a_seal_holds_the_values_that_were_hashed(self):
		"""What the database gives back is what went into the chain hash: moments to the microsecond."""
		seal_entries()
		previous = None
		for seal in ledgers.all_seals():
			assert seal.chain_hash(previous) == seal.chain_sha256
			previous = seal.chain_sha256

	def test_an_entry_that_is_no_longer_unsealed_is_not_sealed_twice(self, monkeypatch):
		"""What another machine sealed after this one read it: the run ends, and the next goes on."""
		name = add_entry()
		read = ledgers.unsealed_entries

		def sealed_by_another_meanwhile(ledger, after=""):
			found = list(read(ledger, after))
			alter(name, "ledger_seal", 99_999_999)
			return iter(found)

		monkeypatch.setattr(ledgers, "unsealed_entries", sealed_by_another_meanwhile)
		count = len(all_seal_names())
		assert seals.seal_new_entries() == 0
		assert len(all_seal_names()) == count
