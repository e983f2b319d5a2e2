import pytest

SETTINGS = "CRM Transparency Settings"


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
