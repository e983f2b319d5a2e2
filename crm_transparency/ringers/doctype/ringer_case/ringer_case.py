from crm_transparency.ringers import cases, comparison, identities, secrecy
from crm_transparency.ringers.secrecy import EncryptedDocument


class RingerCase(EncryptedDocument):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		from crm_transparency.ringers.doctype.ringer_case_sighting.ringer_case_sighting import (
			RingerCaseSighting,
		)

		is_drill: DF.Check
		last_sighting_on: DF.Datetime | None
		matched_offboarding: DF.SmallText | None
		opened_on: DF.Datetime | None
		ranking: DF.LongText | None
		ringer_count: DF.Int
		sender_key: DF.Data | None
		sighting_count: DF.Int
		sightings: DF.Table[RingerCaseSighting]
		status: DF.Literal["Open", "In Review", "Consistent with an Export", "Cleared", "Noise", "Drill"]
		cases: DF.LongText | None
		title: DF.SmallText | None

	# end: auto-generated types

	encrypted_fields = ("title", "ranking", "timeline", "matched_offboarding")

	def onload(self):
		"""Give the reader, in their language, what the case keeps as facts."""
		if secrecy.may_know():
			self.set_onload("ranking", comparison.result(cases.ranking_of(self)))
			self.set_onload("timeline", cases.timeline_of(self))
			self.set_onload("ringers", identities.called(row.ringer for row in self.sightings))

	def validate(self):
		self.keep_what_the_app_wrote()
		cases.add_change_of_status(self)

	def keep_what_the_app_wrote(self):
		"""People change the status of a case, and add notes through the app; the rest isn't theirs to change."""
		before = self.get_doc_before_save()
		if before is None or self.flags.changed_by_app:
			return
		for field in self.meta.fields:
			if field.fieldname != "status":
				self.set(field.fieldname, before.get(field.fieldname))
