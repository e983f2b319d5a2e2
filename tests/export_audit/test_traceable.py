"""Each export of contacts carries a contact of its own, which nobody can tell from the others."""

import csv
import hashlib
import io
import json

import frappe
import pytest
from frappe.contacts.doctype.contact import contact
from openpyxl import load_workbook

from crm_transparency.export_audit import exports, manifests, traceable
from tests.export_audit import requests, ringers_double
from tests.people_and_accounts import make_user

pytestmark = pytest.mark.usefixtures("nothing_is_committed")

LIST = "frappe.desk.reportview.export_query"
ALPHABET = ("Abel", "Bea", "Cato", "Zoe")


@pytest.fixture(autouse=True)
def contacts(nothing_is_committed):
	"""The only contacts there are; returns their names."""
	for doctype in ("Contact", "Contact Email", "Contact Phone"):
		frappe.db.delete(doctype)
	return [
		frappe.get_doc(
			doctype="Contact",
			first_name=first_name,
			last_name="Harbour",
			email_ids=[{"email_id": f"{first_name.lower()}@example.com", "is_primary": 1}],
			phone_nos=[{"phone": "+44 20 7946 0001", "is_primary_phone": 1}],
		)
		.insert()
		.name
		for first_name in ALPHABET
	]


@pytest.fixture
def provide_with(monkeypatch):
	get_hooks, get_attr = frappe.get_hooks, frappe.get_attr
	# Frappe looks into installed apps only
	monkeypatch.setattr(
		frappe,
		"get_attr",
		lambda name: (
			getattr(ringers_double, name.rsplit(".", 1)[1]) if name.startswith("tests.") else get_attr(name)
		),
	)

	def use(provider):
		def with_provider(hook=None, *args, **kwargs):
			return [provider] if hook == traceable.HOOK else get_hooks(hook, *args, **kwargs)

		monkeypatch.setattr(frappe, "get_hooks", with_provider)

	return use


@pytest.fixture
def switched_on():
	frappe.db.set_single_value("CRM Transparency Settings", "traceable_exports", 1)
	frappe.clear_document_cache("CRM Transparency Settings", "CRM Transparency Settings")
	yield
	frappe.clear_document_cache("CRM Transparency Settings", "CRM Transparency Settings")


@pytest.fixture
def traced(provide_with, switched_on):
	provide_with(ringers_double.PROVIDER)
	ringers_double.asked.clear()
	ringers_double.made.clear()


def export_list(fields=("name", "first_name", "email_id"), doctype="Contact", file_format="CSV", **form):
	return requests.get(
		LIST,
		doctype=doctype,
		fields=[f"`tab{doctype}`.`{field}`" if "`" not in field else field for field in fields],
		filters=form.pop("filters", []),
		file_format_type=file_format,
		title=doctype,
		**form,
	)


def rows_of(response, file_format="CSV"):
	assert response.status_code == 200, response.get_data(as_text=True)
	if file_format == "Excel":
		workbook = load_workbook(io.BytesIO(response.get_data()))
		return [list(row) for row in workbook.active.iter_rows(values_only=True)]
	return list(csv.reader(io.StringIO(response.get_data(as_text=True).lstrip("\ufeff"))))


def latest():
	[name] = frappe.get_all("Export Log", order_by="name desc", limit=1, pluck="name")
	return frappe.get_doc("Export Log", name)


def is_ringers(row):
	return any("Marina" in str(cell) or "marina" in str(cell) for cell in row)


def assert_knows_only_the_real(entry, contacts):
	assert entry.row_count == entry.record_count == len(contacts)
	assert sorted(manifests.read(entry.name)) == sorted(("Contact", name) for name in contacts)
	assert entry.trace == exports.trace_of(ringers_double.made[-1])
	assert exports.export_of_ringer(ringers_double.made[-1]) == entry.name


@pytest.mark.parametrize("file_format", ["CSV", "Excel"])
def test_a_list_of_contacts_carries_one_more(traced, contacts, file_format):
	response = export_list(file_format=file_format)
	head, *rows = rows_of(response, file_format)
	assert len(rows) == len(contacts) + 1
	[ringers] = [row for row in rows if is_ringers(row)]
	assert len(ringers) == len(head)
	assert [int(row[0]) for row in rows] == [1, 2, 3, 4, 5]
	assert set(ringers_double.asked[-1][1]) >= {"name", "first_name", "email_id"}
	entry = latest()
	assert_knows_only_the_real(entry, contacts)
	assert entry.file_sha256 == hashlib.sha256(response.get_data()).hexdigest()
	assert entry.file_bytes == len(response.get_data())


