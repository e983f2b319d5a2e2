"""The plan as a CSV file: out without formulas, in with every bad line named and nothing lost."""

import csv
import io

import frappe
import pytest

from crm_transparency.offboarding import handover_api, plan_spreadsheet
from crm_transparency.transfers.exceptions import ListNotReadable
from tests.handover.leaving import computed, row_of, rows
from tests.people_and_accounts import acting_as, make_customer


@pytest.fixture
def customers(ana):
	return [make_customer(ana) for _number in range(3)]


def written(offboarding) -> list[dict[str, str]]:
	return list(csv.DictReader(io.StringIO(plan_spreadsheet.write(offboarding.name, {}).lstrip("\ufeff"))))


def uploaded(text: str) -> str:
	file = frappe.get_doc(doctype="File", file_name="plan.csv", content=text, is_private=1).insert()
	return file.file_url


def upload(offboarding, by: str, lines: list[str], dry_run: bool = False) -> dict:
	with acting_as(by):
		return handover_api.upload(offboarding.name, uploaded("\n".join(lines)), dry_run)


def test_what_goes_out_comes_in_again(offboarding, customers, ben, hanna):
	computed(offboarding)
	table = written(offboarding)
	assert {line["ID"] for line in table} == {customer.name for customer in customers}
	for line in table:
		line["Successor"] = ben
		line["Key account"] = "Yes"
	text = io.StringIO()
	writer = csv.DictWriter(text, table[0])
	writer.writeheader()
	writer.writerows(table)
	outcome = upload(offboarding, hanna, text.getvalue().splitlines())
	assert (outcome["lines"], outcome["problems"]) == (3, [])
	assert {(row.successor, row.is_key_account) for row in rows(offboarding).values()} == {(ben, 1)}


def test_a_trial_changes_nothing(offboarding, customers, ben, hanna):
	computed(offboarding)
	before = rows(offboarding)
	lines = ["Document type,ID,Successor", f"Customer,{customers[0].name},{ben}"]
	outcome = upload(offboarding, hanna, lines, dry_run=True)
	expected = int(before[customers[0].name].successor != ben)
	assert (outcome["changes"], outcome["changed"]) == (expected, 0)
	assert rows(offboarding) == before


def test_bad_lines_are_named_and_the_others_count(offboarding, customers, ana, ben, hanna):
	computed(offboarding)
	first, second, third = (customer.name for customer in customers)
	lines = [
		"Document type;ID;Successor;Key account",
		f"Customer;{first};{ben};yes",
		"Customer;No such customer;;",
		f"Customer;{second};nobody@example.com;",
		f"Customer;{second};{ana};",
		f"Customer;{first};{ben};no",
		f"Customer;{third};;perhaps",
	]
	outcome = upload(offboarding, hanna, lines)
	assert [problem["line"] for problem in outcome["problems"]] == [3, 4, 5, 6, 7]
	assert outcome["changed"] == 1
	assert row_of(offboarding, customers[0]).is_key_account == 1


def test_a_column_left_out_changes_nothing(offboarding, customers, hanna):
	computed(offboarding)
	before = {name: row.successor for name, row in rows(offboarding).items()}
	upload(offboarding, hanna, ["Document type,ID,Key account", f"Customer,{customers[0].name},Yes"])
	assert {name: row.successor for name, row in rows(offboarding).items()} == before


def test_a_file_without_headings_is_refused(offboarding, customers, hanna):
	computed(offboarding)
	with pytest.raises(ListNotReadable):
		upload(offboarding, hanna, [customers[0].name])


def test_no_cell_is_a_formula(offboarding, ana, hanna):
	customer = make_customer(ana)
	customer.db_set("customer_name", '=HYPERLINK("https://evil.example")')
	computed(offboarding)
	(line,) = written(offboarding)
	assert line["Account name"].startswith("'=")
	for text in ("+1", "-1", "@x", "=x"):
		assert plan_spreadsheet.unguarded(plan_spreadsheet.guarded(text)) == text
	assert plan_spreadsheet.guarded("'tis") == "'tis" == plan_spreadsheet.unguarded("'tis")


def test_other_people_s_files_are_not_read(offboarding, customers, hanna, ben):
	computed(offboarding)
	with acting_as(ben):
		url = uploaded("Document type,ID\n")
	with acting_as(hanna), pytest.raises(frappe.PermissionError):
		handover_api.upload(offboarding.name, url, True)
