"""Reading below what counts as an export is counted, as reads and as different records."""

import frappe
import pytest
from frappe.utils import add_days, today

from crm_transparency.export_audit import read_counts
from tests.export_audit import requests
from tests.people_and_accounts import acting_as, make_customer, make_user

pytestmark = pytest.mark.usefixtures("nothing_is_committed")


@pytest.fixture
def ana():
	return make_user("Ana")


def volume(user, day=None):
	fields = ["reference_doctype", "reads", "distinct_records"]
	filters = {"user": user, "day": day} if day else {"user": user}
	rows = frappe.get_all("Read Volume", filters=filters, fields=fields)
	return {row.reference_doctype: (row.reads, row.distinct_records) for row in rows}


@pytest.fixture(autouse=True)
def one_day(monkeypatch):
	"""Midnight never passes within a test."""
	day = today()
	monkeypatch.setattr(read_counts, "today", lambda: day)


def test_opening_one_document_after_the_other_shows(ana):
	customers = [make_customer(account_manager=ana).name for _number in range(3)]
	with acting_as(ana):
		for name in [*customers, *customers]:
			requests.get("frappe.client.get", doctype="Customer", name=name)
	read_counts.write_read_volume()
	assert volume(ana) == {"Customer": (6, 3)}


def test_lists_count_their_rows(ana):
	for _number in range(4):
		make_customer()
	with acting_as(ana):
		requests.get(
			"frappe.client.get_list", doctype="Customer", fields=["customer_name"], limit_page_length="3"
		)
	read_counts.write_read_volume()
	assert volume(ana) == {"Customer": (3, 3)}


def test_asking_for_values_one_after_the_other_shows(ana):
	customers = [make_customer(account_manager=ana).name for _number in range(3)]
	with acting_as(ana):
		for name in [*customers, *customers]:
			requests.get(
				"frappe.client.get_value",
				doctype="Customer",
				filters={"name": name},
				fieldname=["customer_name", "territory"],
			)
	read_counts.write_read_volume()
	assert volume(ana) == {"Customer": (6, 3)}


def test_a_sum_of_many_records_does_not_show_them(ana):
	for _number in range(5):
		make_customer(account_manager=ana)
	with acting_as(ana), requests.request("/api/method/some_app.api.chart"):
		counted = frappe.get_list("Customer", fields=["customer_type"], group_by="customer_type")
		frappe.response["message"] = {"labels": [row.customer_type for row in counted]}
		requests.finish(requests.build_response("json"))
	read_counts.write_read_volume()
	assert volume(ana) == {"Customer": (len(counted), len(counted))}
	assert len(counted) < 5


def test_what_was_counted_is_added_up_hour_by_hour(ana):
	read_counts.add(ana, [("Customer", 2, ["A", "B"])])
	read_counts.write_read_volume()
	read_counts.add(ana, [("Customer", 2, ["B", "C"])])
	read_counts.write_read_volume()
	read_counts.write_read_volume()
	assert volume(ana) == {"Customer": (4, 3)}


def test_yesterdays_last_hour_is_not_lost(ana, monkeypatch):
	yesterday = add_days(today(), -1)
	monkeypatch.setattr(read_counts, "today", lambda: yesterday)
	read_counts.add(ana, [("Lead", 1, ["L"])])
	monkeypatch.undo()
	monkeypatch.setattr(frappe.db, "commit", lambda *args, **kwargs: None)
	read_counts.write_read_volume()
	assert volume(ana, yesterday) == {"Lead": (1, 1)}


def test_a_run_that_was_interrupted_is_finished_by_the_next(ana, monkeypatch):
	read_counts.add(ana, [("Customer", 5, ["A"])])
	with monkeypatch.context() as broken:
		broken.setattr(read_counts, "write", lambda *values: 1 / 0)
		with pytest.raises(ZeroDivisionError):
			read_counts.write_read_volume()
	read_counts.add(ana, [("Customer", 1, ["B"])])
	read_counts.write_read_volume()
	assert volume(ana) == {"Customer": (6, 2)}


def test_a_run_that_died_before_it_emptied_redis_counts_nothing_twice(ana, monkeypatch):
	read_counts.add(ana, [("Customer", 5, ["A"])])
	execute_command = frappe.cache.execute_command

	def dying(command, *args, **kwargs):
		return 1 / 0 if command == "DEL" else execute_command(command, *args, **kwargs)

	with monkeypatch.context() as killed:
		killed.setattr(frappe.cache, "execute_command", dying)
		with pytest.raises(ZeroDivisionError):
			read_counts.write_read_volume()
	assert volume(ana) == {"Customer": (5, 1)}
	read_counts.add(ana, [("Customer", 1, ["B"])])
	read_counts.write_read_volume()
	assert volume(ana) == {"Customer": (6, 2)}


@pytest.mark.parametrize(
	"clear",
	[
		lambda: frappe.clear_cache(doctype="Customer"),
		lambda: frappe.clear_cache(),
		lambda: frappe.clear_cache(user="Administrator"),
		lambda: frappe.get_doc(
			doctype="Property Setter",
			doctype_or_field="DocType",
			doc_type="Customer",
			property="search_fields",
			property_type="Data",
			value="customer_group",
		).insert(),
	],
)
def test_routine_changes_of_a_doctype_leave_the_counts(ana, clear):
	read_counts.add(ana, [("Customer", 3, ["A", "B"])])
	clear()
	frappe.clear_cache(doctype="Customer")
	read_counts.add(ana, [("Customer", 1, ["C"])])
	read_counts.write_read_volume()
	assert volume(ana) == {"Customer": (4, 3)}


def test_no_key_holds_the_name_of_a_doctype_or_user(ana):
	read_counts.add(ana, [("Customer", 1, ["A"])])
	keys = [frappe.safe_decode(key) for key in frappe.cache.get_keys(read_counts.KEYS)]
	assert keys and not any("Customer" in key or ana in key for key in keys)
	assert all(key.startswith(frappe.conf.db_name) for key in keys)


def test_hyperloglog_is_right_to_about_one_in_a_hundred(ana):
	for start in range(0, 20_000, 1000):
		names = [f"C{number}" for number in range(start, start + 1000)]
		read_counts.add(ana, [("Contact", 1000, names)])
	read_counts.write_read_volume()
	reads, distinct_records = volume(ana)["Contact"]
	assert reads == 20_000
	assert distinct_records == pytest.approx(20_000, rel=0.03)