def test_each_export_has_its_own(traced):
	export_list()
	first = latest().trace
	export_list()
	assert latest().trace != first
	assert len(set(ringers_double.made)) == 2


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_it_stands_where_the_order_puts_it(traced, direction):
	response = export_list(order_by=f"`tabContact`.`first_name` {direction}")
	names = [row[2] for row in rows_of(response)[1:]]
	assert names == sorted((*ALPHABET, "Marina"), reverse=direction == "desc")


def test_an_order_by_something_else_hides_it_anywhere_and_stays_an_order(traced):
	response = export_list(("name", "modified", "first_name"), order_by="`tabContact`.`modified` desc")
	moments = [row[2] for row in rows_of(response)[1:]]
	assert moments == sorted(moments, reverse=True) and all(moments)


def test_what_the_provider_does_not_say_is_as_in_the_row_before(traced):
	response = export_list(("first_name", "status", "owner", "modified_by"))
	rows = rows_of(response)
	[ringers] = [row for row in rows if is_ringers(row)]
	assert ringers[2] == "Passive"
	assert ringers[3] == ringers[4] == "Administrator"


def test_columns_of_tables_are_filled_too(traced):
	response = export_list(("first_name", "`tabContact Email`.`email_id`"))
	[ringers] = [row for row in rows_of(response) if is_ringers(row)]
	assert ringers[2].startswith("marina.tidewell")


def test_a_selection_carries_one_too_and_a_single_contact_none(traced, contacts):
	assert len(rows_of(export_list(selected_items=contacts[:2]))) == 1 + 2 + 1
	assert latest().row_count == 2
	assert len(rows_of(export_list(selected_items=contacts[:1]))) == 1 + 1
	assert latest().trace is None


def test_the_data_export_tool(traced, contacts):
	response = requests.get(
		"frappe.core.doctype.data_export.exporter.export_data",
		doctype="Contact",
		with_data="1",
		all_doctypes="1",
		select_columns={
			"Contact": ["first_name", "email_id"],
			"Contact Email": ["email_id"],
			"Contact Phone": ["phone"],
			"Dynamic Link": [],
		},
		file_type="CSV",
		export_without_column_meta="true",
	)
	rows = rows_of(response)
	[ringers] = [row for row in rows if is_ringers(row)]
	assert sum("marina.tidewell" in cell for cell in ringers) == 2, "also in the table of addresses"
	assert any("+44 7700" in cell for cell in ringers)
	assert latest().row_count == len(contacts)
	assert_knows_only_the_real(latest(), contacts)


def test_an_import_template_with_data(traced, contacts):
	response = requests.get(
		"frappe.core.doctype.data_import.data_import.download_template",
		doctype="Contact",
		export_fields={"Contact": ["name", "first_name"], "email_ids": ["email_id"]},
		export_records="all",
		export_filters=[],
		file_type="CSV",
	)
	_head, *rows = rows_of(response)
	assert len(rows) == len(contacts) + 1
	[ringers] = [row for row in rows if is_ringers(row)]
	assert ringers[2].startswith("marina.tidewell")
	assert_knows_only_the_real(latest(), contacts)


def test_vcards(traced, contacts):
	if not hasattr(contact, "download_vcards"):
		pytest.skip("this version of Frappe has no vCards")
	response = requests.get("frappe.contacts.doctype.contact.contact.download_vcards", contacts=contacts)
	text = response.get_data(as_text=True)
	assert text.count("BEGIN:VCARD") == text.count("END:VCARD") == len(contacts) + 1
	assert "marina.tidewell" in text
	entry = latest()
	assert_knows_only_the_real(entry, contacts)
	assert entry.file_sha256 == hashlib.sha256(response.get_data()).hexdigest()


def test_a_report_that_names_contacts(traced, contacts):
	frappe.get_doc(
		doctype="Report",
		report_name="Contacts by Name",
		ref_doctype="Contact",
		report_type="Query Report",
		is_standard="No",
		query="select name as 'Contact:Link/Contact:200', first_name as 'First Name:Data:200', "
		"email_id as 'Email Id:Data:200' from `tabContact` order by name",
	).insert()
	response = requests.get(
		"frappe.desk.query_report.export_query",
		report_name="Contacts by Name",
		file_format_type="CSV",
		filters={},
		visible_idx=[0, 1, 3],
	)
	head, *rows = rows_of(response)
	assert len(rows) == 4 and all(len(row) == len(head) for row in rows)
	[ringers] = [row for row in rows if is_ringers(row)]
	assert "Marina" in ringers[0] and ringers[1] == "Marina"
	entry = latest()
	assert entry.row_count == entry.record_count == 3
	assert entry.trace == exports.trace_of(ringers_double.made[-1])


