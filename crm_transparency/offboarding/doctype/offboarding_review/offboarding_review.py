from crm_transparency.crm_transparency.permissions import ReadRule
from crm_transparency.offboarding import offboarding_permissions
from crm_transparency.offboarding.encrypted_record import EncryptedRecord


class OffboardingReview(EncryptedRecord):
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

	read_rule = ReadRule(offboarding_permissions.condition_of_its_records)

	ENCRYPTED_FIELDS = ("sentences", "measures")
