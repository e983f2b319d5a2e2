"""What was read and leaves counts, in whichever shape the answer has it; what stays on the server doesn't."""

import json

import frappe
import pytest

from crm_transparency.export_audit import manifests, read_counts
from tests.export_audit import requests
from tests.export_audit.test_read_volume import volume
from tests.people_and_accounts import acting_as, make_customer, make_user

pytestmark = pytest.mark.usefixtures("nothing_is_committed")

NUMBERS = 6


@pytest.fixture
def ana():
	return make_user("Ana", "Sales Manager", "Transparency Manager")


@pytest.fixture
def customers(set_bulk_read_rows):
	"""A few customers with numbers, which are enough for an export."""
	made = [make_customer() for _number in range(NUMBERS)]
	for number, customer in enumerate(made):
		customer.db_set("website", f"https://shop-{number}.example")
	set_bulk_read_rows(NUMBERS)
	return [customer.name for customer in made]


def answer(make, **response):
	"""Answer a request with what `make` returns, as Frappe does for a method or a Server Script of type API."""
	with requests.request("/api/method/some_app.api.everything"):
		frappe.response.update(response or {"message": make()})
		return requests.finish(requests.build_response("json"))


def read(customers, *fields):
	return frappe.get_all("Customer", filters={"name": ("in", customers)}, fields=list(fields))


def exported():
	"""Return the records of the only read that was an export, and how many rows it had."""
	[entry] = frappe.get_all("Export Log", filters={"channel": "API Read"}, fields=["name", "row_count"])
	return [name for _doctype, name in manifests.read(entry.name)], entry.row_count


def test_a_field_for_a_column_of_a_report(ana, customers):
	with acting_as(ana):
		response = requests.get(
			"frappe.desk.query_report.get_data_for_custom_field",
			doctype="Customer",
			field="website",
			names=customers,
		)
	assert set(json.loads(response.get_data())["message"]) == set(customers)
	assert exported() == (sorted(customers), NUMBERS)


@pytest.mark.parametrize(
	"shape",
	[
		lambda rows: {row.name: row.website for row in rows},
		lambda rows: {"found": {"by": {row.website: row.name for row in rows}}},
		lambda rows: {row.website: 1 for row in rows},
		lambda rows: [[[row.website] for row in rows], 3],
		lambda rows: [{"data": [row]} for row in rows],
		lambda rows: "".join(f"<tr><td>{row.website}</td><td>{'-' * 1000}</td></tr>" for row in rows),
		lambda rows: "\r\n".join(f'"{row.name}","{"-" * 1000}"' for row in rows),
		lambda rows: frappe.get_doc(
			doctype="Contact", links=[{"link_doctype": "Customer", "link_name": row.name} for row in rows]
		),
		lambda rows: {"rows": json.dumps([{"url": row.website, "note": "-" * 1000} for row in rows])},
	],
)
def test_any_shape(customers, shape):
	answer(lambda: shape(read(customers, "name", "website")))
	assert exported() == (sorted(customers), NUMBERS)


def test_values_without_their_names(customers):
	answer(lambda: {row.website: "" for row in read(customers, "website")})
	assert exported() == (sorted(customers), NUMBERS)


def test_a_key_of_the_response_that_frappe_does_not_use(customers):
	with requests.request("/api/method/some_app.api.everything"):
		frappe.response["everything"] = {row.name: 1 for row in read(customers, "name")}
		requests.finish(requests.build_response("json"))
	assert exported() == (sorted(customers), NUMBERS)


@pytest.mark.parametrize("shape", [dict, list, lambda rows: {"results": [{"value": row[0]} for row in rows]}])
def test_rows_that_a_method_reads_by_sql(customers, shape):
	"""As ERPNext's searches for leads, contacts and customers do, which take any number of rows."""
	names = ", ".join(frappe.db.escape(name) for name in customers)
	query = f"select name, website from `tabCustomer` where name in ({names})"
	answer(lambda: shape(frappe.db.sql(query)))
	assert exported() == (sorted(customers), NUMBERS)


@pytest.mark.parametrize("shape", [dict, list])
def test_sums_that_a_method_makes_by_sql_are_no_records(ana, customers, shape):
	"""As charts are made: a row is a territory, and no customer."""
	for number, name in enumerate(customers):
		frappe.db.set_value("Customer", name, "territory", f"Territory {number}")
	query = "select territory, count(*) as accounts from `tabCustomer` group by territory order by territory"
	with acting_as(ana):
		answer(lambda: shape(frappe.db.sql(query)))
		answer(lambda: frappe.db.sql(f"{query} limit 2", as_dict=True))
	read_counts.write_read_volume()
	assert not frappe.get_all("Export Log", filters={"channel": "API Read"})
	assert volume(ana) == {}


