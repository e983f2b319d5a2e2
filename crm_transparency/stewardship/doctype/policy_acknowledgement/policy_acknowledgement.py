from crm_transparency.crm_transparency.permissions import ReadRule
from crm_transparency.ledger.entries import LedgerEntry
from crm_transparency.stewardship import policies


class PolicyAcknowledgement(LedgerEntry):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		acknowledged_on: DF.Datetime
		employee: DF.Data | None
		evidence: DF.Data | None
		impersonated_by: DF.Data | None
		ledger_seal: DF.Int
		policy: DF.Data | None
		policy_type: DF.Data
		policy_version: DF.Data | None
		recorded_by: DF.Data
		signed_name: DF.Data | None
		text_sha256: DF.Data
		user: DF.Data | None
		way: DF.Data
		utc_offset: DF.Data | None

	# end: auto-generated types

	read_rule = ReadRule(policies.condition)
	people = ("user", "recorded_by", "impersonated_by")
