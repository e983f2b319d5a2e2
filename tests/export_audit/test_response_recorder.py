"""An export that can't be recorded isn't delivered: each part of the recording is broken once."""

import json

import frappe
import pytest

from crm_transparency.export_audit import bulk_reads, manifests, query_recorder, response_recorder
from crm_transparency.ledger import entries
from tests.export_audit import requests
from tests.people_and_accounts import make_customer

pytestmark = pytest.mark.usefixtures("nothing_is_committed")

EXPORT_A_LIST = "frappe.desk.reportview.export_query"


@pytest.fixture
def secret():
	"""What mustn't get out."""
	return make_customer(title="Confidential Client").customer_name


FORM = {
	"doctype": "Customer",
	"fields": ["`tabCustomer`.`customer_name`"],
	"filters": [],
	"file_format_type": "CSV",
	"title": "Customer",
}


def export_customers():
	return requests.get(EXPORT_A_LIST, **FORM)


def export_customers_behind_a_failing_hook():
	"""Frappe stops at the first hook that raises, so ours may never be called; `process_response` always is."""
	with requests.request(f"/api/method/{EXPORT_A_LIST}", cmd=EXPORT_A_LIST, **FORM):
		frappe.handler.handle()
		response = requests.build_response("json")
		frappe.app.process_response(response)
	return response


def breaking(*args, **kwargs):
	raise RuntimeError("broken for the test")


def assert_nothing_left(response, secret):
	assert response.status_code == 503
	assert secret not in response.get_data(as_text=True)
	assert "could not be recorded" in response.get_data(as_text=True)
	assert "Content-Disposition" not in response.headers
	assert response.mimetype == "text/plain"
	assert not frappe.get_all(
		"Export Log", filters={"reference_doctype": "Customer", "channel": "List Export"}
	)


def test_what_is_recorded_goes_out(secret):
	response = export_customers()
	assert response.status_code == 200
	assert secret in response.get_data(as_text=True)


@pytest.mark.parametrize(
	("place", "name"),
	[
		(entries, "add_at_once"),
		(manifests, "write"),
		(manifests, "as_text"),
		(response_recorder, "channel_of"),
		(response_recorder.exports, "measure"),
		(response_recorder.exports, "origin"),
		(query_recorder.QueryRecorder, "latest"),
	],
)
def test_each_part_that_breaks_keeps_the_export_in(monkeypatch, secret, place, name):
	monkeypatch.setattr(place, name, breaking)
	assert_nothing_left(export_customers(), secret)


def test_a_commit_that_fails_keeps_the_export_in(monkeypatch, secret):
	record = response_recorder.exports.record

	def record_and_break_the_commit(export):
		monkeypatch.setattr(frappe.db, "commit", breaking)
		return record(export)

	monkeypatch.setattr(response_recorder.exports, "record", record_and_break_the_commit)
	response = export_customers()
	assert response.status_code == 503
	assert secret not in response.get_data(as_text=True)


def test_a_read_only_database_keeps_the_export_in(monkeypatch, secret):
	execute = frappe.db.sql

	def read_only(query, *args, **kwargs):
		if str(query).strip().lower().startswith("insert") and "tabExport" in str(query):
			raise frappe.db.InternalError("the database is read-only")
		return execute(query, *args, **kwargs)

	monkeypatch.setattr(frappe.db, "sql", read_only)
	assert_nothing_left(export_customers(), secret)


def test_another_apps_failing_hook_opens_no_gap(monkeypatch, secret):
	response = export_customers_behind_a_failing_hook()
	assert secret in response.get_data(as_text=True)
	assert frappe.get_all("Export Log", filters={"channel": "List Export", "reference_doctype": "Customer"})
	monkeypatch.setattr(entries, "add_at_once", breaking)
	response = export_customers_behind_a_failing_hook()
	assert response.status_code == 503
	assert secret not in response.get_data(as_text=True)


def test_a_bug_in_counting_reads_fails_no_small_request(monkeypatch, secret):
	monkeypatch.setattr(bulk_reads, "reads_of", breaking)
	response = requests.get("frappe.client.get_list", doctype="Customer", limit_page_length="5")
	assert response.status_code == 200
	assert json.loads(response.get_data())["message"]


@pytest.mark.parametrize(("rows", "status"), [(1, 503), (1000, 200)])
def test_a_bug_in_counting_reads_keeps_an_answer_in_only_if_enough_was_read_for_an_export(
	monkeypatch, set_bulk_read_rows, secret, rows, status
):
	set_bulk_read_rows(rows)
	monkeypatch.setattr(bulk_reads, "reads_of", breaking)
	monkeypatch.setattr(bulk_reads, "DEFAULT_BULK_READ_ROWS", 1)
	response = requests.get("frappe.client.get_list", doctype="Customer", limit_page_length="0")
	assert response.status_code == status


def test_redis_gone_fails_no_request(monkeypatch):
	from redis.exceptions import ConnectionError

	def gone(*args, **kwargs):
		raise ConnectionError("Redis is gone")

	make_customer()
	monkeypatch.setattr(type(frappe.cache), "pipeline", gone)
	response = requests.get("frappe.client.get_list", doctype="Customer", limit_page_length="5")
	assert response.status_code == 200


def test_an_error_page_is_no_export(secret):
	with requests.request("/printview", http_method="GET", doctype="Customer", name=secret):
		response = requests.finish(requests.Response("no", status=403))
	assert response.status_code == 403
	assert not frappe.get_all("Export Log", filters={"channel": "Print", "reference_doctype": "Customer"})