def test_sums_by_sql_that_name_records_are_an_export(customers):
	names = ", ".join(frappe.db.escape(name) for name in customers)
	query = f"select name, count(*) from `tabCustomer` where name in ({names}) group by name"
	answer(lambda: frappe.db.sql(query))
	assert exported() == (sorted(customers), NUMBERS)


def test_contacts_searched_for_by_sql(set_bulk_read_rows):
	customer = make_customer()
	contacts = [
		frappe.get_doc(
			doctype="Contact",
			first_name=f"Robin {number}",
			links=[{"link_doctype": "Customer", "link_name": customer.name}],
		).insert()
		for number in range(3)
	]
	set_bulk_read_rows(3)
	requests.get(
		"frappe.desk.search.search_link",
		query="frappe.contacts.doctype.contact.contact.contact_query",
		doctype="Contact",
		txt="Robin",
		page_length=1000,
		filters={"link_doctype": "Customer", "link_name": customer.name},
	)
	assert exported() == (sorted(contact.name for contact in contacts), 3)


def test_sql_whose_rows_stay_on_the_server_counts_nothing(ana, customers):
	with acting_as(ana):
		answer(lambda: len(frappe.db.sql("select name, website from `tabCustomer`")))
		answer(lambda: frappe.db.get_values("Customer", {}, ["name", "website"])[0][0])
	read_counts.write_read_volume()
	assert volume(ana).get("Customer", (0, 0))[0] <= 1


def test_two_lists_that_become_one(customers):
	answer(lambda: [*read(customers[:3], "name"), *read(customers[3:], "name")])
	assert exported() == (sorted(customers), NUMBERS)


def test_what_is_only_worked_with_does_not_leave(ana, customers):
	with acting_as(ana):
		answer(lambda: {"accounts": len(read(customers, "name", "customer_type")), "type": "Company"})
		answer(lambda: [row.customer_type for row in read(customers, "name", "customer_type")][:1])
	read_counts.write_read_volume()
	assert not frappe.get_all("Export Log", filters={"channel": "API Read"})
	assert volume(ana) == {}


def test_only_the_rows_that_leave_are_counted(ana, customers):
	with acting_as(ana):
		answer(lambda: [row.name for row in read(customers, "name", "website")][:2])
		answer(lambda: {"best": read(customers, "name", "website")[3]})
	read_counts.write_read_volume()
	assert not frappe.get_all("Export Log", filters={"channel": "API Read"})
	assert volume(ana) == {"Customer": (3, 3)}


def test_inventing_ringers_reads_at_most_whom_the_drafts_show(customers):
	manager = make_user("Rita", "Ringer Manager")
	with acting_as(manager):
		settings = frappe.get_doc("Ringer Settings")
		settings.address_patterns = "{first}.{last}@letters-by-hand.example"
		settings.save()
		response = requests.get(
			"crm_transparency.ringers.page.ringer_planting.ringer_planting.draft", count=1
		)
	assert response.status_code == 200
	read_counts.write_read_volume()
	assert not frappe.get_all("Export Log", filters={"channel": "API Read"})
	assert all(distinct <= 1 for _reads, distinct in volume(manager).values())


def test_the_preview_of_opening_reads_for_others_and_is_nobodys_reading(set_bulk_read_rows, customers):
	manager = make_user("Mona", "Transparency Manager")
	for number in range(25):
		make_user(f"Rep{number}", "Sales User")
	set_bulk_read_rows(10)
	people = "crm_transparency.openness.page.openness_setup.openness_setup.people"
	doctypes = ["Customer", "Contact", "Lead", "Opportunity"]
	with (
		acting_as(manager),
		requests.request(f"/api/method/{people}", http_method="GET", cmd=people, doctypes=doctypes),
	):
		frappe.handler.handle()
		response = requests.finish(requests.build_response("json"))
	assert response.status_code == 200, response.get_data()
	assert len(json.loads(response.get_data())["message"]["people"]) > 25
	read_counts.write_read_volume()
	assert not frappe.get_all("Export Log", filters={"channel": "API Read"})
	assert volume(manager) == {}
