"""`bench --site SITE verify-transparency-ledgers`, as an administrator runs it."""

import frappe
import pytest
from click.testing import CliRunner, Result

from tests.ledger.tampering import alter, seal_entries


@pytest.fixture
def command(one_transaction: None, monkeypatch: pytest.MonkeyPatch):
	"""Run the command in the test's own transaction."""
	from crm_transparency.commands import verify_transparency_ledgers

	for function in ("init", "connect", "destroy"):
		monkeypatch.setattr(frappe, function, lambda *args, **options: None)

	def run(*arguments: str, sites: int = 1) -> Result:
		context = frappe._dict(sites=[frappe.local.site] * sites, profile=False)
		return CliRunner().invoke(verify_transparency_ledgers, arguments, obj=context)

	return run


def test_a_clean_ledger_ends_well(command):
	sealed = seal_entries()
	result = command()
	assert result.exit_code == 0
	assert f"The newest seal is {sealed.seal}" in result.output
	assert "Nothing was altered, removed, inserted or reordered after it was sealed." in result.output


def test_a_finding_ends_with_code_1_and_a_sentence(command):
	sealed = seal_entries()
	alter(sealed.names[2])
	result = command()
	assert result.exit_code == 1
	assert f"Entry {sealed.names[2]} of Account Owner Change was altered" in result.output


def test_it_compares_with_a_held_hash_and_exports(command, tmp_path):
	seal_entries()
	held = frappe.db.get_value("Ledger Seal", {}, "chain_sha256", order_by="number desc")
	result = command("--head", held.upper(), "--export", str(tmp_path / "export.jsonl"))
	assert result.exit_code == 0 and f"{held} is that of seal" in result.output
	assert (tmp_path / "export.jsonl").read_text().startswith('{"record": "export"')
	assert command("--head", "0" * 64).exit_code == 1


def test_mistakes_are_explained(command, tmp_path):
	result = command("--head", "abc")
	assert result.exit_code == 2 and "64 hexadecimal digits" in result.output
	result = command("--export", str(tmp_path / "export.jsonl"), sites=2)
	assert result.exit_code == 2 and "name it with --site" in result.output
	result = command("--export", str(tmp_path / "nowhere" / "export.jsonl"))
	assert result.exit_code == 2 and "can't be written" in result.output


def test_every_site_is_verified(command):
	seal_entries()
	assert command(sites=2).output.count("Nothing was altered") == 2
