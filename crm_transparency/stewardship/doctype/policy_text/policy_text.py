from crm_transparency.ledger.entries import LedgerEntry


class PolicyText(LedgerEntry):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		impersonated_by: DF.Data | None
		ledger_seal: DF.Int
		policy: DF.Data
		policy_type: DF.Data | None
		policy_version: DF.Int
		text: DF.LongText
		text_sha256: DF.Data
		written_by: DF.Data
		written_on: DF.Datetime
		utc_offset: DF.Data | None

	# end: auto-generated types

	people = ("written_by", "impersonated_by")
