from crm_transparency.crm_transparency.permissions import ReadRule
from crm_transparency.offboarding import permissions
from crm_transparency.offboarding.review.sealed import SealedDocument


class OffboardingFinding(SealedDocument):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		day: DF.Date | None
		decided_by: DF.Link | None
		decided_on: DF.Datetime | None
		followed_up_by: DF.Link | None
		note: DF.SmallText | None
		offboarding: DF.Link
		status: DF.Literal["Open", "Explained", "Follow up"]
		text: DF.SmallText | None

	# end: auto-generated types

	read_rule = ReadRule(permissions.condition_of_its_records)

	SEALED_FIELDS = ("text", "note")
