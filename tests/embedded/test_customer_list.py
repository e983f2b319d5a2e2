"""One's own customer list: what is loaded, and what happens to rows and lists that aren't as they should be."""

import codecs

import frappe
import pytest
from frappe.utils.password import check_password

from tests.people_and_accounts import make_customer, make_user


@pytest.fixture
def load(ground, tmp_path):
	"""Write a customer list and load it."""
	from embedded.demo_data import customer_list

	def load_list(content: str | bytes):
		path = tmp_path / "customers.csv"
		path.write_bytes(content if isinstance(content, bytes) else content.encode())
		return customer_list.load(path)

	return load_list


def test_a_row_becomes_a_customer_with_contact_and_address(load):
	report = load(
		"Company,Contact person,E-Mail,Phone,Street,ZIP,City,Country,Shoe size\n"
		"Pier Nine Books,Ada Moss,ada@pier-nine.example,+44 1632 960001,9 Pier,BS1 4ST,Bristol,UK,41\n"
	)

	assert (report.loaded, report.refused) == (1, {})
	assert "Shoe size (not used)" in str(report)
	customer = frappe.get_doc("Customer", "Pier Nine Books")
	assert customer.email_id == "ada@pier-nine.example"
	contact = frappe.get_doc("Contact", customer.customer_primary_contact)
	assert (contact.first_name, contact.last_name, contact.phone) == ("Ada", "Moss", "+44 1632 960001")
	address = frappe.get_doc("Address", customer.customer_primary_address)
	assert (address.address_line1, address.pincode, address.city) == ("9 Pier", "BS1 4ST", "Bristol")


@pytest.mark.parametrize(
	"encode",
	[
		lambda text: codecs.BOM_UTF8 + text.encode(),
		lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
		lambda text: text.encode("windows-1252"),
	],
	ids=["utf-8", "utf-16", "windows-1252"],
)
def test_german_lists_are_understood_in_the_usual_encodings(load, encode):
	load(
		encode(
			"Firma;Ansprechpartner;E_Mail;STRASSE;PLZ;Ort;Land;Kundengruppe;Marktsegment\n"
			"Möwe Verlag;Jürgen Groß;j@moewe.example;Kai 1;28195;Bremen;Deutschland;Verlage;Norden\n"
		)
	)

	customer = frappe.get_doc("Customer", "Möwe Verlag")
	assert (customer.customer_group, customer.market_segment) == ("Verlage", "Norden")
	assert frappe.db.get_value("Address", customer.customer_primary_address, "country") == "Germany"
	assert frappe.db.get_value("Contact", customer.customer_primary_contact, "last_name") == "Groß"


def test_account_managers_are_found_or_become_colleagues_who_can_log_in(load):
	known, disabled = make_user("Nelly"), make_user("Ned")
	frappe.db.set_value("User", known, {"last_name": "Quarrington", "full_name": "Nelly Quarrington"})
	frappe.db.set_value("User", disabled, "enabled", 0)
	report = load(
		f"Company;Account manager\nOne;{known.upper()}\nTwo;Quarrington, Nelly\nThree;Jürgen Groß\n"
		f"Four;Groß, Jürgen\nFive;Ada and Ben\nSix;n/a\nSeven;{disabled}\n"
	)

	managers = dict(frappe.get_all("Customer", fields=["name", "account_manager"], as_list=True))
	juergen = "juergen.gross@harbourpress.example"
	assert [managers[name] for name in ("One", "Two", "Three", "Four")] == [known, known, juergen, juergen]
	assert report.created["User"] == [juergen]
	assert check_password(juergen, "transparency") == juergen
	assert [managers[name] for name in ("Five", "Six", "Seven")] == [None, None, None]
	assert sorted(report.missing) == [6, 7, 8]
	entries = frappe.get_all(
		"Account Owner Change", {"reference_name": "One"}, ["kind", "source", "new_owner"]
	)
	assert entries == [{"kind": "Assigned", "source": "Data Import", "new_owner": known}]


def test_rows_that_cannot_be_loaded_are_listed_with_the_reason_and_leave_nothing(load):
	make_customer(title="Old Pier Books")
	existing = frappe.get_last_doc("Customer").customer_name
	territories = frappe.db.count("Territory")
	report = load(
		"Company,E-mail,Phone,Region,Street,City,Country\n"
		'=HYPERLINK("http://x.example"),,,,,,\n'
		f"{existing.upper()},,,,,,\n"
		",,,,,Bristol,\n"
		"Six,,+44 1632 960001,,,Bristol,\n"
		"SIX,,,,,,\n"
		'"Eight" Pier,,,,,,\n'
	)

	assert (report.loaded, sorted(report.refused)) == (1, [2, 3, 4, 6, 7])
	shown = str(report)
	assert "like a formula" in report.refused[2] and "in the CRM already" in report.refused[3]
	assert "in line 5 already" in shown
	assert report.missing == {5: ["the address has no street"]}
	assert frappe.db.count("Territory") == territories


def test_a_customer_is_loaded_without_what_cannot_be_used_which_is_listed_in_full(load):
	phone = "please call the head office first and they will put you through to the right person"
	report = load(
		"Company,E-mail,Phone,Region,Street,City,Country\n"
		f"Three,nonsense ada@three.example,{phone},,,,\n"
		"Four,,,=Harbour,1 Pier,Bristol,Atlantis\n"
		f"{'Five' * 20},,,,{'1 Pier ' * 60},Bristol,UK\n"
	)

	assert (report.loaded, report.refused) == (3, {})
	assert [len(report.missing[line]) for line in (2, 3)] == [2, 2]
	three = frappe.get_doc("Customer", "Three")
	assert (three.email_id, three.mobile_no or "") == ("ada@three.example", "")
	assert not frappe.get_doc("Customer", "Four").customer_primary_address
	shown = str(report)
	assert f"isn't a phone number: {phone}" in shown and "isn't an email address: nonsense" in shown
	assert 'no country called "Atlantis"' in shown and "like a formula: =Harbour" in shown


@pytest.mark.parametrize(
	("content", "message"),
	[
		(b" \n\n", "The file is empty."),
		(b"Company,City\n", "and no customer below it."),
		(b"Turnover,Shoe size\n1,2\n", "The columns found are: Turnover, Shoe size."),
		(b'Company,City\nOne,"Bristol\nTwo,Bristol\n', "Line 2 can't be read"),
		(b"PK\x03\x04rest of a workbook\x00", "This isn't a text"),
	],
)
def test_what_is_no_customer_list_is_refused_whole(load, content, message):
	from embedded.demo_data.customer_list import CustomerFileError

	with pytest.raises(CustomerFileError) as refused:
		load(content)
	assert message in str(refused.value)
