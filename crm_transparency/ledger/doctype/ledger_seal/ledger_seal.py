from crm_transparency.ledger.entries import LedgerEntry


class LedgerSeal(LedgerEntry):
	"""Covers a block of entries, and is as final as they are. Written by the sealing job."""

	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		chain_sha256: DF.Data
		entries_sha256: DF.Data
		entry_count: DF.Int
		entry_digests: DF.LongText | None
		entry_digests_sha256: DF.Data
		first_entry: DF.Data
		format: DF.Data | None
		last_entry: DF.Data
		ledger: DF.Data
		number: DF.Int
		previous_seal: DF.Data | None
		sealed_on: DF.Datetime

	# end: auto-generated types
