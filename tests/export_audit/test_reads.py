"""What counts as reading: by whichever request tracked data comes back."""

import gzip
import json

import frappe
import pytest

from crm_transparency.export_audit import manifests
from crm_transparency.export_audit.journal import moving
from tests.export_audit import requests
from tests.people_and_accounts import make_customer

pytestmark = pytest.mark.usefixtures("nothing_is_committed")


@pytest.fixture(autouse=True)
def every_read_is_an_export(set_bulk_read_rows):
	set_bulk_read_rows(1)


@pytest.fixture
def contact():
	return frappe.get_doc(
		doctype="Contact",
		first_name="Robin",
		email_ids=[{"email_id": "robin@elsewhere.example", "is_primary": 1}],
	).insert()


def recorded():
	moving.move_waiting()
	[entry] = frappe.get_all("Export Log", filters={"channel": "API Read"}, fields=["*"])
	return entry


def test_rows_of_a_child_table_are_reads_of_the_documents(contact):
	requests.get(
		"frappe.client.get_list",
		doctype="Contact Email",
		parent="Contact",
		fields=["email_id"],
		filters={"parent": contact.name},
	)
	entry = recorded()
	assert manifests.read(entry.name) == [("Contact", contact.name)]
	assert entry.contact_data


def test_a_document(contact):
	requests.get("frappe.client.get", doctype="Contact", name=contact.name)
	assert manifests.read(recorded().name) == [("Contact", contact.name)]


def test_links_that_are_searched_for():
	customer = make_customer()
	requests.get(
		"frappe.desk.search.search_link", doctype="Customer", txt=customer.customer_name, page_length="50"
	)
	assert ("Customer", customer.name) in manifests.read(recorded().name)


def test_the_print_that_the_desk_shows(contact):
	requests.get("frappe.www.printview.get_html_and_style", doc="Contact", name=contact.name)
	assert manifests.read(recorded().name) == [("Contact", contact.name)]


def test_a_report_that_is_run():
	customer = make_customer(account_manager="Administrator")
	requests.get("frappe.desk.query_report.run", report_name="Account Owner Changes", filters={})
	entry = recorded()
	assert entry.report_name == "Account Owner Changes"
	assert ("Customer", customer.name) in manifests.read(entry.name)


def test_what_was_prepared_in_the_background_is_known_in_whichever_file():
	customer = make_customer()
	columns = [{"fieldname": "customer", "label": "Customer", "fieldtype": "Link", "options": "Customer"}]
	data = json.dumps({"columns": columns, "result": [{"customer": customer.name}]}).encode()
	prepared = frappe.get_doc(
		doctype="Prepared Report", report_name="Account Owner Changes", filters="{}", status="Completed"
	)
	prepared.name = frappe.generate_hash(length=10)
	prepared.db_insert()
	attached(prepared, f"{prepared.name}.json.gz", gzip.compress(data))
	table = attached(prepared, "csv_report.csv", f"customer\r\n{customer.name}".encode())
	with requests.request(table.file_url, http_method="GET", fid=table.name) as running:
		requests.finish(requests.Response(table.get_content()), running)
	[entry] = frappe.get_all("Export Log", filters={"channel": "Scheduled Report"}, fields=["*"])
	assert manifests.read(entry.name) == [("Customer", customer.name)]


def attached(document, name, content):
	return frappe.get_doc(
		doctype="File",
		file_name=name,
		content=content,
		is_private=1,
		attached_to_doctype=document.doctype,
		attached_to_name=document.name,
	).insert()
