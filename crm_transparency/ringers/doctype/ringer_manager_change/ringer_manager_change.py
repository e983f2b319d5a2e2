from crm_transparency.ledger.entries import LedgerEntry
from crm_transparency.ringers import secrecy


class RingerManagerChange(LedgerEntry):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		change: DF.Literal["", "Given", "Taken Away"]
		changed_by: DF.Data | None
		changed_on: DF.Datetime
		found: DF.Check
		impersonated_by: DF.Data | None
		ledger_seal: DF.Int
		user: DF.Data
		utc_offset: DF.Data | None

	# end: auto-generated types

	read_rule = secrecy.READ_RULE
	people = ("user", "changed_by", "impersonated_by")
