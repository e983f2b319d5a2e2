"""Accounts that change hands, as people do it and as the ledger has it."""

import secrets
from datetime import datetime

import frappe
from frappe.model.document import Document
from frappe.utils import now_datetime

from crm_transparency.crm_transparency import registry
from crm_transparency.ledger import entries
from crm_transparency.ownership.ownership_visibility import LEDGER
from tests.people_and_accounts import acting_as


def hand(customer: Document, to: str | None, by: str) -> None:
	"""Let `by` make `to` the account manager."""
	with acting_as(by):
		customer.reload()
		customer.account_manager = to
		customer.save()


def take_over(customer: Document, by: str) -> None:
	hand(customer, to=by, by=by)


def recorded(changed_on: datetime | None = None, **values) -> entries.LedgerEntry:
	"""Add an entry as if an account had been taken over at that moment."""
	account = f"Harbour Books {secrets.token_hex(4)}"
	return entries.add(
		LEDGER,
		reference_doctype="Customer",
		reference_name=account,
		account_title=account,
		owner_field="account_manager",
		changed_on=changed_on or now_datetime(),
		**{"kind": "Taken Over", "source": "Form", **values},
	)


def narrow_to_people_concerned() -> None:
	"""Show changes of ownership to managers and the people concerned only."""
	settings = frappe.get_single(registry.SETTINGS)
	settings.ownership_visible_to = "Managers and people concerned"
	settings.save()
