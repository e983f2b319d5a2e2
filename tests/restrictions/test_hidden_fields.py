"""Hide Fields: values that don't leave the server."""

import json

import frappe
import frappe.client
import frappe.desk.form.load
import frappe.desk.search
import pytest

from crm_transparency.restrictions import named_documents
from tests.people_and_accounts import acting_as, make_customer
from tests.restrictions.registering import restrict
from tests.restrictions.requesting import answered, asked, begin_request

SECRET = "DE-4711-SECRET"


@pytest.fixture
def customer(ana, olga):
	"""A customer whose tax number and mobile number Ana doesn't get to see."""
	customer = make_customer(tax_id=SECRET, mobile_no="+49 170 4711")
	restrict(
		"Customer",
		olga,
		user=ana,
		restriction_kind="Hide Fields",
		fields="tax_id\nmobile_no\nsales_team",
		reason_category="Customer Privacy",
	)
	return customer


def test_the_form_gets_no_hidden_value(customer, ana, ben):
	for user, is_told in ((ana, False), (ben, True)):
		with acting_as(user):
			frappe.local.response = frappe._dict(docs=[])
			frappe.desk.form.load.getdoc("Customer", customer.name)
			sent = frappe.as_json(dict(frappe.local.response))
		assert (SECRET in sent) == is_told


def test_lists_reports_and_rest_get_no_hidden_value(customer, ana):
	with acting_as(ana):
		row = frappe.get_list("Customer", filters={"name": customer.name}, fields=["*"])[0]
		assert SECRET not in frappe.as_json(row)
		row = frappe.get_list("Customer", filters={"name": customer.name}, fields=["name", "tax_id"])[0]
		assert "tax_id" not in row
		assert SECRET not in frappe.as_json(frappe.client.get("Customer", customer.name))
		assert not (frappe.client.get_value("Customer", "tax_id", customer.name) or {}).get("tax_id")


@pytest.mark.parametrize(
	"question",
	[
		{"filters": {"tax_id": SECRET}},
		{"filters": [["Customer", "tax_id", "like", "DE%"]]},
		{"or_filters": {"tax_id": SECRET}},
		{"order_by": "tax_id asc"},
		{"group_by": "tax_id"},
	],
)
def test_a_list_is_no_oracle_for_hidden_values(customer, ana, question):
	with acting_as(ana), pytest.raises(frappe.PermissionError):
		frappe.get_list("Customer", pluck="name", **question)


@pytest.mark.parametrize(
	"question",
	[
		{"filters": {"tax_id": SECRET}},
		{"or_filters": [["Customer", "tax_id", "=", SECRET]]},
		{"order_by": "`tabCustomer`.`tax_id` asc"},
		{"group_by": "tax_id"},
		{"filters": {"ifnull(tax_id, '')": SECRET}},
		{"filters": [["Sales Team", "allocated_percentage", ">", 1]]},
	],
)
def test_the_older_query_is_no_oracle_either(customer, ana, question):
	"""v15 knows no other, and v16 still has it."""
	from frappe.model.db_query import DatabaseQuery

	with acting_as(ana), pytest.raises(frappe.PermissionError):
		DatabaseQuery("Customer").execute(**{"fields": ["name"], **question})


@pytest.mark.parametrize(
	"expression",
	["upper(tax_id collate 'utf8mb4_bin')", "max(tax_id * 1)", "locate('DE', tax_id)", "max(tax_id)"],
)
def test_the_older_query_calculates_nothing_with_hidden_values(customer, ana, expression):
	"""Each version of Frappe takes some of these away, and lets others pass."""
	from frappe.model.db_query import DatabaseQuery

	fields = ["name", f"{expression} as told"]
	with acting_as(ana):
		try:
			rows = DatabaseQuery("Customer").execute(fields=fields, filters={"name": customer.name})
		except frappe.PermissionError:
			return
	assert [row.get("told") for row in rows] == [None]


