import shutil

import pytest

SETTINGS = "CRM Transparency Settings"

# Fixtures import late: this file is read before the ground makes `import frappe` work.


@pytest.fixture(autouse=True)
def journal():
	"""The journal's folder, empty before and after every test: files aren't rolled back."""
	from pathlib import Path

	from crm_transparency.export_audit.journal import files

	folder = Path(files.folder())
	shutil.rmtree(folder, ignore_errors=True)
	yield folder
	shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def set_bulk_read_rows():
	"""Set how many rows make a read an export, and forget it after the test."""
	import frappe

	from crm_transparency.crm_transparency import registry

	def set_rows(rows: int) -> None:
		frappe.db.set_single_value(SETTINGS, "bulk_read_rows", rows)
		frappe.clear_document_cache(SETTINGS, SETTINGS)
		registry.forget()

	yield set_rows
	registry.forget()
