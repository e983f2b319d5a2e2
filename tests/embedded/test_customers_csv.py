"""One's own customer list: what is loaded, and what happens to lists that aren't as they should be."""

import codecs
from pathlib import Path

import frappe
import pytest
from frappe.utils.password import check_password

from embedded.demo_data import colleagues, customers
from embedded.demo_data.logins import PASSWORD
from tests.people_and_accounts import make_customer, make_user


@pytest.fixture(autouse=True)
def only_embedded(ground):
	if ground.has_erpnext:
		pytest.skip("customer lists are loaded into the demo of the embedded engine, never into a bench")


@pytest.fixture
def load(tmp_path):
	"""Write a customer list and load it."""

	def load_list(content: str | bytes, name: str = "customers.csv"):
		path = tmp_path / name
		path.write_bytes(content if isinstance(content, bytes) else content.encode())
		return customers.load(path, commit=False)

	return load_list


def customer_names() -> set[str]:
	return set(frappe.get_all("Customer", pluck="name"))


def refusals(report) -> dict[int, str]:
	return {remark.line: remark.reason for remark in report.refused}


# What is loaded.


def test_a_row_becomes_a_customer_with_contact_and_address(load):
	report = load(
		"Company,Contact person,E-Mail,Phone,Street,ZIP,City,Country,Website\n"
		"Pier Nine Books,Ada Moss,ada@pier-nine.example,+44 1632 960001,9 Pier,BS1 4ST,Bristol,UK,"
		"https://pier-nine.example\n"
	)

	assert (report.fatal, report.loaded, report.refused) == (None, 1, [])
	customer = frappe.get_doc("Customer", "Pier Nine Books")
	assert customer.website == "https://pier-nine.example"
	assert customer.email_id == "ada@pier-nine.example"
	contact = frappe.get_doc("Contact", customer.customer_primary_contact)
	assert (contact.first_name, contact.last_name, contact.phone) == ("Ada", "Moss", "+44 1632 960001")
	address = frappe.get_doc("Address", customer.customer_primary_address)
	assert (address.address_line1, address.pincode, address.city) == ("9 Pier", "BS1 4ST", "Bristol")


def test_german_headers_and_country_names_are_understood(load):
	load(
		"Firma;Ansprechpartner;E_Mail;STRASSE;PLZ;Ort;Land;Kundengruppe\n"
		"Möwe Verlag;Jürgen Groß;j@moewe.example;Kai 1;28195;Bremen;Deutschland;Verlage\n"
	)

	customer = frappe.get_doc("Customer", "Möwe Verlag")
	assert customer.customer_group == "Verlage"
	assert frappe.db.get_value("Address", customer.customer_primary_address, "country") == "Germany"
	assert frappe.db.get_value("Contact", customer.customer_primary_contact, "last_name") == "Groß"


def test_name_means_the_contact_when_another_column_holds_the_customer(load):
	load("Name,Customer\nAda Moss,Pier Nine Books\n")
	contact = frappe.db.get_value("Customer", "Pier Nine Books", "customer_primary_contact")
	assert frappe.db.get_value("Contact", contact, "full_name") == "Ada Moss"

	load("Name\nPier Ten Books\n")
	assert frappe.db.exists("Customer", "Pier Ten Books")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_commas_semicolons_and_tabs_are_recognised(load, delimiter):
	report = load(f"Company{delimiter}City\nPier Nine Books{delimiter}Bristol\n")

	assert report.loaded == 1
	assert list(report.used_columns) == ["Company", "City"]


@pytest.mark.parametrize(
	"encode",
	[
		lambda text: text.encode(),
		lambda text: codecs.BOM_UTF8 + text.encode(),
		lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
		lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
		lambda text: text.encode("windows-1252"),
	],
	ids=["utf-8", "utf-8 with mark", "utf-16 little", "utf-16 big", "windows-1252"],
)
def test_encodings_are_recognised(load, encode):
	load(encode("Firma;Ort\nCafé Möwe – „Zur Brücke“;Köln\nBäckerei Groß;Düsseldorf\n"))

	assert {"Café Möwe – „Zur Brücke“", "Bäckerei Groß"} <= customer_names()


