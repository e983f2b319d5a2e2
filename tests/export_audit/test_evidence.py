"""A manager has a bundle made about a person: complete, checkable elsewhere, recorded, and nobody else's business."""

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import frappe
import pytest
from frappe.utils import add_days, today

from crm_transparency.export_audit import bundle_files, evidence, exports, manifests
from crm_transparency.export_audit.bundle_files import Summary, harmless
from crm_transparency.export_audit.exports import Export
from crm_transparency.ledger import entries, seals
from tests.people_and_accounts import make_customer, make_user

pytestmark = pytest.mark.usefixtures("one_transaction")

REPOSITORY = Path(__file__).parents[2]
MANAGER_ROLES = ("Transparency Manager", "Offboarding Manager", "HR Manager")


@pytest.fixture
def one_transaction(monkeypatch):
	"""Let jobs commit nothing, so that the test's rollback takes everything away again."""
	rollback = frappe.db.rollback
	monkeypatch.setattr(frappe.db, "commit", lambda *args, **kwargs: None)
	monkeypatch.setattr(
		frappe.db,
		"rollback",
		lambda *, save_point=None, chain=False: rollback(save_point=save_point) if save_point else None,
	)
	yield
	monkeypatch.undo()
	frappe.db.rollback()


@pytest.fixture
def rep():
	return make_user("Rita")


@pytest.fixture
def manager():
	return make_user("Mona", "Sales User", "Transparency Manager")


def export_as(user, channel=exports.LIST_EXPORT, records=(("Customer", "Harbour Books"),), **values):
	records = list(records)
	return exports.record(
		Export(
			channel,
			doctype="Customer",
			row_count=len(records),
			columns=["name"],
			records=records,
			user=user,
			**values,
		)
	)


def ask_for(person, as_user, from_date=None, to_date=None, purpose=None):
	"""Ask as a user, let the job run, and return the Evidence Bundle."""
	frappe.set_user(as_user)
	name = evidence.ask_for(person, from_date or add_days(today(), -30), to_date or today(), purpose)
	evidence.run(name, origin={"ip_address": "192.0.2.7"})
	frappe.set_user("Administrator")
	return frappe.get_doc("Evidence Bundle", name)


def path_of(made):
	return Path(frappe.get_site_path(made.file.lstrip("/")))


def unpacked(made, folder):
	with zipfile.ZipFile(path_of(made)) as archive:
		archive.extractall(folder)
	[top] = folder.iterdir()
	return top


def verify(folder, *arguments):
	return subprocess.run(
		[
			sys.executable,
			"-S",
			"-B",
			"-m",
			"crm_transparency.ledger.verify",
			folder / "ledger.jsonl",
			*arguments,
		],
		cwd=REPOSITORY,
		env={"PATH": os.environ["PATH"]},
		capture_output=True,
		text=True,
		encoding="utf-8",
	)


def rows_of(folder, name):
	return list(csv.DictReader(io.StringIO((folder / name).read_text(encoding="utf-8-sig"), newline="")))


def rewrite(folder, change):
	file = folder / "ledger.jsonl"
	records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
	change(records)
	file.write_text("".join(f"{json.dumps(record)}\n" for record in records), encoding="utf-8")


@pytest.fixture
def folder(rep, manager, tmp_path):
	"""The bundle of a rep who exported twice and took over a customer, unpacked. Others did things meanwhile."""
	export_as(manager)
	customer = make_customer(account_manager=manager)
	frappe.set_user(rep)
	customer.account_manager = rep
	customer.flags.ignore_permissions = True
	customer.save()
	frappe.set_user("Administrator")
	seals.seal_new_entries()
	export_as(rep, purpose="=1+1")
	export_as(manager)
	export_as(rep, records=[("Customer", f"Harbour Books {number}") for number in range(50)])
	seals.seal_new_entries()
	export_as(manager)
	return unpacked(ask_for(rep, manager, purpose="An <b>example</b>"), tmp_path)


def test_the_bundle_holds_what_the_ledgers_say_about_the_person_and_nobody_else(folder, rep, manager):
	listed = rows_of(folder, "export-log.csv")
	assert [row["Person"] for row in listed] == [rep, rep]
	[change] = rows_of(folder, "account-owner-change.csv")
	assert (change["Changed by"], change["From"]) == (rep, manager)
	assert all(row["Seal"].startswith("SEAL-") for row in [*listed, change])
	assert all(
		row["UTC offset"]
		and row["Written on"].endswith(row["UTC offset"].removeprefix(bundle_files.NEUTRALIZER))
		for row in [*listed, change]
	), "a spreadsheet would calculate -03:30"
	assert {path.stem for path in (folder / "manifests").iterdir()} == {row["Entry"] for row in listed}


