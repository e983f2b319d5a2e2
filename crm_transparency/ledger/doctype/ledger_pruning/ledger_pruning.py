from crm_transparency.ledger.entries import LedgerEntry


class LedgerPruning(LedgerEntry):
	"""Accounts for entries that the retention removed."""

	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		entry_count: DF.Int
		first_seal: DF.Data
		keep_months: DF.Int
		last_seal: DF.Data
		ledger: DF.Data
		ledger_seal: DF.Int
		pruned_on: DF.Datetime
		seal_count: DF.Int
		utc_offset: DF.Data | None

	# end: auto-generated types
