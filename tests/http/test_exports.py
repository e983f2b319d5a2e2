"""Every export channel ends in one Export Log entry that says exactly what left."""

import csv
import hashlib
import io
import json
import secrets

import pytest
from openpyxl import load_workbook

from tests.http.conftest import first_leaf

pytestmark = pytest.mark.http

SETTINGS = "CRM Transparency Settings"


@pytest.fixture(scope="module", autouse=True)
def enough_records(administrator, manager):
	"""A few customers and changes of their owners, and more contacts than make a read an export."""
	wanted = {"Customer": 6, "Contact": 520}
	for doctype, number in wanted.items():
		there = len(administrator.get_list(doctype, limit_page_length=0))
		for start in range(there, number, 100):
			documents = [
				new(administrator, doctype, index) for index in range(start, min(number, start + 100))
			]
			response = administrator.call("frappe.client.insert_many", docs=json.dumps(documents))
			assert response.ok, response.text


def new(client, doctype, index):
	if doctype == "Contact":
		addresses = [{"email_id": f"{secrets.token_hex(4)}@elsewhere.example", "is_primary": 1}]
		return {
			"doctype": "Contact",
			"first_name": f"Robin {index} {secrets.token_hex(3)}",
			"email_ids": addresses,
		}
	return {
		"doctype": "Customer",
		"customer_name": f"Lighthouse {index} {secrets.token_hex(3)}",
		"customer_type": "Company",
		"customer_group": first_leaf(client, "Customer Group"),
		"territory": first_leaf(client, "Territory"),
		"account_manager": client.user,
	}


def export_list(client, doctype="Customer", fields=("name", "customer_name"), file_format="CSV", **form):
	fields = [f"`tab{doctype}`.`{field}`" for field in fields]
	response = client.call(
		"frappe.desk.reportview.export_query",
		doctype=doctype,
		fields=json.dumps(fields),
		filters=form.pop("filters", "[]"),
		file_format_type=file_format,
		title=doctype,
		**form,
	)
	assert response.ok, response.text
	return response


def latest(client, **filters):
	[entry] = client.get_list(
		"Export Log", fields=["*"], filters=filters, order_by="name desc", limit_page_length=1
	)
	return entry


def manifest(client, entry):
	response = client.call(
		"crm_transparency.export_audit.export_desk.read_manifest", http_method="GET", export_log=entry["name"]
	)
	assert response.ok, response.text
	return [tuple(record) for record in response.json()["message"]]


@pytest.mark.parametrize("file_format", ["CSV", "Excel"])
@pytest.mark.parametrize("fields", [("name", "customer_name"), ("customer_name", "territory")])
def test_an_exported_list_is_recorded_with_each_of_its_records(administrator, file_format, fields):
	response = export_list(
		administrator, fields=fields, file_format=file_format, transparency_purpose="Christmas cards"
	)
	entry = latest(administrator, channel="List Export")
	rows = rows_of(response, file_format)
	assert entry["user"] == administrator.user
	assert entry["reference_doctype"] == "Customer"
	assert entry["file_format"] == file_format
	assert entry["row_count"] == len(rows) - 1
	# later versions of Frappe put the owner of each record into the file, too
	labels = {"name": "ID", "customer_name": "Customer Name", "territory": "Territory"}
	assert entry["columns"].split("\n")[: len(fields)] == [labels[field] for field in fields]
	assert entry["column_count"] == len(rows[1]) - 1
	assert entry["file_bytes"] == len(response.content)
	assert entry["file_sha256"] == hashlib.sha256(response.content).hexdigest()
	assert entry["purpose"] == "Christmas cards"
	assert entry["ip_address"] == "127.0.0.1"
	assert entry["signed_in_with"] == "Session"
	assert "python-requests" in entry["user_agent"]
	assert not entry["contact_data"]
	everyone = administrator.get_list("Customer", limit_page_length=0)
	assert sorted(manifest(administrator, entry)) == sorted(("Customer", row["name"]) for row in everyone)
	assert {len(row) for row in rows[1:]} == {1 + entry["column_count"]}


def rows_of(response, file_format):
	if file_format == "Excel":
		return [
			list(row)
			for row in load_workbook(io.BytesIO(response.content)).active.iter_rows(values_only=True)
		]
	return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_a_selection_is_recorded_as_what_it_is(administrator):
	some = [row["name"] for row in administrator.get_list("Contact", limit_page_length=3)]
	export_list(administrator, "Contact", ("email_id", "mobile_no"), selected_items=json.dumps(some))
	entry = latest(administrator, channel="List Export", reference_doctype="Contact")
	assert entry["contact_data"]
	assert json.loads(entry["filters"]) == [["name", "in", some]]
	assert sorted(manifest(administrator, entry)) == sorted(("Contact", name) for name in some)