def test_a_manifest_has_the_hash_that_its_sealed_entry_says(folder):
	for row in rows_of(folder, "export-log.csv"):
		text = (folder / "manifests" / f"{row['Entry']}.jsonl").read_bytes()
		assert hashlib.sha256(text).hexdigest() == row["SHA-256 of the manifest"]
		assert len(text.splitlines()) == int(row["Records"])


def test_sha256sum_finds_everything_as_it_was_and_any_change(folder):
	def check():
		return subprocess.run(
			["sha256sum", "--check", "SHA256SUMS"], cwd=folder, capture_output=True, text=True
		)

	result = check()
	assert result.returncode == 0, result.stdout + result.stderr
	files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
	assert {line.split(": ")[0] for line in result.stdout.splitlines()} == files - {"SHA256SUMS"}
	with (folder / "export-log.csv").open("a") as table:
		table.write("one more\n")
	assert check().returncode == 1


def test_an_auditor_verifies_the_excerpt_without_the_site(folder):
	result = verify(folder)
	assert result.returncode == 0, result.stdout + result.stderr
	assert "Every sealed entry in it is exactly what was sealed." in result.stdout
	assert "not that there are no others" in result.stdout


def test_the_auditor_compares_with_a_hash_that_was_held_outside(folder):
	newest = frappe.get_all("Ledger Seal", order_by="number desc", limit=1, pluck="chain_sha256")[0]
	assert verify(folder, "--head", newest).returncode == 0
	result = verify(folder, "--head", "0" * 64)
	assert result.returncode == 1 and "isn't one of the seals in this excerpt" in result.stdout


def entries_in(records):
	return [record for record in records if record["record"] == "entry"]


def covering_seals(records):
	numbers = {entry["seal"] for entry in entries_in(records)}
	return [record for record in records if record["record"] == "seal" and record["number"] in numbers]


def alter_an_entry(records):
	entries_in(records)[0]["fields"]["row_count"] = 1_000_000


def pass_an_entry_off_as_another(records):
	entries_in(records)[0]["name"] = "f" * 24


def show_an_entry_twice(records):
	entry = entries_in(records)[0]
	records.insert(records.index(entry), entry)
	records[-1]["entries"] += 1


def alter_a_seal(records):
	covering_seals(records)[0]["sealed_on"] = "2001-01-01 00:00:00.000000"


def forge_a_list(records):
	from crm_transparency.ledger import chain

	entry, seal = entries_in(records)[0], covering_seals(records)[0]
	entry["fields"]["row_count"] = 1_000_000
	seal["entry_digests"] = chain.pack([(entry["name"], chain.content_digest(entry["fields"]))])


def leave_out_a_seal(records):
	seals_there = [record for record in records if record["record"] == "seal"]
	records.remove(seals_there[1])
	records[-1]["seals"] -= 1


def leave_out_the_end(records):
	records.pop()


def pretend_another_beginning(records):
	records[0]["previous_chain_sha256"] = "0" * 64


@pytest.mark.parametrize(
	"tamper",
	[
		alter_an_entry,
		pass_an_entry_off_as_another,
		show_an_entry_twice,
		alter_a_seal,
		forge_a_list,
		leave_out_a_seal,
		leave_out_the_end,
		pretend_another_beginning,
	],
)
def test_what_is_tampered_with_is_found(folder, tamper):
	rewrite(folder, tamper)
	result = verify(folder)
	assert result.returncode == 1, result.stdout + result.stderr


def test_cells_that_a_spreadsheet_would_calculate_are_made_harmless(folder):
	assert rows_of(folder, "export-log.csv")[0]["Purpose"] == "'=1+1"
	for dangerous in ("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", " =1", "\ufeff=1"):
		assert harmless(dangerous) == f"'{dangerous}"
	assert [harmless(value) for value in ("a=1", "", None, -1, "rep@example.com")] == [
		"a=1",
		"",
		None,
		-1,
		"rep@example.com",
	]


