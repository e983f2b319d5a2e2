"""Each exported file of contacts carries a ringer of its own, and a sighting leads to the file."""

import csv
import io

import frappe
import pytest

from crm_transparency.crm_transparency import report_parts
from crm_transparency.export_audit import exports
from crm_transparency.ringers import export_ringers, fingerprints, identities
from tests.export_audit import requests
from tests.ringers.company import plant_one

SETTINGS = "CRM Transparency Settings"


@pytest.fixture
def traced(patterns, company, monkeypatch):
	frappe.db.set_single_value(SETTINGS, "traceable_exports", 1)
	frappe.clear_document_cache(SETTINGS, SETTINGS)
	yield
	frappe.clear_document_cache(SETTINGS, SETTINGS)


def export(*fields):
	response = requests.get(
		"frappe.desk.reportview.export_query",
		doctype="Contact",
		fields=[f"`tabContact`.`{field}`" for field in fields],
		filters=[],
		file_format_type="CSV",
		title="Contact",
	)
	assert response.status_code == 200, response.get_data(as_text=True)
	return list(csv.DictReader(io.StringIO(response.get_data(as_text=True).lstrip("\ufeff"))))


def test_an_exported_file_leads_back_from_its_ringer(traced):
	rows = export("name", "first_name", "email_id", "mobile_no", "company_name", "owner")
	ringers = {
		row["Email Address"]: ringer for row in rows for ringer in identities.by_email(row["Email Address"])
	}
	[(email, ringer)] = ringers.items()
	assert len(rows) == frappe.db.count("Contact") + 1
	assert not frappe.db.exists("Contact", {"email_id": email})
	identity = identities.contact_of(ringer)
	assert (identity.planted_as, identity.status, identity.records) == ("Export Row", "Planted", ())
	[log] = frappe.get_all("Export Log", filters={"trace": exports.trace_of(ringer)}, pluck="name")
	assert export_ringers.export_of(ringer) == log
	[row] = [row for row in rows if row["Email Address"] == email]
	assert identities.by_phone(row["Mobile No"]) == [ringer]


def test_no_statement_of_the_export_holds_what_identifies_it(traced, monkeypatch):
	"""A System Manager may have the Recorder on while somebody exports."""
	statements, run = [], frappe.db.sql
	monkeypatch.setattr(
		frappe.db,
		"sql",
		lambda *args, **kwargs: [statements.append(str(args) + str(kwargs)), run(*args, **kwargs)][1],
	)
	export("first_name", "email_id")
	monkeypatch.undo()
	[ringer] = frappe.get_all("Ringer", pluck="name")
	identity = identities.contact_of(ringer)
	assert any("tabRinger" in statement for statement in statements)
	assert not [
		statement
		for statement in statements
		if identity.email in statement or identity.full_name in statement
	]


def test_each_file_has_its_own(traced):
	export("first_name", "email_id")
	export("first_name", "email_id")
	assert frappe.db.count("Ringer") == 2


def test_a_file_without_addresses_or_numbers_could_never_ring(traced):
	assert len(export("name", "first_name")) == frappe.db.count("Contact")
	assert frappe.db.count("Ringer") == 0


def test_without_address_patterns_there_is_none(traced):
	frappe.db.delete("Singles", {"doctype": "Ringer Settings"})
	frappe.clear_document_cache("Ringer Settings", "Ringer Settings")
	assert len(export("first_name", "email_id")) == frappe.db.count("Contact")


def test_ringers_stay_out_of_figures(planted):
	assert report_parts.left_out("Contact") == {planted.contact}
	own = plant_one(planted_as="Customer")
	assert report_parts.left_out("Customer") == {dict(own.records)["Customer"]}
	assert report_parts.left_out("Lead") == report_parts.left_out("Opportunity") == frozenset()


def test_nobody_real_has_an_address_or_number_of_a_ringer(planted):
	"""So duplicate detection never pairs them."""
	others = frappe.get_all(
		"Contact", filters={"name": ("!=", planted.contact)}, fields=["email_id", "mobile_no"]
	)
	assert planted.email not in {other.email_id for other in others}
	assert fingerprints.international(planted.phone) not in {
		fingerprints.international(other.mobile_no) for other in others
	}
