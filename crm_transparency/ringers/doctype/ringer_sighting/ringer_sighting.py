from frappe.model.document import Document

from crm_transparency.ledger.entries import LedgerEntry
from crm_transparency.ringers import identities, secrecy
from crm_transparency.ringers.secrecy import EncryptedDocument


class RingerSighting(LedgerEntry, EncryptedDocument):
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
		noise_kind: DF.Literal["", "Bounce", "Spam", "Newsletter"]
		ringer: DF.Data
		seen_on: DF.Datetime
		sender: DF.SmallText | None
		sender_domain: DF.SmallText | None
		sender_key: DF.Data | None
		sender_name: DF.SmallText | None
		sighting_key: DF.Data | None
		verdict: DF.Literal["Open", "Noise", "Drill"]
		utc_offset: DF.Data | None

	# end: auto-generated types

	encrypted_fields = (
		"sender",
		"sender_name",
		"sender_domain",
		"content",
		"evidence",
		"matched_offboarding",
	)

	def onload(self):
		if secrecy.may_know():
			self.set_onload("ringer_name", identities.called([self.ringer]).get(self.ringer))

	def set_user_and_timestamp(self):
		"""Keep the moment it was written, as every ledger entry does."""
		Document.set_user_and_timestamp(self)
