"""Finding ringers by address, number and record, and what the table gives away without the site's key."""

import frappe
import pytest

from crm_transparency.ringers import fingerprints, identities
from tests.people_and_accounts import acting_as, make_user

EMAIL = "anna.keller@quiet-harbour.example"
PHONE = "+44 7700 900123"


@pytest.fixture
def ringer():
	return frappe.get_doc(
		doctype="Ringer",
		status="Planted",
		planted_on="2026-11-24",
		full_name="Anna Keller",
		contact="Anna Keller-Harbour Books",
		party_type="Customer",
		party="Keller Lettering",
		address="Keller Lettering-Billing",
		email=EMAIL,
		phone=PHONE,
		story="Anna letters maps in Whitby.",
		watched_by="Grandma Rose",
	).insert()


@pytest.mark.parametrize(
	"written",
	[
		EMAIL,
		EMAIL.upper(),
		f'"Keller, Anna" <{EMAIL}>',
		"anna.keller+news@quiet-harbour.example",
		"anna.keller+news+2026@Quiet-Harbour.example",
		f" {EMAIL} ",
	],
)
def test_an_address_is_found_however_it_is_written(ringer, written):
	assert identities.by_email(written) == [ringer.name]


def test_of_addresses_with_a_tag_each_is_a_ringer_of_its_own():
	names = {}
	for tag in ("ada", "ben"):
		address = f"post+{tag}@quiet-harbour.example"
		names[tag] = frappe.get_doc(doctype="Ringer", status="Planted", email=address).insert().name
	assert identities.by_email("post+ada@quiet-harbour.example") == [names["ada"]]
	assert identities.by_email("post+ben+news@quiet-harbour.example") == [names["ben"]]
	assert identities.by_email("post@quiet-harbour.example") == []


@pytest.mark.parametrize(
	"written", [None, "", "@", "anna", "a@b@c", "\x00@\ud800", "x" * 5000, "+@+", "a@" + "é" * 300]
)
def test_what_is_no_address_finds_nothing(ringer, written):
	assert identities.by_email(written) == []
	assert identities.by_phone(written) == []


@pytest.mark.parametrize(
	"written", ["+447700900123", "0044 7700 900123", "07700 900 123", "tel:+44-7700-900123"]
)
def test_a_number_is_found_however_it_is_written(ringer, written, monkeypatch):
	monkeypatch.setattr(fingerprints, "home_region", lambda: "GB")
	assert identities.by_phone(written) == [ringer.name]


def test_records_are_found_by_name(ringer):
	assert identities.of_record("Contact", "Anna Keller-Harbour Books") == ringer.name
	assert identities.of_record("Customer", "Keller Lettering") == ringer.name
	assert identities.of_record("Address", "Keller Lettering-Billing") == ringer.name
	assert identities.of_record("Lead", "Keller Lettering") is None
	assert identities.of_record("User", "Administrator") is None


def test_a_ringer_in_clear(ringer):
	identity = identities.contact_of(ringer.name)
	assert (identity.email, identity.phone, identity.full_name) == (EMAIL, PHONE, "Anna Keller")
	assert identity.records == (
		("Contact", "Anna Keller-Harbour Books"),
		("Customer", "Keller Lettering"),
		("Address", "Keller Lettering-Billing"),
	)


def test_the_app_reads_ringers_in_the_session_of_a_rep_too(ringer):
	"""Mails are matched in whatever session brings them."""
	with acting_as(make_user("Ben")):
		assert identities.by_email(EMAIL) == [ringer.name]
		assert identities.contact_of(ringer.name).email == EMAIL


def test_planned_ringers_do_not_ring_retired_and_lost_ones_do(ringer):
	for status, rings in (("Planned", False), ("Planted", True), ("Retired", True), ("Lost", True)):
		ringer.status = status
		ringer.save()
		assert bool(identities.by_email(EMAIL)) is rings
		assert (ringer.name in identities.active()) is (status == "Planted")


def test_the_table_holds_nothing_but_cipher_and_fingerprints(ringer):
	[row] = frappe.db.sql("select * from `tabRinger` where name = %s", ringer.name, as_dict=True)
	told = {field: value for field, value in row.items() if value and not str(value).startswith("sealed:")}
	assert all(len(told.pop(field)) == 64 for field in list(told) if field.endswith("_fingerprint"))
	assert told.pop("name") == ringer.name
	assert str(told.pop("creation")) == str(told.pop("modified")), "and the first of the month at midnight"
	assert told == {
		"status": "Planted",
		"planted_as": "Contact",
		"owner": "Administrator",
		"modified_by": "Administrator",
	}


def test_a_date_is_stored_as_text():
	ringer = frappe.get_doc(doctype="Ringer", planted_on=frappe.utils.getdate("2026-01-31")).insert()
	assert frappe.get_doc("Ringer", ringer.name).planted_on == "2026-01-31"
	assert frappe.db.get_value("Ringer", ringer.name, "planted_on").startswith("sealed:")


def test_a_fingerprint_needs_the_sites_key(ringer, monkeypatch):
	before = fingerprints.of_email(EMAIL)
	monkeypatch.setattr(fingerprints, "get_encryption_key", lambda: "another key")
	assert fingerprints.of_email(EMAIL) != before


def test_texts_and_fingerprints_stay_right_when_a_ringer_is_saved_again(ringer):
	document = frappe.get_doc("Ringer", ringer.name)
	document.email = "new.address@quiet-harbour.example"
	document.save()
	document.db_set("phone", "+44 7700 900456")
	assert identities.by_email(EMAIL) == []
	assert identities.by_email("new.address@quiet-harbour.example") == [ringer.name]
	assert identities.by_phone("+44 7700 900456") == [ringer.name]
	assert frappe.db.get_value("Ringer", ringer.name, "phone").startswith("sealed:")
