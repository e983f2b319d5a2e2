"""Every way in: each change writes exactly one entry that says where it came from."""

import csv
import io

import pytest

from tests.http.client import checked

pytestmark = pytest.mark.http


def the_one_new_entry(client, customer: str) -> dict:
	assigned, *changes = client.history("Customer", customer)
	assert assigned["kind"] == "Assigned"
	assert len(changes) == 1, f"{len(changes)} entries for one change"
	return changes[0]


def test_the_form(rep, managers_customer):
	document = rep.read("Customer", managers_customer)
	document["account_manager"] = rep.user
	checked(rep.call("frappe.desk.form.save.savedocs", doc=document, action="Save"))
	entry = the_one_new_entry(rep, managers_customer)
	assert (entry["source"], entry["kind"], entry["changed_by"]) == ("Form", "Taken Over", rep.user)


def test_the_form_saved_without_a_change(rep, managers_customer):
	document = rep.read("Customer", managers_customer)
	document["website"] = "https://quayside.example"
	checked(rep.call("frappe.desk.form.save.savedocs", doc=document, action="Save"))
	assert len(rep.history("Customer", managers_customer)) == 1


def test_the_rest_api(rep, managers_customer):
	rep.update("Customer", managers_customer, account_manager=rep.user)
	assert the_one_new_entry(rep, managers_customer)["source"] == "API"


def test_a_remote_procedure_call(rep, managers_customer):
	arguments = {
		"doctype": "Customer",
		"name": managers_customer,
		"fieldname": "account_manager",
		"value": rep.user,
	}
	checked(rep.call("frappe.client.set_value", **arguments))
	assert the_one_new_entry(rep, managers_customer)["source"] == "API"


def test_a_click_in_the_desk_that_is_no_form(rep, managers_customer):
	"""The Desk's lists and dialogs save through the same methods as scripts, but name them in a header."""
	response = rep.session.post(
		f"{rep.address}/api/method/frappe.client.set_value",
		data={
			"doctype": "Customer",
			"name": managers_customer,
			"fieldname": "account_manager",
			"value": rep.user,
		},
		headers={"X-Frappe-CMD": "frappe.client.set_value"},
		timeout=60,
	)
	checked(response)
	assert the_one_new_entry(rep, managers_customer)["source"] == "Form"


def test_bulk_edit_in_a_list(rep, managers_customer):
	checked(bulk_edit(rep, [managers_customer]))
	assert the_one_new_entry(rep, managers_customer)["source"] == "Bulk Edit"


def test_bulk_edit_of_many_in_the_background(rep, managers_customer):
	customers = [row["name"] for row in rep.get_list("Customer", limit_page_length=25)]
	checked(bulk_edit(rep, [*customers, managers_customer]))
	_assigned, *changes = rep.wait_for_history("Customer", managers_customer, length=2)
	assert [change["source"] for change in changes] == ["Bulk Edit"]


def test_data_import(administrator, managers_customer):
	file = checked(
		administrator.session.post(
			f"{administrator.address}/api/method/upload_file",
			files={"file": ("customers.csv", as_csv(managers_customer, administrator.user), "text/csv")},
			data={"is_private": 1},
			timeout=60,
		)
	)["message"]
	data_import = administrator.create(
		"Data Import",
		reference_doctype="Customer",
		import_type="Update Existing Records",
		import_file=file["file_url"],
		submit_after_import=0,
	)
	method = "frappe.core.doctype.data_import.data_import.form_start_import"
	checked(administrator.call(method, data_import=data_import["name"]))
	_assigned, *changes = administrator.wait_for_history("Customer", managers_customer, length=2)
	assert [change["source"] for change in changes] == ["Data Import"]


def test_an_error_after_the_change_leaves_neither_change_nor_entry(rep, managers_customer, manager):
	"""The rep saves twice from the same stale form: the second save is refused, and leaves no entry."""
	document = rep.read("Customer", managers_customer)
	rep.update("Customer", managers_customer, website="https://quayside.example")
	document["account_manager"] = rep.user
	assert not rep.call("frappe.desk.form.save.savedocs", doc=document, action="Save").ok
	assert rep.read("Customer", managers_customer)["account_manager"] == manager.user
	assert len(rep.history("Customer", managers_customer)) == 1


def bulk_edit(client, customers: list[str]):
	return client.call(
		"frappe.desk.doctype.bulk_update.bulk_update.submit_cancel_or_update_docs",
		doctype="Customer",
		docnames=customers,
		action="update",
		data={"account_manager": client.user},
	)


def as_csv(customer: str, account_manager: str) -> bytes:
	text = io.StringIO()
	csv.writer(text).writerows([["ID", "Account Manager"], [customer, account_manager]])
	return text.getvalue().encode()
