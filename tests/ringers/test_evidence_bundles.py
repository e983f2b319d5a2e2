"""An evidence bundle about somebody holds the cases that their exports are consistent with, for Ringer Managers only."""

import io
import json
import zipfile

import frappe
import pytest
from frappe.utils import add_days, today

from crm_transparency.crm_transparency.period import Period
from crm_transparency.export_audit import evidence as bundles
from crm_transparency.ringers import case_evidence
from tests.people_and_accounts import acting_as, make_user
from tests.ringers.watched import cases_of, export_of, index_exports, look, mail, plant, receive

pytestmark = pytest.mark.usefixtures("evidence_goes")


def period() -> Period:
	return Period.of_days(add_days(None, -1), today())


@pytest.fixture
def ada():
	ada, marina = make_user("Ada"), plant()
	export_of(ada, marina.contact)
	index_exports()
	receive(mail(marina.email))
	look()
	(case,) = cases_of(marina.ringer)
	return frappe._dict(user=ada, case=case.name, email=marina.email)


def test_the_case_and_the_mail_are_among_the_files(ada):
	files = list(case_evidence.of_person(ada.user, period(), "Administrator"))
	names = [file.name for file in files]
	assert f"ringers/{ada.case}/case.json" in names
	assert any(name.endswith(".eml") for name in names)
	assert {file.only_for_role for file in files} == {"Ringer Manager"}
	case = json.loads(next(file.content for file in files if file.name.endswith("case.json")))
	assert case["sightings"][0]["sender"] == "sales@rival.example"


def test_of_somebody_else_there_is_nothing(ada):
	assert not list(case_evidence.of_person(make_user("Bo"), period(), "Administrator"))


@pytest.mark.parametrize("role", ["HR Manager", "System Manager", "Transparency Manager"])
def test_for_others_there_is_nothing(ada, role):
	assert not list(case_evidence.of_person(ada.user, period(), make_user("Hanna", role)))


@pytest.mark.parametrize(
	("roles", "has_case"), [(("HR Manager",), False), (("HR Manager", "Ringer Manager"), True)]
)
def test_a_bundle_with_it_is_read_by_ringer_managers_only(ada, monkeypatch, tmp_path, roles, has_case):
	kept = {}
	monkeypatch.setattr(
		bundles,
		"attach",
		lambda asked, path: kept.update(content=path.read_bytes()) or "/private/files/x.zip",
	)
	hanna = make_user("Hanna", *roles)
	with acting_as(hanna):
		name = bundles.ask_for(ada.user, add_days(None, -1), today())
		bundles.make(frappe.get_doc(bundles.DOCTYPE, name), {}, None)
	names = zipfile.ZipFile(io.BytesIO(kept["content"])).namelist()
	assert any("case.json" in name for name in names) == has_case
	bundle = frappe.get_doc(bundles.DOCTYPE, name)
	assert bool(bundle.only_for_role) == has_case
	other = make_user("Oda", "HR Manager")
	with acting_as(other):
		assert bundle.has_permission("read") == (not has_case)
		assert (name in frappe.get_list(bundles.DOCTYPE, pluck="name")) == (not has_case)
