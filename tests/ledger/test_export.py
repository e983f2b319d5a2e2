"""An exported ledger, verified by an auditor: on a machine without Frappe, with nothing but Python."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import frappe
import pytest

from crm_transparency.ledger import canonical
from crm_transparency.ledger.report import FINDINGS_KEPT
from tests.ledger.tampering import LEDGER, add_entry, alter, seal_entries, verify

pytestmark = pytest.mark.usefixtures("one_transaction")

REPOSITORY = Path(__file__).parents[2]
# -S leaves out everything that is installed
AUDITORS_PYTHON = [sys.executable, "-S", "-B"]


@pytest.fixture
def export(sealed, tmp_path) -> Path:
	seal_entries(2)
	add_entry()
	file = tmp_path / "export.jsonl"
	assert verify(export_to=str(file)).is_clean
	return file


def audit(*arguments) -> subprocess.CompletedProcess:
	return subprocess.run(
		[*AUDITORS_PYTHON, "-m", "crm_transparency.ledger.verify", *map(str, arguments)],
		cwd=REPOSITORY,
		env={"PATH": os.environ["PATH"]},
		capture_output=True,
		text=True,
		encoding="utf-8",
	)


def rewrite(file: Path, change) -> None:
	"""Let `change` have the export's list of records, and write back what it leaves."""
	records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
	change(records)
	file.write_text("".join(f"{json.dumps(record)}\n" for record in records), encoding="utf-8")


def entries_of(records: list[dict], seal: int) -> list[dict]:
	return [record for record in records if record["record"] == "entry" and record["seal"] == seal]


def test_the_auditors_python_has_no_frappe():
	result = subprocess.run([*AUDITORS_PYTHON, "-c", "import frappe"], capture_output=True, cwd=REPOSITORY)
	assert b"ModuleNotFoundError" in result.stderr


def test_an_auditor_verifies_the_export(export, sealed):
	result = audit(export)
	assert result.returncode == 0, result.stdout + result.stderr
	assert "Nothing was altered, removed, inserted or reordered after it was sealed." in result.stdout
	assert "Entries not sealed yet: 1." in result.stdout


def test_the_auditor_reads_what_the_site_says(export):
	assert audit(export).stdout.splitlines() == list(verify().lines())


def test_the_export_is_readable_by_its_owner_only(export):
	assert stat.S_IMODE(export.stat().st_mode) == 0o600


def test_a_tampered_site_exports_its_tampering(sealed, tmp_path):
	alter(sealed.names[2])
	file = tmp_path / "export.jsonl"
	verify(export_to=str(file))
	result = audit(file)
	assert result.returncode == 1
	assert f"Entry {sealed.names[2]} of {LEDGER} was altered. This breaks seal {sealed.seal}" in result.stdout


def test_a_tampered_export_is_found(export, sealed):
	def alter_an_entry(records):
		entries_of(records, sealed.number)[1]["fields"]["new_owner"] = "zoe@example.com"

	rewrite(export, alter_an_entry)
	result = audit(export)
	assert result.returncode == 1 and f"Entry {sealed.names[1]} of {LEDGER} was altered" in result.stdout


def test_each_seal_names_its_format(export, sealed):
	def change(records):
		seal = next(each for each in records if each.get("number") == sealed.number)
		assert seal["format"] == canonical.FORMAT
		seal["format"] = "Another/2"

	rewrite(export, change)
	assert f"Seal {sealed.seal} of" in (output := audit(export).stdout)
	assert "is written in the format Another/2, which this version can't check" in output


def test_a_shuffled_export_is_found(export, sealed):
	def swap(records):
		one, other = (records.index(entry) for entry in entries_of(records, sealed.number)[1:3])
		records[one], records[other] = records[other], records[one]

	rewrite(export, swap)
	result = audit(export)
	assert result.returncode == 1 and "was reordered" in result.stdout and sealed.names[2] in result.stdout


def test_an_entry_exported_twice_is_found(export, sealed):
	rewrite(export, lambda records: records.insert(-2, entries_of(records, sealed.number)[-1]))
	assert audit(export).returncode == 1


def test_a_shortened_export_is_found(export):
	rewrite(export, lambda records: records.pop())
	result = audit(export)
	assert result.returncode == 1 and "The export is incomplete" in result.stdout


def test_an_auditor_compares_with_the_hash_that_was_mailed(export, sealed):
	held = frappe.db.get_value("Ledger Seal", sealed.seal, "chain_sha256")
	result = audit(export, "--head", held.upper())
	assert result.returncode == 0 and f"is that of seal {sealed.seal}. Seals added since: 1." in result.stdout
	result = audit(export, "--head", held, "--head", "0" * 64)
	assert result.returncode == 1 and f"{'0' * 64} isn't part of this chain" in result.stdout


@pytest.mark.parametrize(
	"line", ["no JSON", "[]", "{}", '{"record": "seal"}', '{"record": "end"}', '{"record": "?"}', '"text"']
)
def test_a_file_that_is_no_export_is_refused_in_words(tmp_path, line):
	file = tmp_path / "export.jsonl"
	file.write_text(line + "\n")
	result = audit(file)
	assert (result.returncode, result.stdout) == (2, "")
	assert result.stderr == f"Line 1 of {file} isn't a line of a ledger export.\n"


def test_a_missing_file_and_a_mistyped_hash_are_refused_in_words(tmp_path, export):
	result = audit(tmp_path / "nowhere")
	assert result.returncode == 2 and "can't be read: No such file or directory" in result.stderr
	result = audit(export, "--head", "abc")
	assert result.returncode == 2 and "64 hexadecimal digits" in result.stderr


def test_a_newer_format_is_refused(export):
	rewrite(export, lambda records: records[0].update(format=2))
	assert audit(export).returncode == 2


def test_many_findings_do_not_fill_the_memory(export, sealed):
	"""Foreign entries beyond what is listed are only counted."""

	def flood(records):
		foreign = [
			{
				"record": "entry",
				"ledger": LEDGER,
				"seal": 1000 + number,
				"name": f"x{number}",
				"fields": {},
			}
			for number in range(FINDINGS_KEPT + 5)
		]
		records[-1:-1] = foreign

	rewrite(export, flood)
	result = audit(export)
	assert result.returncode == 1 and "Further findings: 6." in result.stdout