def test_a_background_export_carries_one_too(traced, contacts):
	from crm_transparency.export_audit import query_recorder, response_recorder

	response_recorder.begin_job(method=traceable.LIST_JOB)
	frappe.desk.reportview  # noqa: B018 - the job's module
	rows = frappe.model.db_query.DatabaseQuery("Contact").execute(
		fields=["`tabContact`.`first_name`"], as_list=True, limit_page_length=None
	)
	assert len(rows) == len(contacts) + 1
	assert query_recorder.current().trace
	assert query_recorder.current().latest("Contact").rows == len(contacts)


def test_lists_that_are_no_files_and_other_document_types_stay_as_they_are(traced, contacts):
	response = requests.get("frappe.client.get_list", doctype="Contact", fields=["first_name"])
	assert len(json.loads(response.get_data())["message"]) == len(contacts)
	response = requests.get(
		"frappe.desk.reportview.get",
		doctype="Contact",
		fields=["`tabContact`.`first_name`"],
		filters=[],
		start="0",
		page_length="20",
	)
	assert len(json.loads(response.get_data())["message"]["values"]) == len(contacts)
	territories = frappe.db.count("Territory")
	assert len(rows_of(export_list(("name",), doctype="Territory"))) == 1 + territories
	assert ringers_double.asked == []


def test_switched_off_nothing_changes(provide_with, contacts):
	provide_with(ringers_double.PROVIDER)
	assert len(rows_of(export_list())) == 1 + len(contacts)
	assert latest().trace is None


def test_without_a_provider_nothing_changes(switched_on, contacts):
	assert len(rows_of(export_list())) == 1 + len(contacts)
	assert latest().trace is None


def test_a_provider_may_have_none(provide_with, switched_on, contacts):
	provide_with("tests.export_audit.ringers_double.provide_nothing")
	assert len(rows_of(export_list())) == 1 + len(contacts)
	assert latest().trace is None


def test_a_failing_provider_keeps_nobody_from_exporting(provide_with, switched_on, contacts):
	provide_with(ringers_double.FAILING)
	assert len(rows_of(export_list())) == 1 + len(contacts)
	entry = latest()
	assert (entry.row_count, entry.trace) == (len(contacts), None)
	assert not frappe.db.exists("ToDo", {"description": "half a ringer"})
	error = frappe.get_last_doc("Error Log")
	assert "invented contact" in f"{error.method} {error.error}"
	assert "RuntimeError" in error.error and "marina" not in f"{error.method}{error.error}"


def test_people_who_may_not_export_get_neither(traced):
	frappe.set_user(make_user("Wanda", "Sales User"))
	frappe.get_meta("Contact")
	before = frappe.db.count("Export Log")
	try:
		response = export_list(("name",), doctype="User")
	except frappe.PermissionError:
		response = None
	frappe.set_user("Administrator")
	assert response is None or response.status_code >= 400
	assert frappe.db.count("Export Log") == before


@pytest.mark.parametrize("role", ["System Manager", "Transparency Manager", "Sales User"])
def test_nobody_reads_the_trace(traced, role):
	export_list()
	entry = latest()
	frappe.set_user(make_user("Ada", role, "CRM Colleague"))
	for way in (
		lambda: requests.get("frappe.client.get", doctype="Export Log", name=entry.name),
		lambda: requests.get(
			"frappe.client.get_list",
			doctype="Export Log",
			fields=["*"],
			filters={"name": entry.name},
		),
		lambda: requests.get("frappe.desk.form.load.getdoc", doctype="Export Log", name=entry.name),
		lambda: requests.get(
			"frappe.desk.reportview.get",
			doctype="Export Log",
			fields=["`tabExport Log`.`name`", "`tabExport Log`.`trace`"],
			filters=[],
			start="0",
			page_length="20",
		),
		lambda: requests.get(
			"frappe.client.get_value", doctype="Export Log", fieldname="trace", filters={"name": entry.name}
		),
	):
		try:
			text = way().get_data(as_text=True)
		except (frappe.PermissionError, frappe.ValidationError):
			continue
		assert entry.trace not in text


def test_the_trace_is_a_keyed_hash_that_tells_nothing(traced):
	export_list()
	known = ringers_double.made[-1]
	trace = latest().trace
	assert known not in trace
	assert trace != hashlib.sha256(known.encode()).hexdigest()
	assert exports.export_of_ringer("another id") is None