def test_the_summary_tells_figures_and_no_markup_of_others(folder, rep):
	[page] = folder.glob("summary.*")
	if page.suffix == ".pdf":
		assert page.read_bytes().startswith(b"%PDF")
		return
	text = page.read_text(encoding="utf-8")
	assert rep in text and "An &lt;b&gt;example&lt;/b&gt;" in text
	assert "can&#39;t make PDF files" in text or "can't make PDF files" in text


def test_a_server_with_a_pdf_maker_gives_a_pdf(monkeypatch):
	pages = []
	monkeypatch.setattr("frappe.utils.pdf.get_pdf", lambda html: pages.append(html) or b"%PDF")
	about = Summary("ana@example.com", "Ana", "1", "2", "me", "now", None)
	assert bundle_files.summary_file(about) == ("summary.pdf", b"%PDF")
	assert pages[0].startswith("<!DOCTYPE html>")
	assert frappe.local.site in pages[0] and "{{" not in pages[0]


def test_making_a_bundle_is_an_export_like_any_other(rep, manager):
	export_as(rep)
	made = ask_for(rep, manager, purpose="Resignation")
	assert made.status == "Ready"
	entry = frappe.get_doc("Export Log", made.export_log)
	assert (entry.user, entry.channel, entry.row_count) == (manager, "Evidence Bundle", made.entry_count)
	assert (entry.purpose, entry.ip_address) == ("Resignation", "192.0.2.7")
	content = path_of(made).read_bytes()
	assert entry.file_sha256 == made.file_sha256 == hashlib.sha256(content).hexdigest()
	assert entry.file_bytes == made.file_bytes == len(content)
	assert json.loads(entry.filters)["person"] == rep


@pytest.mark.parametrize(
	("place", "name"),
	[(entries, "add_at_once"), (exports, "measure"), (manifests, "write"), (evidence, "write_bundle")],
)
def test_what_cannot_be_recorded_is_not_made(monkeypatch, rep, manager, place, name):
	def breaking(*args, **kwargs):
		raise RuntimeError("broken for the test")

	before = set(Path(frappe.get_site_path("private", "files")).glob("evidence-*"))
	monkeypatch.setattr(place, name, breaking)
	made = ask_for(rep, manager)
	assert (made.status, made.file, made.export_log) == ("Failed", None, None)
	assert set(Path(frappe.get_site_path("private", "files")).glob("evidence-*")) == before
	assert not frappe.get_all(
		"File", filters={"attached_to_doctype": "Evidence Bundle", "attached_to_name": made.name}
	)


def test_a_rolled_back_bundle_leaves_no_file(rep, manager, monkeypatch):
	made = ask_for(rep, manager)
	assert path_of(made).exists()
	monkeypatch.undo()
	frappe.db.rollback()
	assert not path_of(made).exists()


@pytest.mark.parametrize("role", MANAGER_ROLES)
def test_managers_and_hr_make_bundles(rep, role):
	assert ask_for(rep, make_user("Hedi", "Sales User", role)).status == "Ready"


def test_others_make_none_not_even_about_themselves(rep):
	frappe.set_user(rep)
	with pytest.raises(frappe.PermissionError):
		evidence.ask_for(rep, today(), today())


def test_whoever_stopped_being_a_manager_gets_none(rep, manager):
	frappe.set_user(manager)
	name = evidence.ask_for(rep, today(), today())
	frappe.set_user("Administrator")
	frappe.get_doc("User", manager).remove_roles("Transparency Manager")
	frappe.set_user(manager)
	evidence.run(name, origin={})
	assert frappe.db.get_value("Evidence Bundle", name, ["status", "file"]) == ("Failed", None)


def test_the_file_is_private_to_those_who_may_see_the_bundle(rep, manager):
	made = ask_for(rep, manager)
	[name] = frappe.get_all("File", filters={"attached_to_name": made.name}, pluck="name")
	file = frappe.get_doc("File", name)
	assert file.is_private and file.file_url.startswith("/private/files/")
	for user, may in ((manager, True), (rep, False), (make_user("Olga"), False)):
		frappe.set_user(user)
		assert bool(frappe.has_permission("File", "read", doc=file)) is may
		assert bool(frappe.has_permission("Evidence Bundle", "read", doc=made)) is may
	frappe.set_user("Administrator")
	frappe.get_doc("User", manager).remove_roles("Transparency Manager")
	frappe.set_user(manager)
	assert file.owner != manager
	assert not frappe.has_permission("Evidence Bundle", "read", doc=made)
	assert not frappe.has_permission("File", "read", doc=file)


