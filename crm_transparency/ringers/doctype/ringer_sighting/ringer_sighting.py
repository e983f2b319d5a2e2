from crm_transparency.ledger.entries import LedgerEntry
from crm_transparency.ringers.sealed_documents import SealedFields


class RingerSighting(SealedFields, LedgerEntry):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		came_by: DF.Literal["Mailbox", "Webhook", "Personal Link", "Call Log", "Ringer Manager"]
		channel: DF.Literal["Email", "Phone", "Post", "Message", "Other"]
		content: DF.LongText | None
		evidence: DF.LongText | None
		is_drill: DF.Check
		ledger_seal: DF.Int
		matched_offboarding: DF.SmallText | None
		ringer: DF.Data
		seen_on: DF.Datetime
		sender: DF.SmallText | None
		sender_domain: DF.SmallText | None
		sender_name: DF.SmallText | None
		sighting_key: DF.Data | None
		verdict: DF.Literal["Open", "Noise", "Drill"]
		verdict_reason: DF.SmallText | None

	# end: auto-generated types

	SEALED = (
		"sender",
		"sender_name",
		"sender_domain",
		"content",
		"evidence",
		"matched_offboarding",
		"verdict_reason",
	)

	def db_update(self):
		self.refuse_change()

	def after_delete(self):
		self.refuse_deletion()
