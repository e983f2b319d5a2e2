from crm_transparency.crm_transparency.permissions import ReadRule
from crm_transparency.ledger.entries import LedgerEntry
from crm_transparency.ownership import ownership_visibility


class AccountOwnerChangeReason(LedgerEntry):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		account_owner_change: DF.Data
		given_by: DF.Data
		given_on: DF.Datetime
		impersonated_by: DF.Data | None
		ledger_seal: DF.Int
		reason: DF.SmallText
		utc_offset: DF.Data | None

	# end: auto-generated types

	read_rule = ReadRule(ownership_visibility.condition_of_reasons)
	people = ("given_by", "impersonated_by")