def test_what_holds_no_tracked_data_is_recorded_without_a_manifest(administrator):
	export_list(administrator, "Territory", ("name",))
	entry = latest(administrator, channel="List Export", reference_doctype="Territory")
	assert entry["row_count"] == len(administrator.get_list("Territory", limit_page_length=0))
	assert not entry["manifest_sha256"]
	assert manifest(administrator, entry) == []


def test_contacts_as_vcards(administrator):
	some = [row["name"] for row in administrator.get_list("Contact", limit_page_length=2)]
	response = administrator.call(
		"frappe.contacts.doctype.contact.contact.download_vcards", contacts=json.dumps(some)
	)
	assert response.status_code != 503
	if "BEGIN:VCARD" not in response.text:
		pytest.skip("this version of Frappe has no vCards")
	entry = latest(administrator, channel="vCard")
	assert entry["row_count"] == response.text.count("BEGIN:VCARD") == 2
	assert sorted(manifest(administrator, entry)) == sorted(("Contact", name) for name in some)
	assert entry["contact_data"]


def test_the_data_export_tool(administrator):
	response = administrator.call(
		"frappe.core.doctype.data_export.exporter.export_data",
		doctype="Customer",
		with_data="1",
		template="true",
		all_doctypes="",
		select_columns=json.dumps({"Customer": ["customer_name", "territory"]}),
		file_type="CSV",
	)
	assert response.ok, response.text
	entry = latest(administrator, channel="Data Export")
	everyone = administrator.get_list("Customer", limit_page_length=0)
	assert entry["row_count"] == entry["record_count"] == len(everyone)
	assert entry["columns"].split("\n") == ["Customer Name", "Territory"]


def test_an_import_template_with_data(administrator):
	response = administrator.call(
		"frappe.core.doctype.data_import.data_import.download_template",
		doctype="Customer",
		export_fields=json.dumps({"Customer": ["name", "customer_name"]}),
		export_records="5_records",
		export_filters="null",
		file_type="CSV",
	)
	assert response.ok, response.text
	entry = latest(administrator, channel="Data Export")
	assert entry["row_count"] == 5
	assert entry["columns"].split("\n") == ["ID", "Customer Name"]
	assert entry["filters"] == "[]"
	names = {row[0] for row in csv.reader(io.StringIO(response.text))}
	assert {name for _doctype, name in manifest(administrator, entry)} < names


def test_an_empty_import_template_is_no_export(administrator):
	before = count(administrator)
	response = administrator.call(
		"frappe.core.doctype.data_import.data_import.download_template",
		doctype="Customer",
		export_fields=json.dumps({"Customer": ["name"]}),
		export_records="blank_template",
		export_filters="[]",
		file_type="CSV",
	)
	assert response.ok
	assert count(administrator) == before


def count(client):
	return len(client.get_list("Export Log", limit_page_length=0))


def test_a_printed_document(administrator):
	customer = administrator.get_list("Customer", limit_page_length=1)[0]["name"]
	response = administrator.session.get(
		f"{administrator.address}/printview", params={"doctype": "Customer", "name": customer}, timeout=60
	)
	assert response.ok
	entry = latest(administrator, channel="Print")
	assert manifest(administrator, entry) == [("Customer", customer)]
	assert entry["file_format"] == "HTML"


def test_a_report_exported(administrator, managers_customer):
	for owner in (None, administrator.user, None):
		administrator.update("Customer", managers_customer, account_manager=owner)
	response = administrator.call(
		"frappe.desk.query_report.export_query",
		report_name="Account Owner Changes",
		file_format_type="CSV",
		filters=json.dumps({}),
		visible_idx=json.dumps([0, 2]),
	)
	assert response.ok, response.text
	entry = latest(administrator, channel="Report Export")
	rows = rows_of(response, "CSV")
	assert entry["report_name"] == "Account Owner Changes"
	assert entry["row_count"] == 2 == len(rows) - 1
	assert 1 <= len(manifest(administrator, entry)) <= 2


def test_a_bulk_read_is_an_export_and_a_small_one_is_not(administrator):
	before = count(administrator)
	administrator.get_list("Contact", fields=["first_name"], limit_page_length=499)
	assert count(administrator) == before
	rows = administrator.get_list("Contact", fields=["email_id"], limit_page_length=500)
	assert set(rows[0]) == {"email_id"}
	entry = latest(administrator, channel="API Read")
	assert entry["row_count"] == 500
	assert len(manifest(administrator, entry)) == 500
	assert entry["contact_data"]


def test_grouping_hides_no_record(administrator):
	for first_name in ("Nora", "Nils"):
		administrator.create("Contact", first_name=f"{first_name} without an address {secrets.token_hex(3)}")
	with administrator.changed(SETTINGS, SETTINGS, bulk_read_rows=1):
		rows = administrator.get_list(
			"Contact", fields=["email_id"], group_by="email_id", limit_page_length=0
		)
	entry = latest(administrator, channel="API Read")
	assert entry["row_count"] == len(rows)
	everybody = {row["name"] for row in administrator.get_list("Contact", limit_page_length=0)}
	assert {name for _doctype, name in manifest(administrator, entry)} == everybody


