from frappe.model.document import Document

from crm_transparency.crm_transparency.permissions import ReadRule
from crm_transparency.offboarding import offboarding_permissions


class OffboardingInterview(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		acknowledgement: DF.Data | None
		confirmed_on: DF.Datetime | None
		declined_note: DF.SmallText | None
		employee_name: DF.Data | None
		event: DF.Data | None
		exit_interview: DF.Data | None
		held_on: DF.Datetime | None
		interviewer: DF.Link | None
		invitations: DF.Int
		invited_on: DF.Datetime | None
		letter_language: DF.Data | None
		letter_sha256: DF.Data | None
		letter_subject: DF.Data | None
		letter_text: DF.TextEditor | None
		link_hash: DF.Data | None
		link_valid_until: DF.Datetime | None
		minutes: DF.Int
		offboarding: DF.Link
		place: DF.Data | None
		policy: DF.Data | None
		policy_version: DF.Data | None
		reaffirmation: DF.Literal["", "Sent", "Confirmed", "Signed on paper", "Declined"]
		signed_name: DF.Data | None
		signed_paper: DF.Data | None
		starts_on: DF.Datetime | None
		thanked_on: DF.Datetime | None

	# end: auto-generated types

	read_rule = ReadRule(offboarding_permissions.condition_of_its_records)
