"""A leaver's handover for tests: its plan, computed, and what people do with it."""

import frappe
from frappe.model.document import Document

from crm_transparency.offboarding import handover_job, plan_rows
from tests.people_and_accounts import make_customer
from tests.transfers.transferring import worked_off

ACCOUNT, BELONGING, INTRODUCTION = "Handover Plan Account", "Handover Belonging", "Handover Introduction"


def computed(offboarding: Document) -> Document:
	document = plan_rows.of_offboarding(offboarding.name)
	handover_job.compute(document)
	document.reload()
	return document


def rows(offboarding: Document, **filters) -> dict[str, frappe._dict]:
	"""Return the plan's rows by the name of their account."""
	found = frappe.get_all(
		ACCOUNT, filters={"offboarding": offboarding.name, **filters}, fields=["*"], limit_page_length=0
	)
	return {row.reference_name: row for row in found}


def row_of(offboarding: Document, account: Document) -> frappe._dict:
	return rows(offboarding)[account.name]


def things(offboarding: Document, kind: str | None = None) -> list[frappe._dict]:
	filters = {"offboarding": offboarding.name, **({"kind": kind} if kind else {})}
	return frappe.get_all(BELONGING, filters=filters, fields=["*"], order_by="kind, title")


def letters(offboarding: Document, **filters) -> list[frappe._dict]:
	return frappe.get_all(
		INTRODUCTION,
		filters={"offboarding": offboarding.name, **filters},
		fields=["*"],
		order_by="account_title",
	)


def make_contact(
	account: Document, email: str | None = "lena@harbour.example", first_name: str = "Lena"
) -> str:
	contact = frappe.get_doc(doctype="Contact", first_name=first_name, last_name="Ortiz")
	if email:
		contact.append("email_ids", {"email_id": email, "is_primary": 1})
	contact.append("links", {"link_doctype": account.doctype, "link_name": account.name})
	return contact.insert().name


def key_customer(leaver: str, email: str | None = None, worth: float = 9000, **values) -> Document:
	"""Make a customer with an open quotation, and a contact if there is an address for one."""
	customer = make_customer(leaver, **values)
	make_quotation(customer, worth)
	if email:
		make_contact(customer, email)
	return customer


def make_quotation(customer: Document, worth: float, owner: str | None = None) -> str:
	"""Write a quotation's row: what ERPNext does when one is saved is nothing that the plan looks at."""
	quotation = frappe.new_doc("Quotation")
	quotation.update(
		{
			"quotation_to": "Customer",
			"party_name": customer.name,
			"customer_name": customer.customer_name,
			"status": "Open",
			"docstatus": 1,
			"base_grand_total": worth,
			"transaction_date": frappe.utils.today(),
		}
	)
	quotation.name = f"SAL-QTN-{frappe.generate_hash(length=10)}"
	quotation.db_insert()
	quotation.db_set("owner", owner or "Administrator")
	return quotation.name


def carry_out(document: Document) -> Document:
	"""Do what the background jobs of a handover would do, without committing."""
	from crm_transparency.offboarding import handover_belongings, transfer_step

	document.reload()
	if document.task == "Transfer":
		while handover_belongings.move_next(document.name):
			pass
		handover_job.WORK.release(document.name)
	if document.account_transfer:
		account_transfer = frappe.get_doc("Account Transfer", document.account_transfer)
		if account_transfer.status == "Running":
			worked_off(account_transfer)
	document.reload()
	transfer_step.proceed(document)
	document.reload()
	return document


def take_back(document: Document) -> None:
	from crm_transparency.offboarding import handover_belongings

	document.reload()
	if document.task == "Undo":
		while handover_belongings.give_back_next(document.name):
			pass
		handover_job.WORK.release(document.name)
	account_transfer = frappe.get_doc("Account Transfer", document.account_transfer)
	if account_transfer.status == "Running":
		worked_off(account_transfer)
	document.reload()
