"""Whatever somebody does to a sealed ledger behind the framework's back, the verification names it and the seal."""

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime

from crm_transparency.ledger import chain, entries, ledgers, verification
from tests.ledger.tampering import (
	LEDGER,
	add_entry,
	alter,
	behind_the_back,
	copy_as,
	remove,
	rename,
	seal_entries,
	sentences,
	verify,
)
from tests.people_and_accounts import acting_as, make_user

pytestmark = pytest.mark.usefixtures("one_transaction")


def only_finding():
	report = verify()
	assert len(report.findings) == report.finding_count == 1, sentences(report)
	return report.findings[0]


def test_an_untouched_ledger_is_clean(sealed):
	report = verify()
	assert report.is_clean and report.newest_seal == sealed.seal
	assert "Nothing was altered, removed, inserted or reordered after it was sealed." in list(report.lines())


@pytest.mark.parametrize(
	("fieldname", "value"),
	[
		("new_owner", "zoe@example.com"),
		("previous_owner", None),
		("kind", "Handed Over"),
		("reason", "He asked me to"),
		("changed_on", "2020-01-01 00:00:00.000001"),
		("creation", "2020-01-01 00:00:00.000001"),
	],
)
def test_an_altered_field_is_found(sealed, fieldname, value):
	alter(sealed.names[2], fieldname, value)
	finding = only_finding()
	assert finding.kind == "altered"
	assert f"Entry {sealed.names[2]} of {LEDGER} was altered" in finding.sentence()
	assert f"breaks seal {sealed.seal}" in finding.sentence()


def test_what_people_leave_on_an_entry_is_no_alteration(sealed):
	for fieldname in ("_comments", "_user_tags", "_assign", "_liked_by"):
		if frappe.db.has_column(LEDGER, fieldname):
			alter(sealed.names[0], fieldname, "[]")
	alter(sealed.names[0], "modified", str(now_datetime()))
	assert verify().is_clean


def test_the_first_of_several_altered_entries_is_named(sealed):
	for name in sealed.names[1:4]:
		alter(name)
	report = verify()
	assert sealed.names[1] in sentences(report)[0]
	assert "More entries that break the same seal: 2." in list(report.lines())


def test_every_broken_seal_is_reported_in_the_order_of_the_chain():
	one, two = seal_entries(), seal_entries()
	alter(two.names[0])
	remove(one.names[4])
	report = verify()
	assert [finding.kind for finding in report.findings] == ["removed", "altered"]
	assert [finding.values["seal"] for finding in report.findings] == [one.seal, two.seal]


def test_a_removed_entry_is_found(sealed):
	remove(sealed.names[3])
	finding = only_finding()
	assert finding.kind == "removed"
	assert f"Entry {sealed.names[3]} of {LEDGER} was removed" in finding.sentence()


def test_a_block_removed_as_a_whole_is_found(sealed):
	for name in sealed.names:
		remove(name)
	finding = only_finding()
	assert finding.kind == "block removed"
	assert all(part in finding.sentence() for part in (sealed.names[0], sealed.names[-1], sealed.seal))


def test_emptying_the_seals_list_of_entries_makes_no_pruning_of_a_removal(sealed):
	for name in sealed.names:
		remove(name)
	behind_the_back("update `tabLedger Seal` set entry_digests = null where name = %s", sealed.seal)
	assert only_finding().kind == "block removed"


def test_an_entry_inserted_into_a_sealed_block_is_found(sealed):
	inserted = sealed.names[1][:-8] + "ffffffff"
	copy_as(sealed.names[1], inserted)
	finding = only_finding()
	assert finding.kind == "inserted"
	assert f"Entry {inserted} of {LEDGER} was inserted" in finding.sentence()


def test_an_entry_with_an_empty_name_does_not_hide(sealed):
	copy_as(sealed.names[1], "")
	assert only_finding().kind == "inserted"