def test_account_managers_are_found_by_mail_and_by_name_in_either_order(load):
	user = make_user("Nelly")
	frappe.db.set_value("User", user, {"last_name": "Quarrington", "full_name": "Nelly Quarrington"})
	report = load(
		f"Company;Account manager\nOne;{user.upper()}\nTwo;nelly  quarrington\nThree;Quarrington, Nelly\n"
	)

	managers = {
		name: frappe.db.get_value("Customer", name, "account_manager") for name in ("One", "Two", "Three")
	}
	assert managers == {"One": user, "Two": user, "Three": user}
	assert (report.colleagues, report.left_out) == ([], [])


def test_account_managers_who_are_no_users_become_colleagues_who_can_log_in(load):
	report = load(
		"Company;Account manager\n"
		"One;Jürgen Groß\nTwo;Groß, Jürgen\nThree;ada.moss@pier-nine.example\nFour;Ada.Moss@Pier-Nine.example\n"
	)

	juergen, ada = "juergen.gross@harbourpress.example", "ada.moss@pier-nine.example"
	managers = dict(frappe.get_all("Customer", fields=["name", "account_manager"], as_list=True))
	assert [managers[name] for name in ("One", "Two", "Three", "Four")] == [juergen, juergen, ada, ada]
	assert report.colleagues == [f"Jürgen Groß ({juergen})", f"Ada Moss ({ada})"]
	assert f"Jürgen Groß ({juergen})" in str(report)
	for user in (juergen, ada):
		assert check_password(user, PASSWORD) == user
		assert frappe.has_permission("Customer", "write", user=user)


def test_what_names_no_single_person_is_left_out_row_by_row_with_the_reason(load):
	disabled = make_user("Nelly")
	frappe.db.set_value("User", disabled, "enabled", 0)
	users = frappe.db.count("User")
	report = load(
		"Company;Account manager\n"
		f"One;n/a\nTwo;4711\nThree;Ada Moss / Ben Ash\nFour;Ada and Ben\nFive;ada@\nSix;{disabled}\n"
	)

	assert {remark.line: remark.reason.rsplit('" ', 1)[1] for remark in report.left_out} == {
		2: "isn't the name of a person",
		3: "isn't the name of a person",
		4: "are several people, and an account has one account manager",
		5: "are several people, and an account has one account manager",
		6: "isn't an e-mail address",
		7: "is a user who was disabled",
	}
	assert (report.loaded, frappe.db.count("User")) == (6, users)


def test_a_refused_row_leaves_no_colleague_behind_and_the_next_row_makes_one(load):
	report = load(
		"Company,Account manager,Street,City,Country\n"
		"One,Ada Moss,1 Pier,Bristol,Atlantis\nTwo,Ada Moss,1 Pier,Bristol,UK\n"
	)

	assert set(refusals(report)) == {2}
	assert report.colleagues == ["Ada Moss (ada.moss@harbourpress.example)"]


def test_a_column_full_of_names_makes_a_limited_number_of_colleagues(load, monkeypatch):
	monkeypatch.setattr(colleagues, "MOST_HIRED", 2)
	report = load("Company,Owner\nOne,Ada Moss\nTwo,Ben Ash\nThree,Cy Elm\nFour,Ada Moss\n")

	assert len(report.colleagues) == 2
	assert [(remark.line, remark.reason) for remark in report.left_out] == [
		(4, 'the account manager: "Cy Elm" isn\'t a user here, and the list named 2 others already')
	]


def test_a_loaded_account_manager_is_in_the_ledger_as_assigned_by_data_import(load):
	user = make_user("Nelly")
	load(f"Company,Owner\nPier Nine Books,{user}\n")

	entries = frappe.get_all(
		"Account Owner Change", {"reference_name": "Pier Nine Books"}, ["kind", "source", "new_owner"]
	)
	assert entries == [{"kind": "Assigned", "source": "Data Import", "new_owner": user}]


def test_columns_that_nobody_knows_are_named(load):
	report = load("Company,Turnover 2023,Shoe size,\nPier Nine Books,1,2,\n")

	assert report.unused_columns == ["Turnover 2023", "Shoe size"]
	assert "Turnover 2023" in str(report)


def test_territories_that_are_missing_are_made_and_named(load):
	report = load("Company,Region\nOne,Harbour Side\nTwo,harbour  side\n")

	assert report.created == {"Territory": ["Harbour Side"]}
	assert frappe.db.get_value("Customer", "Two", "territory") == "Harbour Side"


# Rows that are refused, one by one.


