"""Reports whose columns don't say which records their rows are about."""

import frappe
import pytest

from crm_transparency.export_audit import manifests, read_counts
from tests.export_audit import requests
from tests.export_audit.test_read_volume import volume
from tests.people_and_accounts import acting_as, make_customer, make_user

pytestmark = pytest.mark.usefixtures("nothing_is_committed")

RUN, EXPORT = "frappe.desk.query_report.run", "frappe.desk.query_report.export_query"


@pytest.fixture
def customers():
	"""Customers whose names aren't what they are called."""
	made = []
	for number in range(3):
		customer = make_customer()
		values = {"website": f"https://shop-{number}.example", "customer_name": f"Shop No. {number}"}
		frappe.db.set_value("Customer", customer.name, values)
		made.append(customer.name)
	return sorted(made)


def query_report(customers, columns, ref_doctype="Customer"):
	names = ", ".join(frappe.db.escape(name) for name in customers)
	return (
		frappe.get_doc(
			doctype="Report",
			report_name=f"Shops {frappe.generate_hash(length=6)}",
			ref_doctype=ref_doctype,
			report_type="Query Report",
			is_standard="No",
			query=f"select {columns} from `tabCustomer` where name in ({names}) order by name",
			roles=[{"role": "Sales Manager"}],
		)
		.insert()
		.name
	)


def latest(channel):
	[entry] = frappe.get_all(
		"Export Log", filters={"channel": channel}, fields=["*"], order_by="name desc", limit=1
	)
	return entry


SAY_WHO = [
	"website as 'Website:Data:120'",
	"website",
	"customer_name as 'Name:Data:120', customer_group as 'Group:Data:120'",
	"customer_name as 'Customer Name:Data:200'",
]


@pytest.mark.parametrize("columns", SAY_WHO)
def test_an_export_holds_the_records_to_which_its_values_belong(customers, columns):
	report = query_report(customers, columns)
	requests.get(EXPORT, report_name=report, file_format_type="CSV", filters={}, visible_idx=[])
	entry = latest("Report Export")
	assert entry.row_count == 3
	assert manifests.read(entry.name) == [("Customer", name) for name in customers]


@pytest.mark.parametrize("columns", SAY_WHO)
def test_so_does_a_large_one_that_is_run_in_the_desk(set_bulk_read_rows, customers, columns):
	report = query_report(customers, columns)
	set_bulk_read_rows(3)
	requests.get(RUN, report_name=report, filters={})
	entry = latest("API Read")
	assert (entry.reference_doctype, entry.report_name, entry.row_count) == ("Customer", report, 3)
	assert manifests.read(entry.name) == [("Customer", name) for name in customers]


def test_values_that_several_records_share_name_none_of_them(customers):
	for name in customers:
		frappe.db.set_value("Customer", name, "website", "https://mall.example")
	report = query_report(customers, "website as 'Website:Data:120'")
	requests.get(EXPORT, report_name=report, file_format_type="CSV", filters={}, visible_idx=[])
	entry = latest("Report Export")
	assert (entry.row_count, entry.record_count) == (3, 0)


def test_rows_count_where_no_record_is_known_also_in_a_report_about_something_else(
	set_bulk_read_rows, customers
):
	report = query_report(customers, "customer_group as 'Group:Data:120'", ref_doctype="Territory")
	set_bulk_read_rows(3)
	requests.get(RUN, report_name=report, filters={})
	entry = latest("API Read")
	assert (entry.reference_doctype, entry.row_count, entry.record_count) == ("Customer", 3, 0)


def test_small_ones_are_counted(customers):
	ana = make_user("Ana", "Sales Manager")
	report = query_report(customers, "website as 'Website:Data:120'")
	with acting_as(ana):
		requests.get(RUN, report_name=report, filters={})
	read_counts.write_read_volume()
	assert volume(ana)["Customer"][0] == 3
