"""Reports about exports and system events over HTTP, and what an export in the background is for."""

import json
import secrets
import time

import pytest

from tests.http.client import JOB_SECONDS, checked
from tests.http.test_exports import count, export_list, latest
from tests.http.test_reports import RUN, run

pytestmark = pytest.mark.http

PAGE = "crm_transparency.export_audit.export_desk.read_manifest_page"


@pytest.fixture
def exported(administrator, managers_customer):
	export_list(administrator, selected_items=json.dumps([managers_customer]))
	return managers_customer, latest(administrator, channel="List Export")["name"]


def wait_for_purpose(client, purpose):
	deadline = time.monotonic() + JOB_SECONDS
	while time.monotonic() < deadline:
		if entries := client.get_list("Export Log", fields=["*"], filters={"purpose": purpose}):
			return entries
		time.sleep(0.5)
	raise AssertionError("nothing was recorded")


@pytest.mark.parametrize("what", ["list", "report"])
def test_what_an_export_in_the_background_is_for_gets_into_the_log(administrator, managers_customer, what):
	import frappe.desk.reportview

	if not hasattr(frappe.desk.reportview, "run_report_view_export_job"):
		pytest.skip("Frappe exports in the background from v16 on")
	before, purpose = count(administrator), f"Christmas cards {secrets.token_hex(4)}"
	if what == "list":
		export_list(administrator, export_in_background=1, transparency_purpose=purpose)
	else:
		checked(
			administrator.call(
				"frappe.desk.query_report.export_query",
				report_name="Account Owner Changes",
				file_format_type="CSV",
				filters={},
				visible_idx=[],
				export_in_background=1,
				transparency_purpose=purpose,
			)
		)
	[entry] = wait_for_purpose(administrator, purpose)
	assert entry["row_count"]
	assert count(administrator) == before + 1


def test_a_rep_finds_own_exports_of_a_record_and_managers_everybodys(rep, hr, exported):
	name, entry = exported
	filters = {"reference_doctype": "Customer", "reference_name": name}
	found = run(hr, "Who Exported This Record", **filters)["result"]
	assert entry in {row["name"] for row in found}
	found = run(rep, "Who Exported This Record", **filters)
	assert entry not in {row["name"] for row in found["result"]}
	assert "your own exports" in found["message"]


def test_a_colleague_cannot_page_through_a_manifest(rep, hr, exported):
	name, entry = exported
	page = checked(hr.call(PAGE, "GET", export_log=entry))["message"]
	assert page == {"total": 1, "records": [["Customer", name]]}
	assert rep.call(PAGE, "GET", export_log=entry).status_code == 403
	assert hr.call(PAGE, "POST", export_log=entry).status_code == 403
	assert hr.call(PAGE, "GET", export_log="none").status_code == 404


def test_nobody_gets_somebody_elses_events_or_reading(rep, hr, manager):
	for report, filters in (
		("System Events", {"user": manager.user}),
		("Read Volume", {"person": manager.user}),
	):
		assert rep.call(RUN, "GET", report_name=report, filters=json.dumps(filters)).status_code == 403
		run(hr, report, **filters)
	assert {row["user"] for row in rep.get_list("Read Volume", fields=["user"])} <= {rep.user}


def test_people_are_told_of_their_own_details_on_the_form_only(rep, managers_customer):
	address = f"{rep.address}/printview"
	page = rep.session.get(address, params={"doctype": "Customer", "name": managers_customer}, timeout=60)
	assert page.ok
	entry = latest(rep, channel="Print", user=rep.user)
	form = checked(rep.call("frappe.desk.form.load.getdoc", "GET", doctype="Export Log", name=entry["name"]))
	assert form["docs"][0]["__onload"]["details"]["ip_address"] == "127.0.0.1"
	assert run(rep, "My Exports")["result"][0]["ip_address"] == "127.0.0.1"


def test_a_colleague_gets_no_details_with_the_form(rep, exported):
	_name, entry = exported
	form = checked(rep.call("frappe.desk.form.load.getdoc", "GET", doctype="Export Log", name=entry))
	document = form["docs"][0]
	assert "details" not in (document.get("__onload") or {})
	assert not document.get("ip_address") and not document.get("filters")


def test_the_notice_is_read_before_an_export(rep):
	sentences = checked(rep.call("crm_transparency.export_audit.export_desk.read_export_notice", "GET"))[
		"message"
	]
	assert "will be recorded" in sentences[0] and "Colleagues can see" in sentences[1]