def test_formulas_are_refused_with_line_and_column_and_phone_numbers_are_not(load):
	before = customer_names()
	report = load(
		"Company,City,Phone\n"
		'=HYPERLINK("http://x.example"),Bristol,\n'
		"Two,@SUM(1+1),\n"
		"Three,+1+1,\n"
		"Four,-2+3,\n"
		"Five,Bristol,+44 1632 960001\n"
		"Six,Bristol,=1+1\n"
		"Seven,-,-\n"
		"\u200b=Eight,Bristol,\n"
	)

	assert set(refusals(report)) == {2, 3, 4, 5, 7, 9}
	assert '"Company" starts with "=" like a formula' in refusals(report)[2]
	assert '"City" starts with "@" like a formula' in refusals(report)[3]
	assert customer_names() - before == {"Five", "Seven"}


def test_duplicates_within_the_list_are_refused_with_both_lines(load):
	report = load("Company\nPier Nine Books\nOther\nPIER  nine books\n")

	assert report.loaded == 2
	assert refusals(report) == {4: "Lines 2 and 4 name the same customer; line 2 was loaded"}


def test_customers_that_are_in_the_crm_already_are_refused(load):
	existing = make_customer(title="Pier Nine Books").customer_name
	report = load(f"Company\n{existing.upper()}\n")

	assert refusals(report) == {2: f'"{existing}" is in the CRM already'}


def test_a_row_whose_first_namesake_was_refused_is_loaded(load):
	report = load("Company,E-mail\nPier Nine Books,nonsense\nPier Nine Books,ada@pier-nine.example\n")

	assert set(refusals(report)) == {2}
	assert report.loaded == 1


def test_bad_mail_addresses_phone_numbers_and_countries_are_refused(load):
	report = load(
		"Company,E-mail,Phone,Street,City,Country\n"
		"One,ada-at-pier.example,,,,\n"
		"Two,ada@pier.example; bob@,,,,\n"
		"Three,,call me,,,\n"
		"Four,,,1 Pier,Bristol,Atlantis\n"
		'Five,"ada@pier.example; bob@pier.example",0421/960,1 Pier,Bristol,UK\n'
	)

	assert refusals(report) == {
		2: '"E-mail" isn\'t an e-mail address: ada-at-pier.example',
		3: '"E-mail" isn\'t an e-mail address: bob@',
		4: '"Phone" isn\'t a phone number: call me',
		5: 'There is no country called "Atlantis"',
	}
	assert report.loaded == 1


def test_a_refused_row_leaves_nothing_behind(load):
	territories, contacts = frappe.db.count("Territory"), frappe.db.count("Contact")
	report = load(
		"Company,Contact,Region,Street,City,Country\n"
		"Pier Nine Books,Ada Moss,Harbour Side,1 Pier,Bristol,Atlantis\n"
	)

	assert report.loaded == 0
	assert report.created == {}
	assert not frappe.db.exists("Customer", "Pier Nine Books")
	assert (frappe.db.count("Territory"), frappe.db.count("Contact")) == (territories, contacts)


def test_rows_without_a_name_with_too_many_cells_or_too_long_names_are_refused(load):
	report = load(f"Company,City\n,Bristol\nTwo,Bristol,surplus\n{'x' * 200},Bristol\nFour,Bristol,,\n\n,\n")

	assert set(refusals(report)) == {2, 3, 4}
	assert refusals(report)[2] == "The customer has no name"
	assert "3 cells and the header 2" in refusals(report)[3]
	assert '"Company" has 200 characters' in refusals(report)[4]
	assert report.loaded == 1


def test_text_after_a_quotation_refuses_that_row_only(load):
	report = load('Company,City\n"Pier" Nine,Bristol\nPier Ten,Bristol\n')

	assert "Quotation marks in a text are doubled" in refusals(report)[2]
	assert report.loaded == 1


def test_lines_are_counted_as_an_editor_counts_them(load):
	report = load('Company,City\n\n"Two\nlines",Bristol\nFour,=1\n')

	assert set(refusals(report)) == {5}


def test_what_an_address_lacks_is_said_and_the_rest_is_kept(load):
	report = load(
		"Company,Street,City,State,Country\n"
		"One,,Bristol,,\nTwo,1 Pier,,,\nThree,,,,Germany\nFour,,,Bavaria,\nFive,1 Pier,Bristol,,\n"
	)

	def address(customer):
		name = frappe.db.get_value("Customer", customer, "customer_primary_address")
		return frappe.db.get_value("Address", name, ["address_line1", "city", "state", "country"])

	home = frappe.db.get_single_value("System Settings", "country")
	assert address("One") == ("Not known", "Bristol", "", home)
	assert address("Two") == ("1 Pier", "Not known", "", home)
	assert address("Three") == ("Not known", "Not known", "", "Germany")
	assert address("Four") == ("Not known", "Not known", "Bavaria", home)
	assert "the address has no street: line 2" in str(report)
	assert "the address has no city: line 3" in str(report)
	assert "the address has no street and no city: lines 4, 5" in str(report)