def test_a_report_that_is_run_reads(administrator):
	response = administrator.call(
		"frappe.desk.query_report.run", report_name="Account Owner Changes", filters="{}"
	)
	assert response.ok


def test_a_rep_sees_the_fact_and_a_manager_the_rest(administrator, hr, rep):
	export_list(administrator)
	entry = latest(administrator, channel="List Export")
	seen = latest(rep, name=entry["name"])
	assert seen["row_count"] == entry["row_count"]
	assert "ip_address" not in seen and "filters" not in seen
	response = rep.call(
		"crm_transparency.export_audit.export_desk.read_manifest", http_method="GET", export_log=entry["name"]
	)
	assert response.status_code == 403
	assert manifest(hr, entry)


def test_the_second_version_of_the_rest_api(administrator):
	response = administrator.session.get(
		f"{administrator.address}/api/v2/document/Contact",
		params={"fields": json.dumps(["email_id"]), "limit": 600},
		timeout=60,
	)
	assert response.ok, response.text
	entry = latest(administrator, channel="API Read")
	assert entry["row_count"] == len(response.json()["data"]) >= 500
	assert len(manifest(administrator, entry)) == entry["row_count"]


def test_a_private_file_is_recorded_with_what_it_hangs_on(administrator):
	customer = administrator.get_list("Customer", limit_page_length=1)[0]["name"]
	file = upload(administrator, b"a price list", "Customer", customer)
	response = administrator.session.get(administrator.address + file["file_url"], timeout=60)
	assert response.content == b"a price list"
	entry = latest(administrator, channel="File Download")
	assert entry["file_sha256"] == hashlib.sha256(b"a price list").hexdigest()
	assert entry["file_bytes"] == len(b"a price list")
	assert manifest(administrator, entry) == [("Customer", customer)]
	again = administrator.call(
		"frappe.core.doctype.file.file.download_file", http_method="GET", file_url=file["file_url"]
	)
	assert again.content == b"a price list"
	assert latest(administrator, channel="File Download")["name"] > entry["name"]


def upload(client, content, doctype, name):
	response = client.session.post(
		f"{client.address}/api/method/upload_file",
		files={"file": (f"{hashlib.sha256(content).hexdigest()[:8]}.txt", content)},
		data={"is_private": 1, "doctype": doctype, "docname": name},
		timeout=60,
	)
	assert response.ok, response.text
	return response.json()["message"]


def test_the_file_of_an_earlier_export_is_known_again(administrator):
	exported = export_list(administrator, fields=("name", "customer_type"))
	entry = latest(administrator, channel="List Export")
	territory = administrator.get_list("Territory", limit_page_length=1)[0]["name"]
	file = upload(administrator, exported.content, "Territory", territory)
	administrator.session.get(administrator.address + file["file_url"], timeout=60)
	download = latest(administrator, channel="File Download")
	assert download["row_count"] == entry["row_count"]
	assert manifest(administrator, download) == manifest(administrator, entry)


def test_many_documents_in_one_pdf(administrator):
	some = [row["name"] for row in administrator.get_list("Customer", limit_page_length=2)]
	response = administrator.call(
		"frappe.utils.print_format.download_multi_pdf", doctype="Customer", name=json.dumps(some)
	)
	if not response.ok:
		pytest.skip("this ground makes no PDFs")
	entry = latest(administrator, channel="Print")
	assert entry["row_count"] == 2
	assert sorted(manifest(administrator, entry)) == sorted(("Customer", name) for name in some)


def test_a_report_that_is_run_is_a_read_until_it_is_a_large_one(administrator):
	before = count(administrator)
	response = administrator.call(
		"frappe.desk.query_report.run", report_name="Account Owner Changes", filters=json.dumps({"limit": 20})
	)
	assert response.ok
	rows = len(response.json()["message"]["result"])
	assert count(administrator) == before + (rows >= 500)


def test_not_modified_and_refused_requests_are_no_exports(rep, administrator):
	before = count(administrator)
	response = rep.session.get(f"{rep.address}/backups/none.sql.gz", timeout=60)
	assert response.status_code >= 400
	assert count(administrator) == before


def test_an_api_key_is_told_from_a_session(administrator):
	response = administrator.call("frappe.core.doctype.user.user.generate_keys", user=administrator.user)
	assert response.ok, response.text
	secret = response.json()["message"]["api_secret"]
	key = administrator.read("User", administrator.user)["api_key"]
	import requests

	answer = requests.get(
		f"{administrator.address}/api/resource/Contact",
		params={"limit_page_length": 0},
		headers={"Authorization": f"token {key}:{secret}"},
		timeout=60,
	)
	assert answer.ok
	entry = latest(administrator, channel="API Read")
	assert entry["signed_in_with"] == "API Key"
	assert entry["row_count"] == len(answer.json()["data"])
