"""Bulk reads: by whichever request tracked data comes back, it is in the ledger before the answer goes."""

import gzip
import json

import frappe
import pytest
from frappe.model.db_query import DatabaseQuery

from crm_transparency.export_audit import bulk_reads, exports, manifests, read_counts
from tests.export_audit import requests
from tests.people_and_accounts import acting_as, make_customer, make_user

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


def test_the_commands_for_a_printer(contact):
	commands = "frappe.www.printview.get_rendered_raw_commands"
	with requests.request(f"/api/method/{commands}", cmd=commands, doc=frappe.as_json(contact)):
		frappe.response["message"] = {"raw_commands": "Robin"}
		requests.finish(requests.build_response("json"))
	assert manifests.read(recorded().name) == [("Contact", contact.name)]


def test_a_print_on_a_printer_of_the_server(contact):
	prints = "frappe.utils.print_format.print_by_server"
	form = {"doctype": "Contact", "name": contact.name, "printer_setting": "Office"}
	with requests.request(f"/api/method/{prints}", cmd=prints, **form):
		requests.finish(requests.build_response("json"))
	[entry] = frappe.get_all("Export Log", filters={"channel": "Print"}, fields=["name", "row_count"])
	assert (entry.row_count, manifests.read(entry.name)) == (1, [("Contact", contact.name)])


def test_a_report_that_is_run():
	customer = make_customer(account_manager="Administrator")
	requests.get("frappe.desk.query_report.run", report_name="Account Owner Changes", filters={})
	entry = recorded()
	assert entry.report_name == "Account Owner Changes"
	assert ("Customer", customer.name) in manifests.read(entry.name)


def test_a_row_of_a_report_is_one_row_whatever_it_names(contact):
	customer = make_customer()
	run = "frappe.desk.query_report.run"
	with requests.request(f"/api/method/{run}", cmd=run, report_name="Account Owner Changes"):
		links = [
			{"fieldname": kind, "fieldtype": "Link", "options": kind} for kind in ("Customer", "Contact")
		]
		row = {"Customer": customer.name, "Contact": contact.name}
		frappe.response["message"] = {"columns": links, "result": [row]}
		requests.finish(requests.build_response("json"))
	entry = recorded()
	assert entry.row_count == 1
	assert manifests.read(entry.name) == [("Contact", contact.name), ("Customer", customer.name)]


def test_our_own_ledger_read_in_bulk_is_a_read_of_the_accounts_and_their_owners(set_bulk_read_rows):
	hr = make_user("Hedda", "HR Manager")
	customers = sorted(make_customer(account_manager=hr).name for _number in range(3))
	set_bulk_read_rows(3)
	with acting_as(hr):
		requests.get(
			"frappe.client.get_list",
			doctype="Account Owner Change",
			fields=["account_title", "new_owner"],
			filters={"reference_name": ("in", customers)},
			limit_page_length="0",
		)
	entry = recorded()
	assert (entry.user, entry.reference_doctype, entry.row_count) == (hr, "Customer", 3)
	assert manifests.read(entry.name) == [("Customer", name) for name in customers]


def test_the_history_of_an_account_is_no_read_of_it(set_bulk_read_rows):
	customer = make_customer(account_manager="Administrator")
	set_bulk_read_rows(500)
	requests.get(
		"frappe.client.get_list", doctype="Account Owner Change", filters={"reference_name": customer.name}
	)
	read_counts.write_read_volume()
	assert not frappe.get_all("Read Volume", filters={"user": "Administrator"})


@pytest.mark.parametrize("further", [{}, {"group_by": "name"}])
def test_calling_something_else_a_name_forges_no_manifest(further):
	customer = make_customer()
	response = requests.get(
		"frappe.client.get_list",
		doctype="Customer",
		fields=["customer_type as name", "customer_group"],
		filters={"name": customer.name},
		**further,
	)
	assert json.loads(response.get_data())["message"][0]["name"] == customer.customer_type
	assert manifests.read(recorded().name) == [("Customer", customer.name)]


def test_filters_given_by_position_count_when_names_are_asked_for_again():
	customer, _other = make_customer(), make_customer()
	with requests.request("/api/method/some_app.api.list"):
		frappe.response["message"] = frappe.get_list(
			"Customer", ["customer_type as name"], {"name": customer.name}
		)
		requests.finish(requests.build_response("json"))
	assert manifests.read(recorded().name) == [("Customer", customer.name)]


