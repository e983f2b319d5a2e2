from frappe.model.document import Document

from crm_transparency.crm_transparency.permissions import ReadRule
from crm_transparency.offboarding import offboarding_permissions


class AccessRemoval(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		from crm_transparency.offboarding.doctype.access_checklist_item.access_checklist_item import (
			AccessChecklistItem,
		)
		from crm_transparency.offboarding.doctype.access_proof.access_proof import (
			AccessProof,
		)
		from crm_transparency.offboarding.doctype.access_removal_item.access_removal_item import (
			AccessRemovalItem,
		)

		checklist: DF.Table[AccessChecklistItem]
		ended_on: DF.Datetime | None
		ends_at: DF.Datetime | None
		frozen_by: DF.Link | None
		frozen_on: DF.Datetime | None
		items: DF.Table[AccessRemovalItem]
		jobs_to: DF.Link | None
		offboarding: DF.Link
		planned_by: DF.Link | None
		proofs: DF.Table[AccessProof]
		proved_on: DF.Datetime | None
		status: DF.Literal["Open", "Planned", "Ended", "Given Back"]
		to_try: DF.LongText | None
		user: DF.Link | None

	# end: auto-generated types

	read_rule = ReadRule(offboarding_permissions.condition_of_its_records)
