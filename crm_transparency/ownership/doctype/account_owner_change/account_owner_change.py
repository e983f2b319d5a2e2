import frappe

from crm_transparency.crm_transparency.permissions import ReadRule
from crm_transparency.ledger.entries import LedgerEntry
from crm_transparency.ownership import ownership_visibility
from crm_transparency.ownership.ownership_visibility import LEDGER


class AccountOwnerChange(LedgerEntry):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		account_title: DF.Data | None
		account_transfer: DF.Data | None
		changed_by: DF.Data
		changed_on: DF.Datetime
		impersonated_by: DF.Data | None
		kind: DF.Literal["Baseline", "Assigned", "Taken Over", "Handed Over", "Reassigned", "Released"]
		ledger_seal: DF.Int
		new_owner: DF.Data | None
		owner_field: DF.Data | None
		previous_owner: DF.Data | None
		reason: DF.SmallText | None
		reference_doctype: DF.Data
		reference_name: DF.Data
		source: DF.Literal[
			"Form", "API", "Data Import", "Bulk Edit", "Account Transfer", "Background Job", "Untracked"
		]
		taken_from: DF.Data | None
		utc_offset: DF.Data | None

	# end: auto-generated types

	read_rule = ReadRule(ownership_visibility.condition)
	people = ownership_visibility.CONCERNED


def on_doctype_update():
	"""Index the ways the ledger is read: one account's history, and one person's changes."""
	frappe.db.add_index(LEDGER, ["reference_doctype", "reference_name", "changed_on"], "account_history")
	frappe.db.add_index(LEDGER, ["changed_by", "changed_on"], "changes_by_person")
