import pytest

SETTINGS = "CRM Transparency Settings"
LEFT_BY_OTHERS = ("Export Log", "Export Manifest", "Export Alert", "Read Volume")


@pytest.fixture(autouse=True)
def nobody_exported_before(request):
	"""What the stories in a browser left on a bench's site is away for a test that is rolled back."""
	if "nothing_is_committed" not in request.fixturenames:
		return
	request.getfixturevalue("connected_site")
	request.getfixturevalue("nothing_is_committed")
	import frappe

	for doctype in LEFT_BY_OTHERS:
		frappe.db.delete(doctype)


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
