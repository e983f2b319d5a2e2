"""The end of the chain: what the server keeps outside its database, what an auditor pulls, and what was inserted late."""

import json

import frappe
import pytest
from frappe.utils import add_to_date, get_datetime, now_datetime

from crm_transparency.export_audit import manifests
from crm_transparency.ledger import audit, chain_head, entries, ledgers, retention, seals, verification
from tests.ledger.tampering import (
	LEDGER,
	add_entry,
	alter,
	behind_the_back,
	remove,
	seal_entries,
	sentences,
	verify,
)
from tests.people_and_accounts import acting_as, make_user

pytestmark = pytest.mark.usefixtures("one_transaction")


@pytest.fixture
def pulled(monkeypatch):
	"""Let the auditor pull from this site without HTTP; what is pulled goes through JSON."""

	def get(_url, _key, arguments):
		return json.loads(json.dumps(verification.pull(**arguments)))

	monkeypatch.setattr(audit, "_get", get)
	monkeypatch.setattr(verification, "SEALS_PULLED_AT_ONCE", 2)


def run(tmp_path, *more):
	return audit.main(["https://crm.example.com", "--key", "k:s", "--state", str(tmp_path / "state"), *more])


def cut_off(sealed):
	"""Remove the newest seal and its entries, as somebody would who has the database's password."""
	for name in sealed.names:
		remove(name)
	remove(sealed.seal, "Ledger Seal")


def test_the_auditor_checks_everything_first_and_then_what_came_since(sealed, pulled, tmp_path, capsys):
	assert run(tmp_path) == audit.CLEAN
	assert "this is the first check" in capsys.readouterr().out
	for _number in range(5):
		seal_entries(2)
	add_entry()
	assert run(tmp_path) == audit.CLEAN
	out = capsys.readouterr().out
	assert f"the chain goes on from {sealed.seal}: 5 new seals" in out
	assert "Entries not sealed yet: 1." in out and "Times are those of the time zone" in out


def test_the_auditor_finds_that_the_end_of_the_chain_was_cut_off(sealed, pulled, tmp_path, capsys):
	newest = seal_entries()
	assert run(tmp_path) == audit.CLEAN
	cut_off(newest)
	state = (tmp_path / "state").read_text()
	assert run(tmp_path) == audit.FINDINGS
	assert "Please look at the ledgers of https://crm.example.com" in capsys.readouterr().out
	seal_entries()
	assert run(tmp_path) == audit.FINDINGS, "a new seal in the old one's place doesn't make it good"
	assert (tmp_path / "state").read_text() == state


@pytest.mark.parametrize("tamper", [alter, remove])
def test_the_auditor_finds_what_was_altered_or_removed_since(sealed, pulled, tmp_path, capsys, tamper):
	assert run(tmp_path) == audit.CLEAN
	newest = seal_entries()
	tamper(newest.names[2])
	assert run(tmp_path) == audit.FINDINGS
	assert f"Entry {newest.names[2]} of {LEDGER} was" in capsys.readouterr().out


def test_the_auditor_finds_a_removed_seal_whose_entries_are_still_there(sealed, pulled, tmp_path, capsys):
	assert run(tmp_path) == audit.CLEAN
	remove(seal_entries().seal, "Ledger Seal")
	assert run(tmp_path) == audit.FINDINGS
	assert "is missing, but entries" in capsys.readouterr().out


def test_what_entries_say_stays_on_the_site(sealed):
	told = json.dumps(verification.pull(start=sealed.number))
	assert sealed.names[0] in told and "ana@example.com" not in told and "Harbour" not in told


def test_whoever_may_not_read_a_ledger_learns_nothing_of_it_before_it_is_sealed(sealed):
	make_user("Rita", "Ringer Manager")
	[secret] = frappe.get_all("Ringer Manager Change", order_by="name desc", limit=1, pluck="name")
	readable = add_entry()
	with acting_as(make_user("Mona", "Transparency Manager")):
		told = json.dumps(verification.pull(start=sealed.number))
		assert secret not in told and "Ringer Manager Change" not in told
		assert readable in told
	seals.seal_new_entries()
	with acting_as(make_user("Mona", "Transparency Manager")):
		assert secret in json.dumps(verification.pull(start=sealed.number)), (
			"the chain can't be checked without it"
		)


def test_pruned_blocks_are_accounted_for(sealed, pulled, tmp_path, capsys):
	seal_is_old(sealed, hours=24 * 62)
	retention.prune([next(ledgers.seals_from(sealed.number))], 1)
	seals.seal_new_entries()
	assert run(tmp_path) == audit.CLEAN
	assert f"Pruned entries of {LEDGER}: 5" in capsys.readouterr().out


def test_only_managers_pull(sealed):
	with acting_as(make_user("Carl")), pytest.raises(frappe.PermissionError):
		verification.pull()
	with acting_as(make_user("Mona", "Transparency Manager")):
		assert verification.pull(start=sealed.number)["records"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"seal": "SEAL-00000001", "chain_sha256": "x"}'])
