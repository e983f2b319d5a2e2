from crm_transparency.crm_transparency.permissions import ReadRule
from crm_transparency.offboarding import offboarding_permissions
from crm_transparency.offboarding.encrypted_record import EncryptedRecord


class OffboardingFarewell(EncryptedRecord):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		alumni_consent: DF.Literal["", "Agreed", "Not wanted"]
		alumni_contact: DF.Data | None
		better: DF.LongText | None
		consent_given_on: DF.Date | None
		consent_recorded_by: DF.Link | None
		feedback_on: DF.Date | None
		good: DF.LongText | None
		note_sent_on: DF.Datetime | None
		note_sent_to: DF.Int
		note_subject: DF.Data | None
		note_text: DF.TextEditor | None
		offboarding: DF.Link
		reason: DF.Data | None
		rehire: DF.Literal["", "Welcome back", "Neutral"]
		ringers_until: DF.Date | None

	# end: auto-generated types

	read_rule = ReadRule(offboarding_permissions.condition_of_its_records)

	ENCRYPTED_FIELDS = ("good", "better")