@pytest.mark.parametrize(
	"question",
	[{"filters": {"tax_id": ["like", "DE%"]}}, {"filters": [["tax_id", "=", 1]]}, {"searchfield": "tax_id"}],
)
def test_a_link_search_of_an_app_is_no_oracle(customer, ana, ben, question):
	"""As ERPNext's customer_query does: its own SQL, with the filters that the form sends."""
	search = "frappe.desk.search.search_link"
	with acting_as(ana):
		assert asked(search, doctype="Customer", txt="", filters={"disabled": 0})
		with pytest.raises(frappe.PermissionError):
			asked(search, doctype="Customer", txt="", **question)


def test_a_count_is_no_oracle_for_hidden_values(customer, ana, ben):
	def count(**filters):
		return asked("frappe.client.get_count", doctype="Customer", filters=filters)["message"]

	with acting_as(ben):
		assert count(name=customer.name, tax_id=SECRET) == 1
	with acting_as(ana):
		assert count(name=customer.name) == 1
		with pytest.raises(frappe.PermissionError):
			count(tax_id=SECRET)


def test_beside_a_list_nothing_is_counted_by_hidden_values(customer, ana):
	count = "frappe.desk.listview.get_group_by_count"
	for field, filters in (("tax_id", {}), ("assigned_to", {"tax_id": SECRET})):
		with acting_as(ana), pytest.raises(frappe.PermissionError):
			asked(count, doctype="Customer", current_filters=filters, field=field)


def test_the_older_query_gets_no_hidden_value(customer, ana):
	from frappe.model.db_query import DatabaseQuery

	with acting_as(ana):
		for fields in (["*"], ["name", "tax_id"]):
			rows = DatabaseQuery("Customer").execute(fields=fields, filters={"name": customer.name})
			assert rows and SECRET not in frappe.as_json(rows)
		with pytest.raises(frappe.PermissionError):
			DatabaseQuery("Customer").execute(fields=["name", "max(tax_id) as most"])


def test_a_link_search_works_on_without_the_hidden_search_field(customer, ana, monkeypatch):
	meta = frappe.get_meta("Customer")
	monkeypatch.setattr(meta, "search_fields", "customer_name,mobile_no")
	with acting_as(ana):
		by_name = frappe.desk.search.search_link("Customer", customer.customer_name)
		by_number = frappe.desk.search.search_link("Customer", "4711")
	assert [row["value"] for row in by_name] == [customer.name]
	assert "4711" not in frappe.as_json(by_name)
	assert not by_number


def test_saving_without_the_hidden_values_keeps_them(customer, ana):
	with acting_as(ana):
		doc = frappe.get_doc("Customer", customer.name)
		doc.apply_fieldlevel_read_permissions()
		doc = frappe.get_doc(json.loads(frappe.as_json(doc.as_dict())))
		doc.website = "https://mill.example"
		doc.save()
	assert frappe.db.get_value("Customer", customer.name, ["tax_id", "website"]) == (
		SECRET,
		"https://mill.example",
	)


def test_a_hidden_value_can_not_be_overwritten(customer, ana):
	with acting_as(ana):
		doc = frappe.get_doc("Customer", customer.name)
		doc.tax_id = "mine"
		doc.save()
	assert frappe.db.get_value("Customer", customer.name, "tax_id") == SECRET


def test_versions_and_timeline_tell_no_hidden_change(customer, ana, ben):
	customer.tax_id, customer.website = "DE-4712", "https://mill.example"
	customer.save(ignore_version=False)
	for user, is_told in ((ana, False), (ben, True)):
		with acting_as(user):
			told = frappe.as_json(timeline_of(customer))
		assert "mill.example" in told
		assert ("DE-4712" in told) == is_told


def timeline_of(doc) -> dict:
	begin_request("/api/method/frappe.desk.form.load.get_docinfo", {})
	frappe.desk.form.load.get_docinfo(doctype=doc.doctype, name=doc.name)
	return answered()


def test_versions_of_documents_with_hidden_fields_are_in_no_list(customer, olga):
	from tests.people_and_accounts import make_user

	sam = make_user("Sam", "System Manager", "Sales User")
	restrict("Customer", olga, user=sam, restriction_kind="Hide Fields", fields="tax_id")
	customer.tax_id = "DE-4712"
	customer.save(ignore_version=False)
	with acting_as(sam):
		assert not frappe.get_list("Version", filters={"docname": customer.name})


