from crm_transparency.ledger.entries import LedgerEntry


class ExportRightChange(LedgerEntry):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		changed_by: DF.Data
		changed_on: DF.Datetime
		document_type: DF.Data
		if_owner: DF.Check
		impersonated_by: DF.Data | None
		ledger_seal: DF.Int
		permission: DF.Literal["", "Read", "Export", "Import", "Print", "Email"]
		role: DF.Data
		value_after: DF.Literal["", "Allowed", "Not Allowed", "No Rule"]
		value_before: DF.Literal["", "Allowed", "Not Allowed", "No Rule"]
		utc_offset: DF.Data | None

	# end: auto-generated types

	people = ("changed_by", "impersonated_by")
