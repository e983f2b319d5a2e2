from frappe.model.document import Document

from crm_transparency.crm_transparency.permissions import ReadRule
from crm_transparency.offboarding import offboarding_permissions


class HandoverPlan(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		account_transfer: DF.Link | None
		computed_on: DF.Datetime | None
		default_successor: DF.Link | None
		done: DF.Int
		error_message: DF.SmallText | None
		impersonated_by: DF.Link | None
		is_sending: DF.Check
		last_progress_on: DF.Datetime | None
		leaver: DF.Link | None
		letters_per_hour: DF.Int
		message: DF.Code | None
		offboarding: DF.Link
		run_by: DF.Link | None
		subject: DF.Data | None
		task: DF.Literal["", "Compute", "Transfer", "Undo"]
		total: DF.Int
		voice: DF.Literal["Leaver", "Jointly"]
		worker: DF.Data | None

	# end: auto-generated types

	read_rule = ReadRule(offboarding_permissions.handover_condition, offboarding_permissions.handover_allows)
