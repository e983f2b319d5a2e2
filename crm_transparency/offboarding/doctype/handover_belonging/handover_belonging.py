import frappe
from frappe.model.document import Document

from crm_transparency.crm_transparency.permissions import ReadRule
from crm_transparency.offboarding import offboarding_permissions


class HandoverBelonging(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		account_doctype: DF.Link | None
		account_name: DF.DynamicLink | None
		action: DF.Literal["Move", "Leave"]
		before: DF.Code | None
		detail: DF.SmallText | None
		is_chosen: DF.Check
		is_told: DF.Check
		kind: DF.Data | None
		note: DF.SmallText | None
		offboarding: DF.Link | None
		reference_doctype: DF.Link | None
		reference_name: DF.DynamicLink | None
		status: DF.Literal["Planned", "Done", "Undone", "Failed"]
		title: DF.Data | None
		to_user: DF.Link | None
		value: DF.Currency
		went_to: DF.Link | None

	# end: auto-generated types

	read_rule = ReadRule(offboarding_permissions.handover_condition, offboarding_permissions.handover_allows)


def on_doctype_update():
	frappe.db.add_unique(
		"Handover Belonging",
		["offboarding", "kind", "reference_doctype", "reference_name"],
		"belonging_of_handover_plan",
	)