def test_swapped_entries_are_found(sealed):
	one, other = sealed.names[1], sealed.names[3]
	rename(one, "swapping")
	rename(other, one)
	rename("swapping", other)
	finding = only_finding()
	assert finding.kind == "re-ordered"
	assert f"Entry {one} of {LEDGER} was reordered: it changed places with {other}" in finding.sentence()


def test_an_entry_moved_to_another_place_is_found(sealed):
	rename(sealed.names[0], sealed.names[4][:-8] + "ffffffff")
	finding = only_finding()
	assert finding.kind == "re-ordered" and sealed.names[0] in finding.sentence()


def test_an_entry_whose_mark_was_blanked_is_found(sealed):
	alter(sealed.names[2], "ledger_seal", 0)
	finding = only_finding()
	assert finding.kind == "unmarked"
	assert sealed.names[2] in finding.sentence() and sealed.seal in finding.sentence()


def test_blanking_the_marks_of_a_whole_block_is_found(sealed):
	for name in sealed.names:
		alter(name, "ledger_seal", 0)
	finding = only_finding()
	assert finding.kind == "unmarked" and sealed.seal in finding.sentence()


def test_an_entry_that_was_unmarked_and_altered_is_found(sealed):
	alter(sealed.names[2], "ledger_seal", 0)
	alter(sealed.names[2])
	assert only_finding().kind == "unmarked and altered"


def test_an_entry_moved_under_another_seal_is_found():
	one, two = seal_entries(), seal_entries()
	alter(one.names[0], "ledger_seal", two.number)
	assert [finding.kind for finding in verify().findings] == ["removed", "inserted"]


def test_a_mark_of_another_ledgers_seal_is_found(sealed):
	pruning = entries.add(
		"Ledger Pruning", ledger=LEDGER, first_seal="-", last_seal="-", pruned_on=now_datetime()
	)
	behind_the_back(
		"update `tabLedger Pruning` set ledger_seal = %s where name = %s", sealed.number, pruning.name
	)
	finding = only_finding()
	assert finding.kind == "seal missing" and pruning.name in finding.sentence()


@pytest.mark.parametrize(
	("fieldname", "value"),
	[
		("ledger", "Ledger Pruning"),
		("first_entry", "0"),
		("last_entry", "f"),
		("entry_count", 4),
		("entries_sha256", "0" * 64),
		("entry_digests_sha256", "0" * 64),
		("chain_sha256", "0" * 64),
		("sealed_on", "2020-01-01 00:00:00"),
	],
)
def test_an_altered_seal_is_found(sealed, fieldname, value):
	seal_entries()
	behind_the_back(f"update `tabLedger Seal` set `{fieldname}` = %s where name = %s", value, sealed.seal)
	report = verify()
	assert "seal altered" in {finding.kind for finding in report.findings}
	assert any(f"Seal {sealed.seal} of" in sentence for sentence in sentences(report))


def test_an_altered_list_of_entries_is_found(sealed):
	forged = chain.pack([(name, b"12345678") for name in sealed.names])
	behind_the_back("update `tabLedger Seal` set entry_digests = %s where name = %s", forged, sealed.seal)
	assert only_finding().kind == "entry list altered"


def test_an_altered_entry_is_found_without_the_list_of_entries(sealed):
	alter(sealed.names[2])
	behind_the_back("update `tabLedger Seal` set entry_digests = %s where name = %s", "gone", sealed.seal)
	report = verify()
	assert [finding.kind for finding in report.findings] == ["entry list altered", "mismatch"]
	assert sealed.names[0] in sentences(report)[1] and sealed.seal in sentences(report)[1]


def test_resealing_an_altered_block_breaks_the_chain():
	"""Whoever knows how seals are made can forge one, but then the next no longer follows."""
	one, two = seal_entries(), seal_entries()
	alter(one.names[0])
	block = chain.Block()
	for name, _mark, fields in ledgers.sealed_entries(LEDGER, one.number):
		block.add(name, fields)
	stored = next(seal for seal in ledgers.all_seals() if seal.name == one.seal)
	before = frappe.db.get_value("Ledger Seal", stored.previous_seal, "chain_sha256")
	digests = chain.pack(block.digests)
	forged = stored._replace(
		entries_sha256=block.entries_sha256,
		entry_digests=digests,
		entry_digests_sha256=chain.sha256(digests.encode()),
	)
	forged = forged._replace(chain_sha256=forged.chain_hash(before))
	for fieldname in ("entries_sha256", "entry_digests", "entry_digests_sha256", "chain_sha256"):
		value = getattr(forged, fieldname)
		behind_the_back(f"update `tabLedger Seal` set `{fieldname}` = %s where name = %s", value, one.seal)
	finding = only_finding()
	assert (finding.kind, finding.values["seal"]) == ("seal altered", two.seal)


