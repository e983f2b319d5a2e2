from crm_transparency.crm_transparency.permissions import ReadRule
from crm_transparency.offboarding import offboarding_permissions
from crm_transparency.offboarding.encrypted_record import EncryptedRecord


class OffboardingFinding(EncryptedRecord):
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

	read_rule = ReadRule(offboarding_permissions.condition_of_its_records)

	ENCRYPTED_FIELDS = ("text", "note")
