"""Other apps that override the same endpoints keep working, whichever comes first; what they export is recorded."""

import frappe
import frappe.handler
import pytest

from crm_transparency.export_audit import manifests
from tests.export_audit import other_app, requests
from tests.people_and_accounts import make_customer

pytestmark = pytest.mark.usefixtures("nothing_is_committed")

EXPORT_A_LIST = "frappe.desk.reportview.export_query"
FORM = {
	"doctype": "Customer",
	"fields": ["`tabCustomer`.`customer_name`"],
	"filters": [],
	"file_format_type": "CSV",
	"title": "Customer",
}


@pytest.fixture(params=["first", "last"])
def overridden(request, monkeypatch):
	"""Hook the other app's version in, as if the app stood first or last in apps.txt."""

	def override(function):
		get_hooks = frappe.get_hooks

		def with_other_app(hook=None, *args, **options):
			hooks = get_hooks(hook, *args, **options)
			if hook != "override_whitelisted_methods":
				return hooks
			ours = hooks.get(EXPORT_A_LIST, [])
			theirs = [f"{other_app.__name__}.{function.__name__}"]
			return {**hooks, EXPORT_A_LIST: theirs + ours if request.param == "first" else ours + theirs}

		monkeypatch.setattr(frappe, "get_hooks", with_other_app)
		# Frappe calls methods of installed apps only, except while one is being installed
		monkeypatch.setitem(frappe.local.flags, "in_install", True)

	return override


def test_its_version_is_called_and_recorded(overridden):
	customer = make_customer()
	overridden(other_app.export_query)
	response = requests.get(EXPORT_A_LIST, **FORM)
	assert response.status_code == 200
	assert "other app" in response.headers["Content-Disposition"]
	[entry] = frappe.get_all("Export Log", filters={"channel": "List Export"}, fields=["*"])
	assert entry.row_count == len(response.get_data(as_text=True).splitlines()) - 1
	assert ("Customer", customer.name) in manifests.read(entry.name)


def test_a_version_that_reads_unseen_is_recorded_by_what_its_file_says(overridden):
	customer = make_customer()
	overridden(other_app.export_by_sql)
	response = requests.get(EXPORT_A_LIST, **FORM)
	assert response.status_code == 200, response.get_data(as_text=True)
	assert customer.name in response.get_data(as_text=True)
	[entry] = frappe.get_all("Export Log", filters={"channel": "List Export"}, fields=["*"])
	names = [("Customer", name) for name in response.get_data(as_text=True).splitlines()]
	assert manifests.read(entry.name) == sorted(names)
	assert entry.row_count == len(names)