@pytest.mark.parametrize(
	"packed",
	[lambda rows: "\n".join(str(row) * 200 for row in rows), lambda rows: {"a": {"b": {"c": {"d": rows}}}}],
	ids=["text", "deep within"],
)
def test_rows_returned_as_text_or_deep_within_are_rows(packed):
	customers = [make_customer().name for _number in range(3)]
	with requests.request("/api/method/some_app.api.table"):
		frappe.response["message"] = packed(frappe.get_list("Customer", filters={"name": ("in", customers)}))
		requests.finish(requests.build_response("json"))
	entry = recorded()
	assert {name for _doctype, name in manifests.read(entry.name)} == set(customers)


def test_a_last_small_query_does_not_hide_the_list_before_it():
	customers = [make_customer().name for _number in range(3)]
	with requests.request("/api/method/some_app.api.list"):
		frappe.response["message"] = frappe.get_list("Customer", filters={"name": ("in", customers)})
		frappe.get_all("Customer", filters={"name": customers[0]})
		requests.finish(requests.build_response("json"))
	entry = recorded()
	assert {name for _doctype, name in manifests.read(entry.name)} == set(customers)
	assert entry.row_count == 3


def test_all_records_gathered_into_one_row_are_all_records(set_bulk_read_rows):
	customers = [make_customer().name for _number in range(3)]
	set_bulk_read_rows(3)
	gathering = "json_arrayagg" if frappe.db.db_type == "mariadb" else "json_group_array"
	with requests.request("/api/method/some_app.api.list"):
		query = DatabaseQuery("Customer")
		frappe.response["message"] = query.execute(
			fields=[f"{gathering}(customer_name) as everybody"], filters={"name": ("in", customers)}, limit=1
		)
		requests.finish(requests.build_response("json"))
	entry = recorded()
	assert entry.row_count == 3
	assert {name for _doctype, name in manifests.read(entry.name)} == set(customers)


@pytest.mark.parametrize(
	("authorization", "way"),
	[
		("Bearer 2YotnFZFEjr1zCsicMWpAA", "OAuth Token"),
		("token 5a3c:9f1e", "API Key"),
		("Basic NWEzYzo5ZjFl", "API Key"),
		("", "Session"),
	],
)
def test_the_token_of_a_disabled_user_is_told_like_anybody_elses(authorization, way):
	"""Frappe before February 2026 lets OAuth tokens of disabled users in; what they read is recorded all the same."""
	customer, leaver = make_customer(), make_user("Ana", "Sales Manager")
	frappe.db.set_value("User", leaver, "enabled", 0)
	with (
		acting_as(leaver),
		requests.request(
			"/api/resource/Customer", http_method="GET", headers={"Authorization": authorization}
		),
	):
		frappe.response["data"] = frappe.get_list("Customer", limit_page_length=0)
		requests.finish(requests.build_response("json"))
	entry = recorded()
	assert (entry.user, entry.signed_in_with) == (leaver, way)
	assert ("Customer", customer.name) in manifests.read(entry.name)


def answer_of_its_own(response_of):
	"""What Frappe does for a method of another app that returns a response instead of values."""
	with requests.request("/api/method/some_app.api.everything"):
		rows = frappe.get_list("Customer", fields=["name", "customer_name"], limit_page_length=0)
		return requests.finish(response_of(json.dumps(rows * 500)))


def test_a_method_that_answers_with_a_response_of_its_own_is_a_bulk_read_too():
	customer = make_customer()
	answer_of_its_own(lambda text: requests.Response(text, mimetype="application/json"))
	entry = recorded()
	assert entry.row_count == frappe.db.count("Customer")
	assert ("Customer", customer.name) in manifests.read(entry.name)


@pytest.mark.parametrize(
	"response_of",
	[
		lambda text: requests.Response(text, headers={"Content-Disposition": "attachment; filename=a.csv"}),
		lambda text: requests.Response(iter([text.encode()]), direct_passthrough=True),
	],
)
def test_a_file_that_a_method_makes_itself_or_sends_piece_by_piece_is_a_download(response_of):
	customer = make_customer()
	answer_of_its_own(response_of)
	[entry] = frappe.get_all("Export Log", filters={"channel": "File Download"}, fields=["*"])
	assert entry.row_count == frappe.db.count("Customer")
	assert ("Customer", customer.name) in manifests.read(entry.name)


