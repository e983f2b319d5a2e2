"""System Managers, sales managers and HR try to find out about sightings, by every way that Frappe has."""

import json

import frappe
import frappe.client
import pytest
from frappe.desk import reportview, search

from crm_transparency.crm_transparency.overrides import lookups
from crm_transparency.ringers import case_evidence, cases, documents, drill
from crm_transparency.ringers.documents import CASE, SIGHTING
from tests.people_and_accounts import acting_as, make_user
from tests.ringers.watched import cases_of, look, mail, make_reader, plant, receive, sightings

pytestmark = pytest.mark.usefixtures("evidence_goes")

OPEN_TO_ROLES = [
	name for name in documents.ALL if name not in (documents.CASE_SIGHTING, documents.WEBHOOK_SETTINGS)
]


@pytest.fixture
def rung():
	marina = plant()
	receive(mail(marina.email))
	look()
	(sighting,) = sightings(marina.ringer)
	(case,) = cases_of(marina.ringer)
	return frappe._dict(ringer=marina, sighting=sighting, case=case)


@pytest.fixture(params=["System Manager", "Transparency Manager", "HR Manager"])
def outsider(request):
	return make_user("Otto", request.param, "Sales User")


@pytest.fixture
def with_permissions():
	"""A System Manager who gave his role everything."""
	for doctype in OPEN_TO_ROLES:
		rights = (
			"read",
			"write",
			"create",
			"delete",
			"report",
			"export",
			"print",
			"email",
			"share",
			"select",
		)
		rule = frappe.get_doc(
			doctype="Custom DocPerm",
			parent=doctype,
			role="System Manager",
			permlevel=0,
			**dict.fromkeys(rights, 1),
		)
		rule.set_new_name()
		rule.db_insert()
		frappe.clear_cache(doctype=doctype)
	yield make_user("Sam", "System Manager")
	for doctype in OPEN_TO_ROLES:
		frappe.clear_cache(doctype=doctype)


def test_no_other_role_may_anything(rung, outsider):
	with acting_as(outsider):
		for doctype in documents.ALL:
			assert not frappe.has_permission(doctype, "read")
		for doc in (rung.sighting, rung.case):
			assert not frappe.get_doc(doc.doctype, doc.name).has_permission("read")


def test_lists_counts_and_searches_find_nothing_whatever_permissions_are_added(rung, with_permissions):
	with acting_as(with_permissions):
		for doctype in OPEN_TO_ROLES:
			assert frappe.get_list(doctype) == []
			assert frappe.client.get_list(doctype) == []
			assert lookups.get_count(doctype) == 0
			frappe.local.form_dict = frappe._dict(doctype=doctype, fields='["name"]')
			assert not reportview.get()
			frappe.local.form_dict = frappe._dict(
				doctype=doctype, distinct="false", fields="[]", filters="[]"
			)
			assert reportview.get_count() == 0
			assert search.search_link(doctype, "") == []


def test_documents_stay_closed_whatever_permissions_and_shares_are_added(rung, with_permissions):
	with pytest.raises((frappe.PermissionError, frappe.ValidationError)):
		frappe.share.add(CASE, rung.case.name, with_permissions, read=1)
	with acting_as(with_permissions):
		for doc in (rung.sighting, rung.case):
			with pytest.raises(frappe.PermissionError):
				frappe.client.get(doc.doctype, doc.name)
			assert "rival" not in frappe.as_json(frappe.get_doc(doc.doctype, doc.name))


def test_nothing_is_linked_to_them(rung):
	for doc in (rung.sighting, rung.case):
		with pytest.raises((frappe.PermissionError, frappe.ValidationError)):
			frappe.get_doc(doc.doctype, doc.name).add_comment("Comment", "Marina rang")
		with pytest.raises((frappe.PermissionError, frappe.ValidationError)):
			frappe.get_doc(
				doctype="File",
				file_name="x.txt",
				content="x",
				attached_to_doctype=doc.doctype,
				attached_to_name=doc.name,
			).insert()


def test_what_frappe_writes_down_says_nothing(rung):
	for doctype in (
		"Version",
		"Error Log",
		"Email Queue",
		"Deleted Document",
		"Comment",
		"Activity Log",
		"View Log",
	):
		for row in frappe.get_all(doctype, fields=["*"]):
			text = frappe.as_json(row)
			assert rung.ringer.ringer not in text
			assert rung.case.name not in text
	searched = frappe.db.sql("select doctype from `__global_search` where doctype like 'Ringer%'")
	assert not searched


def test_methods_are_for_ringer_managers(rung, outsider):
	with acting_as(outsider):
		for call in (
			lambda: cases.add_note(rung.case.name, "x"),
			lambda: cases.recalculate(rung.case.name),
			lambda: cases.promote(rung.sighting.name),
			lambda: cases.senders_of(json.dumps([rung.case.name])),
			lambda: cases.senders_of_sightings(json.dumps([rung.sighting.name])),
			lambda: drill.simulate_leak(),
			lambda: case_evidence.download(rung.sighting.name, 0),
		):
			with pytest.raises(frappe.PermissionError):
				call()


def test_a_ringer_manager_reads_settles_and_notes(rung):
	with acting_as(make_reader()):
		case = frappe.get_doc(CASE, rung.case.name)
		case.check_permission("write")
		case.status = "In Review"
		case.title = "forged"
		case.ranking = "{}"
		case.save()
		cases.add_note(case.name, "I <b>called</b> them")
		case.reload()
	assert case.title != "forged"
	assert json.loads(case.ranking)
	events = json.loads(case.timeline)
	assert [event["kind"] for event in events] == ["Sighting", "Comparison", "Status", "Note"]
	assert events[-1]["text"] == "I called them"
	assert events[-1]["by"].startswith("rita")


def test_nobody_alters_a_sighting(rung):
	with acting_as(make_reader()):
		sighting = frappe.get_doc(SIGHTING, rung.sighting.name)
		with pytest.raises((frappe.PermissionError, frappe.ValidationError)):
			sighting.save()
	with pytest.raises(frappe.ValidationError):
		rung.sighting.db_set("verdict", "Noise")
	with pytest.raises(frappe.ValidationError):
		rung.sighting.delete()


def test_the_downloaded_evidence_is_what_came_and_who_took_it_is_noted(rung):
	with acting_as(make_reader()):
		case_evidence.download(rung.sighting.name, 0)
	assert frappe.response["type"] == "download"
	assert b"rival.example" in frappe.response["filecontent"]
	case = frappe.get_doc(CASE, rung.case.name)
	assert json.loads(case.timeline)[-1]["kind"] == "Evidence"
	frappe.local.response = frappe._dict(docs=[])