# Files that are refused whole.


@pytest.mark.parametrize(
	("content", "message"),
	[
		(b"", "The file is empty."),
		(b" \n\n", "The file is empty."),
		(b"Company,City\n", "and no customer below it."),
		(b"Company,City\n,\n  ,\n", "and no customer below it."),
		("Turnover,Shoe size\n1,2\n", "The columns found are: Turnover, Shoe size."),
		("Company,City\nOne,Bristol\n" + "a" * 10_000_000, "Line 3 has 10,000,000 characters"),
		("Company," * 1_300_000, "Line 1 has 10,400,000 characters"),
		(
			'Company,City\nOne,Bristol\nTwo,"Bristol\nThree,Bristol\n',
			'A quotation mark (") that opens in line 3',
		),
		(
			'Company,City\nOne,"Bristol\n' + "Two,Bristol\n" * 20_000,
			'A quotation mark (") that opens in line 2',
		),
		(
			"名前,Company\n東京,株式会社\n".encode("shift_jis"),
			"This isn't a text in UTF-8, UTF-16 or Windows-1252.",
		),
		("Company\nМосква\n".encode("windows-1251"), "This isn't a text in UTF-8, UTF-16 or Windows-1252."),
		("Company\nKöln\n".encode("utf-16-le"), "This isn't a text in UTF-8, UTF-16 or Windows-1252."),
		(codecs.BOM_UTF16_LE + "Company\nOne".encode("utf-16-le") + b"\x00", "The text is damaged"),
		("Company\nMöwe\nGroß".encode() + b"\xff\n", "a character in line 3 is damaged"),
		(b"PK\x03\x04rest of a workbook", "This is an Excel workbook or a zip file, not a text file."),
		(b"\x89PNG\r\n\x1a\n\x00\x00\x00", "This isn't a text in UTF-8, UTF-16 or Windows-1252."),
	],
	ids=[
		"empty",
		"blank",
		"header only",
		"header and blank rows",
		"no customer column",
		"endless line",
		"endless header",
		"unclosed quotation",
		"unclosed quotation in a long list",
		"shift-jis",
		"cyrillic",
		"utf-16 without mark",
		"cut utf-16",
		"damaged utf-8",
		"excel",
		"picture",
	],
)
def test_what_is_no_customer_list_loads_nothing_and_says_why(load, content, message):
	before = customer_names()
	report = load(content)

	assert message in report.fatal
	assert report.fatal.startswith("customers.csv: ") and report.fatal.endswith("Nothing was loaded.")
	assert str(report) == report.fatal
	assert customer_names() == before


def test_a_missing_file_is_said_to_be_missing():
	assert "No such file" in customers.load("nowhere/customers.csv").fatal


def test_a_folder_is_said_to_be_one(tmp_path):
	assert "This is a folder. Please name a CSV file." in customers.load(tmp_path).fatal


def test_an_error_that_nobody_foresaw_leaves_nothing(load, monkeypatch):
	before = customer_names()
	insert_address = customers.Loading.insert_address
	calls = []

	def break_down(self, *arguments):
		calls.append(arguments)
		if len(calls) == 2:
			raise RuntimeError("the disk is full")
		return insert_address(self, *arguments)

	monkeypatch.setattr(customers.Loading, "insert_address", break_down)
	with pytest.raises(RuntimeError):
		load("Company\nOne\nTwo\n")

	assert customer_names() == before
	assert not frappe.flags.in_import


# The report.


def test_a_long_report_shows_fifty_lines_and_keeps_all_in_a_file_beside_the_list(load, tmp_path):
	report = load("Company,E-mail\n" + "".join(f"Customer {number},nonsense\n" for number in range(120)))

	shown = str(report).splitlines()
	assert len(shown) < 60
	assert "customers.load-report.txt" in shown[-1]
	written = Path(tmp_path, "customers.load-report.txt").read_text(encoding="utf-8")
	assert written.count("isn't an e-mail address") == 120


def test_a_short_report_writes_no_file(load, tmp_path):
	load("Company,E-mail\nOne,nonsense\n")

	assert [path.name for path in tmp_path.iterdir()] == ["customers.csv"]