def test_a_response_sent_piece_by_piece_does_not_go_if_it_cannot_be_recorded(monkeypatch):
	make_customer()
	monkeypatch.setattr("crm_transparency.export_audit.export_channels.unknown_file", None)
	response = answer_of_its_own(
		lambda text: requests.Response(iter([text.encode()]), direct_passthrough=True)
	)
	assert response.status_code == 503
	assert "Customer" not in response.get_data(as_text=True)


@pytest.mark.parametrize("http_method", ["HEAD", "OPTIONS"])
def test_a_request_that_brings_no_rows_is_none(http_method):
	make_customer()
	with requests.request("/api/resource/Customer", http_method=http_method):
		frappe.response["data"] = frappe.get_list("Customer", limit_page_length=0)
		requests.finish(requests.build_response("json"))
	assert not frappe.get_all("Export Log", filters={"channel": "API Read"})


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
	with requests.request(table.file_url, http_method="GET", fid=table.name):
		requests.finish(requests.Response(table.get_content()))
	[entry] = frappe.get_all("Export Log", filters={"channel": "Report Export"}, fields=["*"])
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


def read(customer):
	return requests.get(
		"frappe.client.get_list",
		doctype="Customer",
		fields=["name", "customer_name"],
		filters={"name": customer.name},
	)


def test_a_read_is_in_the_ledger_before_it_is_answered():
	ana, customer = make_user("Ana", "Sales Manager"), make_customer()
	with acting_as(ana):
		assert customer.name in read(customer).get_data(as_text=True)
	entry = recorded()
	assert (entry.user, entry.owner, entry.row_count, entry.record_count) == (ana, ana, 1, 1)
	assert entry.ip_address == "127.0.0.1" and entry.filters and entry.file_sha256
	assert manifests.read(entry.name) == [("Customer", customer.name)]


def test_the_manifest_and_the_entry_are_a_statement_each_and_one_commit(monkeypatch):
	customer = make_customer()
	read(customer)
	statements, commits, sql = [], [], frappe.db.sql

	def counted(query, *args, **kwargs):
		if not str(query).lower().startswith("select"):
			statements.append(str(query))
		return sql(query, *args, **kwargs)

	monkeypatch.setattr(frappe.db, "sql", counted)
	monkeypatch.setattr(frappe.db, "commit", lambda: commits.append(True))
	read(customer)
	assert ["Export Manifest" in statements[0], "Export Log" in statements[1]] == [True, True]
	assert len(statements) == 2 and len(commits) == 1


@pytest.mark.parametrize(
	("place", "name"),
	[
		(exports.entries, "add_at_once"),
		(exports.manifests, "write"),
		(exports, "origin"),
		(bulk_reads, "describe"),
		(bulk_reads, "reads_of"),
	],
)
def test_each_part_that_breaks_keeps_the_read_in(monkeypatch, place, name):
	def breaking(*args, **kwargs):
		raise RuntimeError("broken for the test")

	customer = make_customer()
	monkeypatch.setattr(bulk_reads, "DEFAULT_BULK_READ_ROWS", 1)
	monkeypatch.setattr(place, name, breaking)
	response = read(customer)
	assert response.status_code == 503
	assert customer.name not in response.get_data(as_text=True)


def test_nobody_keeps_a_read_out_of_the_ledger_by_what_they_send():
	"""Half a character (a lone surrogate) is text to JSON, but to no database."""
	make_customer(account_manager="Administrator")
	with requests.request("/api/method/frappe.desk.query_report.run", cmd="frappe.desk.query_report.run"):
		frappe.form_dict.update(
			report_name="Account Owner Changes",
			filters=json.dumps({"unknown": "\ud800" + "x" * 2_000_000}, ensure_ascii=False),
		)
		frappe.handler.handle()
		requests.finish(requests.build_response("json"))
	entry = recorded()
	assert entry.filters.startswith('{"unknown": "?xxx') and len(entry.filters) == 1_000_000


def test_contact_data_is_told(contact):
	told = []
	for fields in (["name", "email_id"], ["name"], ["*"]):
		frappe.db.delete("Export Log")
		requests.get(
			"frappe.client.get_list", doctype="Contact", fields=fields, filters={"name": contact.name}
		)
		told.append(recorded().contact_data)
	assert told == [1, 0, 1]
