import frappe

from crm_transparency.ledger.entries import LedgerEntry


class LedgerNameChange(LedgerEntry):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		changed_by: DF.Data
		changed_on: DF.Datetime
		impersonated_by: DF.Data | None
		ledger_seal: DF.Int
		merged: DF.Check
		new_name: DF.Data | None
		old_name: DF.Data
		reference_doctype: DF.Data
		title: DF.Data | None
		utc_offset: DF.Data | None

	# end: auto-generated types

	people = ("old_name", "new_name", "changed_by", "impersonated_by")


def on_doctype_update():
	"""Index both directions in which names are followed."""
	ledger = "Ledger Name Change"
	frappe.db.add_index(ledger, ["reference_doctype", "new_name"], "names_before")
	frappe.db.add_index(ledger, ["reference_doctype", "old_name"], "names_after")
	frappe.db.add_index(ledger, ["title", "reference_doctype"], "what_was_deleted")
