import frappe
from frappe.model.document import Document

from crm_transparency.crm_transparency.permissions import ReadRule
from crm_transparency.restrictions import business_owners, decisions
from crm_transparency.restrictions.register import forget


class AccessRestriction(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		applies_to: DF.Literal["Role", "User"]
		approval_note: DF.SmallText | None
		approved_by: DF.Link | None
		approved_on: DF.Date | None
		business_owner: DF.Link
		document_type: DF.Link
		extracts_or_syncs_data: DF.SmallText
		fields: DF.SmallText | None
		legal_or_compliance_reason: DF.SmallText
		needed_for_the_job: DF.SmallText
		privacy_of_customers_or_employees: DF.SmallText
		reason: DF.SmallText
		reason_category: DF.Literal["Legal", "Compliance", "Customer Privacy", "Employee Privacy", "Contract"]
		record_filter: DF.Code | None
		reminded_on: DF.Date | None
		restriction_kind: DF.Literal["Hide Records", "Hide DocType", "Hide Fields"]
		review_by: DF.Date
		role: DF.Link | None
		status: DF.Literal["Draft", "Active", "Expired", "Withdrawn"]
		user: DF.Link | None
		withdrawn_on: DF.Date | None

	# end: auto-generated types

	read_rule = ReadRule(decisions.condition, business_owners.allows)

	def onload(self):
		decisions.show_what_is_hidden(self)

	def before_insert(self):
		decisions.start_as_draft(self)

	def validate(self):
		decisions.check_decided(self)
		decisions.check_who_changes(self)
		if decisions.is_ending(self):
			return
		decisions.check_what_is_hidden(self)
		decisions.check_whom(self)
		decisions.check_why(self)
		decisions.check_business_owner(self)
		decisions.check_review_date(self)

	def on_update(self):
		forget()
		decisions.warn_of_empty_effect(self)

	def after_rename(self, old, new, merge=False):
		forget()

	def on_trash(self):
		decisions.check_deletable(self)
		forget()

	def get_permlevel_access(self, permission_type="write"):
		"""The business owner sees what they decide about, whatever their roles."""
		levels = super().get_permlevel_access(permission_type)
		is_owner = permission_type == "read" and frappe.session.user == self.get("business_owner")
		return [*levels, 1] if is_owner and 1 not in levels else levels