def test_a_print_holds_no_hidden_value(customer, ana, ben):
	from frappe.www.printview import get_html_and_style

	for user, is_told in ((ana, False), (ben, True)):
		with acting_as(user):
			html = get_html_and_style("Customer", customer.name)["html"]
		assert (SECRET in html) == is_told


def test_search_results_neither_show_nor_are_found_by_a_hidden_value(customer, ana, ben):
	content = f"Tax ID : {SECRET} ||| Customer Name : {customer.customer_name}"
	row = {"doctype": "Customer", "name": customer.name, "content": content, "rank": 1}
	for user, text, is_found in ((ana, "SECRET", False), (ana, "Harbour", True), (ben, "SECRET", True)):
		with acting_as(user):
			begin_request("/api/method/frappe.utils.global_search.search", {"text": text})
			found = answered(message=[dict(row)])["message"]
		assert bool(found) is is_found
		assert (SECRET in frappe.as_json(found)) is (user == ben)


def test_the_form_keeps_a_hidden_field_out_of_reach_in_the_browser(customer, ana, ben):
	for user, level in ((ana, 99), (ben, 0)):
		with acting_as(user):
			begin_request("/api/method/frappe.desk.form.load.getdoctype", {})
			frappe.desk.form.load.getdoctype("Customer")
			[meta] = [doc for doc in answered()["docs"] if doc["name"] == "Customer"]
		fields = {field["fieldname"]: field["permlevel"] for field in meta["fields"]}
		assert fields["tax_id"] == level
	assert frappe.get_meta("Customer").get_field("tax_id").permlevel == 0


def test_a_hidden_table_gives_no_rows(ana, olga):
	restrict("Contact", olga, user=ana, restriction_kind="Hide Fields", fields="phone_nos\nphone\nmobile_no")
	contact = frappe.get_doc(doctype="Contact", first_name="Mila")
	contact.append("phone_nos", {"phone": "+49 40 4711", "is_primary_phone": 1})
	contact.insert()
	with acting_as(ana):
		assert "4711" not in frappe.as_json(frappe.client.get("Contact", contact.name))
		rows = frappe.get_list(
			"Contact", filters={"name": contact.name}, fields=["name", "phone_nos.phone as number"]
		)
		assert "4711" not in frappe.as_json(rows)


def test_the_export_tools_hold_no_hidden_value(customer, ana, ben):
	from frappe.core.doctype.data_export.exporter import DataExporter

	template = "frappe.core.doctype.data_import.data_import.download_template"
	for user, is_told in ((ana, False), (ben, True)):
		with acting_as(user):
			exporter = DataExporter(doctype="Customer", with_data=False)
			frappe.local.response = frappe._dict(docs=[])
			exporter.build_response()
			assert ("tax_id" in str(frappe.response)) == is_told
			begin_request(
				f"/api/method/{template}", {"doctype": "Customer", "export_fields": {"Customer": ["tax_id"]}}
			)
			if is_told:
				named_documents.check_request()
				continue
			with pytest.raises(frappe.PermissionError):
				named_documents.check_request()


def test_saying_that_one_customizes_shows_no_hidden_value(customer, ana):
	with acting_as(ana):
		frappe.local.form_dict = frappe._dict(cmd="run_doc_method", method="save_customization")
		assert SECRET not in frappe.as_json(frappe.client.get("Customer", customer.name))


def test_customizing_a_form_does_not_write_our_levels_down(customer, olga):
	from tests.people_and_accounts import make_user

	sam = make_user("Sam", "System Manager", "Sales User")
	restrict("Customer", olga, user=sam, restriction_kind="Hide Fields", fields="tax_id")
	with acting_as(sam):
		form = frappe.get_doc("Customize Form")
		form.doc_type = "Customer"
		form.fetch_to_customize()
		form.save_customization()
	frappe.clear_cache(doctype="Customer")
	stored = frappe.get_meta("Customer")
	assert stored.get_field("tax_id").permlevel == 0
	assert not stored.get_field("tax_id").hidden
