import pytest

# Fixtures import late: this file is read before the ground makes `import frappe` work.


@pytest.fixture
def nothing_is_committed(monkeypatch):
	"""Tests leave no trace: what the app commits is rolled back with everything else."""
	import frappe

	monkeypatch.setattr(frappe.db, "commit", lambda *args, **kwargs: None)


@pytest.fixture
def evidence_goes(monkeypatch, tmp_path):
	"""What comes in is kept in a folder of the test."""
	from crm_transparency.ringers.watching import evidence_files

	monkeypatch.setattr(evidence_files, "path_of", lambda stored_as: tmp_path / stored_as)
	return tmp_path