def test_a_seal_removed_from_the_middle_is_found(sealed):
	newest = seal_entries()
	remove(sealed.seal, "Ledger Seal")
	report = verify()
	assert {finding.kind for finding in report.findings} == {"seal removed", "seal missing"}
	gap = next(finding for finding in report.findings if finding.kind == "seal removed").sentence()
	assert f"Seal {sealed.seal} was removed" in gap and newest.seal in gap
	missing = next(finding for finding in report.findings if finding.kind == "seal missing").sentence()
	assert sealed.names[0] in missing


def test_the_newest_seal_removed_is_found(sealed):
	remove(sealed.seal, "Ledger Seal")
	finding = only_finding()
	assert finding.kind == "seal missing"
	assert sealed.seal in finding.sentence() and sealed.names[0] in finding.sentence()


def test_all_seals_removed_is_found(sealed):
	behind_the_back("delete from `tabLedger Seal`")
	assert {finding.kind for finding in verify().findings} == {"seal missing"}


def test_a_fork_of_the_chain_is_found(sealed):
	newest = seal_entries()
	behind_the_back(
		"update `tabLedger Seal` set previous_seal = %s where name = %s",
		frappe.db.get_value("Ledger Seal", sealed.seal, "previous_seal") or "SEAL-00000000",
		newest.seal,
	)
	finding = only_finding()
	assert finding.kind == "fork" and newest.seal in finding.sentence()


def test_entries_waiting_for_their_seal_are_information(sealed):
	add_entry()
	report = verify()
	assert report.is_clean and (report.unsealed, report.overdue) == (1, 0)
	assert "Entries not sealed yet: 1." in list(report.lines())


def test_entries_left_unsealed_for_hours_are_pointed_out(sealed):
	alter(add_entry(), "creation", str(add_to_date(now_datetime(), hours=-3)))
	report = verify()
	assert report.is_clean and report.overdue == 1
	assert any("scheduler" in line for line in report.lines())


def test_a_held_chain_hash_is_found_in_the_chain(sealed):
	held = frappe.db.get_value("Ledger Seal", sealed.seal, "chain_sha256")
	seal_entries()
	seal_entries()
	report = verify(heads=[held])
	assert report.is_clean and report.heads == {held: (sealed.seal, 2)}
	assert any(
		f"{held} is that of seal {sealed.seal}. Seals added since: 2." in line for line in report.lines()
	)


def test_a_held_chain_hash_betrays_a_rewritten_chain(sealed):
	"""The newest seal can be removed without a trace inside the site; who holds its hash still notices."""
	held = frappe.db.get_value("Ledger Seal", sealed.seal, "chain_sha256")
	alter(sealed.names[0])
	remove(sealed.seal, "Ledger Seal")
	behind_the_back(f"update `tab{LEDGER}` set ledger_seal = 0 where ledger_seal = %s", sealed.number)
	seal_entries()
	assert verify().is_clean
	report = verify(heads=[held])
	assert [finding.kind for finding in report.findings] == ["unknown head"]
	assert held in sentences(report)[0]


def test_a_ruined_ledger_is_reported_without_listing_everything(monkeypatch):
	from crm_transparency.ledger import report as reports

	monkeypatch.setattr(reports, "FINDINGS_KEPT", 2)
	for _ in range(4):
		alter(seal_entries(1).names[0])
	report = verify()
	assert (report.finding_count, len(report.findings)) == (4, 2)
	assert "Further findings: 2." in list(report.lines())