def test_a_file_that_is_no_state_is_refused_and_kept(pulled, tmp_path, content, capsys):
	(tmp_path / "state").write_text(content)
	assert run(tmp_path) == audit.UNREADABLE
	assert (tmp_path / "state").read_text() == content
	assert "isn't a state file" in capsys.readouterr().err


def test_a_site_that_does_not_answer_is_told(tmp_path, capsys):
	arguments = ["http://127.0.0.1:9", "--key", "k:s", "--state", str(tmp_path / "state")]
	assert audit.main(arguments) == audit.UNREADABLE
	assert "couldn't be checked" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["http://crm.example.com", "http://localhost.example.com", "crm.example.com"])
def test_the_key_never_travels_unencrypted(pulled, tmp_path, url, capsys):
	with pytest.raises(SystemExit):
		audit.main([url, "--key", "k:s", "--state", str(tmp_path / "state")])
	assert "begins with https://" in capsys.readouterr().err
	assert audit._url("http://[::1]:8000") and audit._url("http://localhost:8000")


def test_the_server_keeps_what_the_database_loses(one_transaction):
	frappe.db.after_commit.reset()
	kept, newest = seal_entries(), seal_entries()
	frappe.db.after_commit.run()
	assert list(chain_head.kept().values()) == [kept.seal, newest.seal]
	assert verify().is_clean
	cut_off(newest)
	report = verify()
	assert [finding.kind for finding in report.findings] == ["end removed"]
	assert newest.seal in sentences(report)[0]
	later = seal_entries()
	assert [finding.values["seal"] for finding in verify().findings] == [newest.seal], later


def test_nothing_is_kept_of_what_was_rolled_back(one_transaction):
	frappe.db.after_commit.reset()
	seal_entries()
	frappe.db.after_commit.reset()
	assert chain_head.kept() == {}


def written_ago(hours):
	name = add_entry()
	behind_the_back(
		f"update `tab{LEDGER}` set creation = %s where name = %s",
		str(add_to_date(now_datetime(), hours=-hours)),
		name,
	)
	return name


def seal_is_old(sealed, hours):
	"""Let a seal and those before it be that old; hashes are recomputed, as for a chain that grew in time."""
	previous = None
	for seal in list(ledgers.all_seals()):
		if seal.number <= sealed.number:
			moment = get_datetime(add_to_date(seal.sealed_on, hours=-hours))
			seal = seal._replace(sealed_on=moment.isoformat(" ", "microseconds"))
		chain_hash = seal.chain_hash(previous)
		behind_the_back(
			"update `tabLedger Seal` set sealed_on = %s, chain_sha256 = %s where name = %s",
			seal.sealed_on,
			chain_hash,
			seal.name,
		)
		previous = chain_hash


def test_an_entry_inserted_with_an_old_date_is_found_though_it_was_sealed(sealed):
	seal_is_old(sealed, hours=48)
	inserted, honest = written_ago(hours=24 * 670), written_ago(hours=20)
	seals.seal_new_entries()
	(finding,) = verify().findings
	assert (finding.kind, finding.values["entry"]) == ("back-dated", inserted), honest
	assert sealed.seal in finding.sentence() and "inserted later" in finding.sentence()


def test_late_commits_are_no_finding(sealed):
	seal_is_old(sealed, hours=3)
	written_ago(hours=4)
	seals.seal_new_entries()
	assert verify().is_clean


def export_with_manifest():
	name = entries.new_name()
	manifest = manifests.write(name, {"Customer": ["Harbour Books"]}, "Administrator")
	entries.add_at_once(
		"Export Log",
		name=name,
		user="Administrator",
		channel="List Export",
		row_count=1,
		manifest_sha256=manifest.sha256,
		exported_on=now_datetime(),
	)
	return name


@pytest.mark.parametrize("how", ["altered", "removed"])
def test_a_manifest_that_is_not_what_its_entry_says_is_found(how):
	intact, tampered = export_with_manifest(), export_with_manifest()
	seals.seal_new_entries()
	assert verify().is_clean
	if how == "removed":
		remove(tampered, "Export Manifest")
	else:
		other = manifests.packed(b'["Customer","Quayside"]', 1)
		behind_the_back("update `tabExport Manifest` set records = %s where name = %s", other, tampered)
	(finding,) = verify().findings
	assert (finding.kind, finding.values["entry"]) == ("manifest altered", tampered), intact


def test_entries_keep_the_offset_of_their_time(one_transaction):
	name = add_entry()
	assert frappe.db.get_value(LEDGER, name, "utc_offset") == entries.utc_offset(name)
	log = export_with_manifest()
	assert frappe.db.get_value("Export Log", log, "utc_offset") == entries.utc_offset()


def test_the_offsets_tell_the_hour_that_comes_twice_apart(monkeypatch):
	monkeypatch.setattr(entries, "get_system_timezone", lambda: "Europe/Berlin")
	first, second = 1792888200, 1792891800  # 25 October 2026, 02:30 in Berlin, twice
	names = [f"{moment * 10**9:016x}00000000" for moment in (first - 3600, first, second)]
	offsets = [entries.utc_offset(name) for name in names]
	assert sorted(set(offsets)) == ["+01:00", "+02:00"] and offsets == sorted(offsets, reverse=True)
