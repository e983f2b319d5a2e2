from frappe.model.document import Document

from crm_transparency.crm_transparency.permissions import ReadRule
from crm_transparency.offboarding import offboarding_permissions


class OffboardingMail(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		email_queue: DF.Data | None
		error: DF.Data | None
		kind: DF.Data
		offboarding: DF.Link
		recipient: DF.Data | None
		sent_by: DF.Link | None
		sent_on: DF.Datetime | None
		status: DF.Literal["", "Queued", "Sent", "Failed"]
		subject: DF.Data | None

	# end: auto-generated types

	read_rule = ReadRule(offboarding_permissions.condition_of_its_records)
