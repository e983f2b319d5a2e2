"""Account transfers for tests, planned and worked off in the test's own transaction."""

import frappe
from frappe.model.document import Document

from crm_transparency.transfers import account_moves, transfer_actions
from tests.people_and_accounts import make_customer

TRANSFER = "Account Transfer"
ITEM = "Account Transfer Item"


def draft(to: str | list | None = None, **values) -> Document:
	"""Insert a transfer; `to` is the successor, or rows of successors."""
	successors = [{"user": to}] if isinstance(to, str) else to or []
	return frappe.get_doc(doctype=TRANSFER, successors=successors, **values).insert()


def previewed(to: str | list | None = None, **values) -> Document:
	transfer = draft(to, **values)
	transfer_actions.preview(transfer.name)
	return transfer.reload() or transfer


def carried_out(to: str | list | None = None, **values) -> Document:
	transfer = previewed(to, **values)
	transfer_actions.start(transfer.name)
	return worked_off(transfer)


def undone(transfer: Document) -> Document:
	transfer_actions.undo(transfer.name)
	return worked_off(transfer)


def worked_off(transfer: Document) -> Document:
	"""Do what a background job would do, without committing."""
	transfer.reload()
	while account_moves.work_on(transfer.name, transfer.worker):
		pass
	transfer.reload()
	return transfer


def items(transfer: Document, **filters) -> list[frappe._dict]:
	return frappe.get_all(
		ITEM, filters={"account_transfer": transfer.name, **filters}, fields=["*"], order_by="name"
	)


def statuses(transfer: Document) -> list[str]:
	return [item.status for item in items(transfer)]


def owner_of(account: Document) -> str | None:
	field = {"Customer": "account_manager", "Lead": "lead_owner"}[account.doctype]
	return frappe.db.get_value(account.doctype, account.name, field)


def make_customers(count: int, account_manager: str | None, **values) -> list[Document]:
	return [make_customer(account_manager=account_manager, **values) for _ in range(count)]


def as_filters(*conditions: list, doctype: str = "Customer") -> list[dict]:
	"""Return the transfer's table of document types, with one that has these filters."""
	return [{"document_type": doctype, "filters": frappe.as_json(list(conditions))}]
