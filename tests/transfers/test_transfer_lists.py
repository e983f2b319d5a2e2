"""Transfers from a list: CSV files, and lines pasted or selected."""

import json
import os

import frappe
import pytest

from crm_transparency.transfers import transfer_actions
from crm_transparency.transfers.exceptions import ListNotReadable
from tests.people_and_accounts import make_customer, make_lead
from tests.transfers.transferring import items, make_customers, owner_of, previewed, worked_off


def attach(content: str | bytes, **values) -> str:
	"""Upload a file and return its address."""
	name = f"accounts-{frappe.generate_hash(length=8)}.csv"
	return (
		frappe.get_doc(doctype="File", file_name=name, content=content, is_private=1, **values)
		.insert()
		.file_url
	)


def from_list(text: str, to: str | None = None, **values):
	strategy = "One Successor" if to else "As Listed"
	return previewed(to, source="List", listed_accounts=text, strategy=strategy, **values)


def notes(transfer) -> list[str]:
	return [item.note for item in items(transfer, status="Skipped")]


def test_each_line_names_its_successor(ana, ben, cleo):
	customer, lead = make_customer(account_manager=ana), make_lead(lead_owner=ana)
	text = f"Document type,ID,Successor\nCustomer,{customer.name},{ben}\nLead,{lead.name},{cleo}\n"
	transfer = from_list(text)
	assert [(item.reference_name, item.to_user) for item in items(transfer)] == [
		(customer.name, ben),
		(lead.name, cleo),
	]
	transfer_actions.start(transfer.name)
	worked_off(transfer)
	assert (owner_of(customer), owner_of(lead)) == (ben, cleo)


def test_bad_lines_are_named_and_the_others_are_planned(ana, ben):
	customer, other = make_customers(2, ana)
	text = "\n".join(
		[
			"Document type,ID,Successor",
			f"Customer,{customer.name},{ben}",
			f"Customer,No such customer,{ben}",
			f"Customer,{other.name},nobody@example.com",
			f"Customer,{other.name},",
			f"Sales Invoice,SINV-0001,{ben}",
			f"Customer,,{ben}",
			f",{other.name},{ben}",
			"",
			f"Customer,{customer.name},{ben}",
			f"Customer,{other.name},{ana}",
		]
	)
	transfer = from_list(text)
	assert [item.reference_name for item in items(transfer, status="Pending")] == [customer.name]
	assert notes(transfer) == [
		"Line 3: there is no Customer No such customer.",
		"Line 4: nobody@example.com isn't a user.",
		"Line 5: no successor is named.",
		"Line 6: Sales Invoice isn't a document type whose owners are tracked.",
		"Line 7: no account is named.",
		"Line 8: no document type is given.",
		"Line 10: it is in the list more than once.",
		"Already belongs to Ana.",
	]
	assert {line["label"] for line in json.loads(transfer.plan)["conflicts"]} == set(notes(transfer))


@pytest.mark.parametrize(
	("delimiter", "encoding"), [(",", "utf-8"), (";", "utf-8-sig"), (";", "cp1252"), ("\t", "utf-8")]
)
def test_files_as_spreadsheets_write_them(delimiter, encoding, ana, ben):
	customer = make_customer(account_manager=ana, title="Bücher & Söhne, Köln")
	lines = [
		["id", "anything else", "document_type", "SUCCESSOR"],
		[f'"{customer.name}"', "", "customer", ben.upper()],
	]
	content = "\r\n".join(delimiter.join(line) for line in lines).encode(encoding)
	transfer = previewed(source="List", csv_file=attach(content), strategy="As Listed")
	assert [(item.reference_name, item.to_user) for item in items(transfer)] == [(customer.name, ben)]


def test_names_alone_are_enough_when_the_document_type_is_chosen(ana, ben):
	customers = make_customers(3, ana)
	text = "\n".join(customer.name for customer in customers)
	transfer = from_list(text, to=ben, list_document_type="Customer")
	assert [item.reference_name for item in items(transfer)] == [customer.name for customer in customers]


@pytest.mark.parametrize(
	("text", "sentence"),
	[
		("Colour,Size\nred,7", "name its columns"),
		("ID\nfoo", "Document type"),
		("Document type,ID\nCustomer,foo", "no column"),
		('Document type,ID,Successor\nCustomer,"' + "x" * 200_000, "can't be read"),
		("", "attach a CSV file"),
	],
)
def test_lists_that_are_no_lists_are_refused(text, sentence):
	with pytest.raises(frappe.ValidationError, match=sentence):
		from_list(text)


def test_a_list_may_be_limited_to_one_users_accounts(ana, ben, cleo):
	customer, other = make_customer(account_manager=ana), make_customer(account_manager=ben)
	names = [customer.name, other.name, make_customer().name]
	transfer = from_list("\n".join(["ID", *names]), to=cleo, list_document_type="Customer", from_user=ana)
	assert [item.reference_name for item in items(transfer, status="Pending")] == [customer.name]
	assert notes(transfer) == ["Belongs to Ben, not to Ana.", "Has no owner, so it isn't an account of Ana."]


def test_a_file_that_is_gone_is_said_to_be_gone(ana, ben):
	customer = make_customer(account_manager=ana)
	transfer = previewed(ben, source="List", csv_file=attach(customer.name), list_document_type="Customer")
	file = frappe.get_doc("File", {"file_url": transfer.csv_file})
	os.remove(file.get_full_path())
	frappe.db.savepoint("before_preview")
	with pytest.raises(ListNotReadable, match="gone"):
		transfer_actions.preview(transfer.name)
	frappe.db.rollback(save_point="before_preview")
	frappe.db.delete("File", {"name": file.name})
	with pytest.raises(ListNotReadable, match="gone"):
		transfer_actions.preview(transfer.name)


def test_a_selection_in_a_list_view(ana, ben):
	customers = make_customers(3, ana, title='Harbour "Books", Ltd')
	names = [customer.name for customer in customers[:2]]
	name = transfer_actions.preview_selection("Customer", json.dumps(names), ben)
	transfer = worked_off_after_start(name)
	assert transfer.transferred == 2
	assert [owner_of(customer) for customer in customers] == [ben, ben, ana]


def worked_off_after_start(name: str):
	transfer_actions.start(name)
	return worked_off(frappe.get_doc("Account Transfer", name))


def test_a_list_is_read_page_by_page(ana, ben, monkeypatch):
	from crm_transparency.transfers import chosen_accounts

	monkeypatch.setattr(chosen_accounts, "ACCOUNTS_AT_ONCE", 2)
	customers = make_customers(5, ana)
	names = [customer.name for customer in (*customers, customers[0])]
	transfer = from_list("ID\n" + "\n".join(names), to=ben, list_document_type="Customer")
	assert [item.status for item in items(transfer)] == ["Pending"] * 5 + ["Skipped"]
