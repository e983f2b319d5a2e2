from crm_transparency.crm_transparency.permissions import ReadRule
from crm_transparency.offboarding import permissions
from crm_transparency.offboarding.review.sealed import SealedDocument


class OffboardingReview(SealedDocument):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		evidence_bundle: DF.Data | None
		from_date: DF.Date | None
		made_by: DF.Link | None
		made_on: DF.Datetime | None
		measures: DF.LongText | None
		offboarding: DF.Link
		sentences: DF.LongText | None
		to_date: DF.Date | None

	# end: auto-generated types

	read_rule = ReadRule(permissions.condition_of_its_records)

	SEALED_FIELDS = ("sentences", "measures")