def test_nobody_writes_or_makes_up_a_bundle(rep, manager):
	made = ask_for(rep, manager)
	frappe.set_user(manager)
	made.file = "/private/files/other.zip"
	with pytest.raises(frappe.PermissionError):
		made.save()
	with pytest.raises(frappe.PermissionError):
		frappe.get_doc(
			doctype="Evidence Bundle", person=rep, from_date=today(), to_date=today(), asked_by=manager
		).insert()


def test_deleting_a_bundle_deletes_its_file_and_not_the_record_of_it(rep, manager):
	made = ask_for(rep, manager)
	frappe.set_user(manager)
	frappe.delete_doc("Evidence Bundle", made.name)
	assert not path_of(made).exists()
	assert frappe.db.exists("Export Log", made.export_log)


def test_wrong_questions_are_refused_in_words(rep, manager):
	frappe.set_user(manager)
	with pytest.raises(frappe.ValidationError, match="ends before it begins"):
		evidence.ask_for(rep, today(), add_days(today(), -1))
	with pytest.raises(frappe.DoesNotExistError, match="no user"):
		evidence.ask_for("nobody@example.com", today(), today())


def test_entries_outside_of_the_period_stay_out(rep, manager, tmp_path):
	export_as(rep)
	made = ask_for(rep, manager, add_days(today(), -60), add_days(today(), -30))
	assert (made.status, made.entry_count) == ("Ready", 0)
	folder = unpacked(made, tmp_path)
	assert verify(folder).returncode == 0
	assert rows_of(folder, "export-log.csv") == []


def test_a_renamed_person_keeps_the_own_entries(rep, manager, tmp_path):
	export_as(rep)
	new = rep.replace("rita", "rita.marsh")
	frappe.rename_doc("User", rep, new, force=True)
	folder = unpacked(ask_for(new, manager), tmp_path)
	assert [row["Person"] for row in rows_of(folder, "export-log.csv")] == [rep]
	assert len(rows_of(folder, "ledger-name-change.csv")) >= 1


def test_entries_that_are_not_sealed_yet_are_counted_as_such(rep, manager, tmp_path, monkeypatch):
	monkeypatch.setattr(seals, "seal_new_entries", lambda: 0)
	export_as(rep)
	folder = unpacked(ask_for(rep, manager), tmp_path)
	assert [row["Seal"] for row in rows_of(folder, "export-log.csv")] == ["not sealed yet"]
	result = verify(folder)
	assert result.returncode == 0 and "Entries not sealed yet: 1." in result.stdout


def test_an_altered_manifest_is_named_and_the_rest_delivered(rep, manager, tmp_path):
	altered, kept = export_as(rep), export_as(rep, records=[("Customer", "Quay Cinema")])
	frappe.db.set_value("Export Manifest", altered.name, "records", "bm90aGluZw==")
	made = ask_for(rep, manager)
	folder = unpacked(made, tmp_path)
	assert [path.stem for path in (folder / "manifests").iterdir()] == [kept.name]
	[page] = folder.glob("summary.*")
	assert page.suffix == ".pdf" or altered.name in page.read_text(encoding="utf-8")


def test_what_was_altered_in_the_database_does_not_verify(rep, manager, tmp_path):
	entry = export_as(rep)
	seals.seal_new_entries()
	frappe.db.sql("update `tabExport Log` set row_count = 1000 where name = %s", entry.name)
	result = verify(unpacked(ask_for(rep, manager), tmp_path))
	assert result.returncode == 1 and f"Entry {entry.name} of Export Log was altered" in result.stdout


def test_memory_does_not_grow_with_the_number_of_entries(rep, manager, tmp_path):
	import tracemalloc

	def peak(count):
		for _number in range(count):
			entries.add_at_once(
				"Export Log",
				user=rep,
				exported_on=frappe.utils.now_datetime(),
				channel="Print",
				filters="x" * 2000,
			)
		path = tmp_path / f"{count}.zip"
		about = Summary(rep, "Rita", "1", "2", manager, "now", None)
		tracemalloc.start()
		evidence.write_bundle(path, about, evidence.Period.of_days(today(), today()), reader="Administrator")
		measured = tracemalloc.get_traced_memory()[1]
		tracemalloc.stop()
		return measured

	seals.seal_new_entries()
	few = peak(3000)  # beyond two batches of rows at a time
	assert peak(6000) < few * 1.3
