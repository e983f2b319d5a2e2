import frappe
from frappe.model.document import Document

from crm_transparency.crm_transparency.permissions import ReadRule
from crm_transparency.offboarding import offboarding_permissions


class HandoverPlanAccount(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		account_title: DF.Data | None
		chosen_by: DF.Link | None
		is_key_account: DF.Check
		is_key_chosen: DF.Check
		known_by: DF.SmallText | None
		last_contact: DF.Datetime | None
		offboarding: DF.Link | None
		open_business: DF.SmallText | None
		open_value: DF.Currency
		proposed_successor: DF.Link | None
		reason: DF.SmallText | None
		reference_doctype: DF.Link | None
		reference_name: DF.DynamicLink | None
		revenue: DF.Currency
		successor: DF.Link | None
		territory: DF.Data | None
		worth: DF.Currency

	# end: auto-generated types

	read_rule = ReadRule(offboarding_permissions.handover_condition, offboarding_permissions.handover_allows)


def on_doctype_update():
	"""One row for an account in a plan, ever; and the orders in which the plan's page shows them.

	No index for each filter: going through a plan's rows takes less than keeping one costs a computation.
	"""
	doctype = "Handover Plan Account"
	frappe.db.add_unique(
		doctype, ["offboarding", "reference_doctype", "reference_name"], "account_of_handover_plan"
	)
	frappe.db.add_index(doctype, ["offboarding", "worth"], "handover_by_worth")
	frappe.db.add_index(doctype, ["offboarding", "account_title"], "handover_by_title")
