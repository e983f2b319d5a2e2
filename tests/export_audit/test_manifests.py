"""Manifests: exactly what an export held, small, searchable, and not to be altered."""

import secrets

import frappe
import pytest

from crm_transparency.export_audit import exports, manifest_index, manifests
from crm_transparency.export_audit.exceptions import ManifestAltered
from crm_transparency.export_audit.exports import Export

pytestmark = pytest.mark.usefixtures("nothing_is_committed")


def export(*names, doctype="Contact"):
	return exports.record(
		Export(exports.LIST_EXPORT, doctype=doctype, records=[(doctype, name) for name in names])
	)


def test_a_manifest_reads_back_sorted_and_without_repetition():
	entry = export("Übermut", "A\nB", "A\nB", 'C"', "😀", "\\")
	assert manifests.read(entry.name) == [
		("Contact", name) for name in sorted({"Übermut", "A\nB", 'C"', "😀", "\\"})
	]
	assert entry.record_count == 5


def test_an_export_without_tracked_data_has_none():
	entry = exports.record(Export(exports.LIST_EXPORT, doctype="Territory", row_count=3))
	assert manifests.read(entry.name) == []
	assert not frappe.db.exists("Export Manifest", entry.name)


def test_an_export_that_is_not_there():
	with pytest.raises(frappe.DoesNotExistError):
		manifests.read("none")


@pytest.mark.parametrize("records", ["", "bm9uc2Vuc2U=", "not base64 at all"])
def test_an_altered_manifest_is_found(records):
	entry = export("A")
	frappe.db.set_value("Export Manifest", entry.name, "records", records)
	with pytest.raises(ManifestAltered):
		manifests.read(entry.name)


def test_a_removed_manifest_is_found():
	entry = export("A")
	frappe.db.delete("Export Manifest", {"name": entry.name})
	with pytest.raises(ManifestAltered):
		manifests.read(entry.name)


def test_a_hundred_thousand_records_take_less_than_a_megabyte():
	entry = export(*(secrets.token_hex(5) for _number in range(100_000)))
	assert len(frappe.db.get_value("Export Manifest", entry.name, "records")) < 1_000_000


def test_exports_are_found_before_and_after_they_are_indexed():
	first, _second, third = export("A", "B"), export("B"), export("A")
	assert manifest_index.exports_of("Contact", "A") == [first.name, third.name]
	assert manifest_index.index_new_manifests() >= 3
	assert manifest_index.exports_of("Contact", "A") == [first.name, third.name]
	assert manifest_index.exports_of("Lead", "A") == []
	fourth = export("A")
	assert manifest_index.exports_of("Contact", "A") == [first.name, third.name, fourth.name]


def test_a_manifest_that_cannot_be_indexed_keeps_no_other_back(monkeypatch):
	broken, other = export("A"), export("A", "B")
	records_of = manifest_index.records_of
	with monkeypatch.context() as breaking:
		breaking.setattr(
			manifest_index, "records_of", lambda name: 1 / 0 if name == broken.name else records_of(name)
		)
		manifest_index.index_new_manifests()
	assert frappe.db.get_value("Export Manifest", other.name, "indexed")
	assert manifest_index.exports_of("Contact", "A") == [broken.name, other.name]
	manifest_index.index_new_manifests()
	assert frappe.db.get_value("Export Manifest", broken.name, "indexed")


def test_many_neighbours_are_found_too():
	some = [f"{number:06d}" for number in range(10_000)]
	everything, half = export(*some), export(*some[::2])
	manifest_index.index_new_manifests()
	for number in (0, 1, 4095, 4096, 4097, 8191, 8192, 9999):
		expected = [everything.name] + ([half.name] if number % 2 == 0 else [])
		assert manifest_index.exports_of("Contact", some[number]) == expected
	assert manifest_index.exports_of("Contact", "010000") == []


def test_manifests_of_pruned_entries_go():
	kept, pruned = export("A"), export("A")
	manifest_index.index_new_manifests()
	frappe.db.delete("Export Log", {"name": pruned.name})
	assert manifest_index.forget_pruned() == 1
	assert manifest_index.exports_of("Contact", "A") == [kept.name]
	assert not frappe.db.exists("Export Manifest", pruned.name)


def test_records_whose_names_differ_in_case_or_accents_only_are_different_ones():
	"""A record that was renamed or deleted leaves its name in old manifests; MariaDB compares names more loosely."""
	former, umlaut, capitals = export("Muller"), export("Müller"), export("MULLER", "Muller ")
	manifest_index.index_new_manifests()
	assert manifest_index.exports_of("Contact", "Muller") == [former.name]
	assert manifest_index.exports_of("Contact", "Müller") == [umlaut.name]
	assert manifest_index.exports_of("Contact", "MULLER") == [capitals.name]