@pytest.mark.parametrize("fieldname", [field for field in chain.Seal._fields if field != "name"])
def test_an_emptied_field_of_a_seal_is_found(sealed, fieldname):
	"""Nothing that the database lets somebody write stops the verification."""
	seal = seal_entries().seal
	empty = 0 if fieldname in ("number", "entry_count") else None
	behind_the_back(f"update `tabLedger Seal` set `{fieldname}` = %s where name = %s", empty, seal)
	report = verify()
	assert not report.is_clean and list(report.lines())


@pytest.mark.parametrize(("name", "number"), [("SEAL-99999999", 99_999_999), ("ZZZ", 0), ("ZZZ", 99_999_999)])
def test_a_forged_seal_is_found(sealed, name, number):
	forged = dict.fromkeys(chain.Seal._fields) | {"name": name, "number": number, "entry_count": 0}
	columns = ", ".join(f"`{column}`" for column in forged)
	placeholders = ", ".join(["%s"] * len(forged))
	behind_the_back(f"insert into `tabLedger Seal` ({columns}) values ({placeholders})", *forged.values())
	report = verify()
	assert not report.is_clean and any(name in sentence for sentence in sentences(report))


class TestInTheBackground:
	@pytest.fixture(autouse=True)
	def jobs(self, monkeypatch):
		"""Keep queued verifications instead of handing them to a worker."""
		queued = []

		def keep(method, **options):
			if method is verification.run:
				queued.append(options)

		monkeypatch.setattr(frappe, "enqueue", keep)
		return queued

	@pytest.fixture
	def work(self, jobs):
		"""Do what is queued, as a worker does, and return the record of the last verification."""

		def run_queued():
			for options in jobs:
				of_the_queue = ("queue", "timeout", "enqueue_after_commit")
				verification.run(**{key: value for key, value in options.items() if key not in of_the_queue})
			name = jobs[-1]["name"]
			jobs.clear()
			return frappe.get_doc("Ledger Verification", name)

		return run_queued

	@pytest.fixture
	def told(self, monkeypatch):
		"""Who is notified, and of what."""
		notifications = []
		monkeypatch.setattr(
			verification, "enqueue_create_notification", lambda users, doc: notifications.append((users, doc))
		)
		return notifications

	def test_a_manager_verifies_with_a_button(self, sealed, work, told):
		alter(sealed.names[0])
		with acting_as(make_user("Mona", "Transparency Manager")):
			name = verification.start()
			assert frappe.get_doc("Ledger Verification", name).has_permission("read")
		record = work()
		assert (record.name, record.status, record.finding_count) == (name, "Findings", 1)
		assert sealed.names[0] in record.report and sealed.seal in record.report
		assert record.finished_on >= record.started_on
		assert not told

	def test_a_second_click_shows_the_verification_under_way(self, jobs):
		with acting_as(make_user("Sam", "System Manager")):
			assert verification.start() == verification.start()
		assert len(jobs) == 1

	@pytest.mark.parametrize("role", ["Sales User", "Sales Manager"])
	def test_others_are_refused(self, jobs, role):
		with acting_as(make_user("Rita", role)), pytest.raises(frappe.PermissionError):
			verification.start()
		assert not jobs

	def test_managers_are_told_of_what_the_weekly_verification_found(self, sealed, work, told):
		manager, rep = make_user("Mona", "Transparency Manager"), make_user("Rita")
		verification.verify_weekly()
		assert work().status == "Nothing Found" and not told
		alter(sealed.names[0])
		verification.verify_weekly()
		record = work()
		[(users, notification)] = told
		assert manager in users and rep not in users
		assert (record.status, notification["document_name"]) == ("Findings", record.name)

	def test_a_verification_that_breaks_off_says_so(self, work, told, monkeypatch):
		def broken(*args, **options):
			raise RuntimeError("the database went away")

		monkeypatch.setattr(verification, "verify", broken)
		verification.verify_weekly()
		record = work()
		assert record.status == "Failed" and "Error Log" in record.report
		assert len(told) == 1
