from frappe import _
from frappe.model.document import Document
from frappe.utils import format_datetime, get_fullname

from crm_transparency.crm_transparency.permissions import ReadRule
from crm_transparency.openness.reviews import signing
from crm_transparency.restrictions import business_owners, register


class OpennessReview(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		approval_note: DF.SmallText | None
		business_owner: DF.Link
		conclusion: DF.SmallText
		extracts_or_syncs_data: DF.SmallText
		legal_or_compliance_reason: DF.SmallText
		needed_for_the_job: DF.SmallText
		previous_version: DF.Link | None
		privacy_of_customers_or_employees: DF.SmallText
		role: DF.Link
		signed_by: DF.Link | None
		signed_on: DF.Datetime | None
		status: DF.Literal["Draft", "Signed", "Replaced"]
		version: DF.Int

	# end: auto-generated types

	read_rule = ReadRule(signing.condition, business_owners.allows)

	def onload(self):
		self.set_onload("may_sign", business_owners.may_decide(self))

	def before_insert(self):
		signing.start_version(self)

	def autoname(self):
		self.name = f"{self.role} v{self.version}"

	def validate(self):
		signing.check_final(self)
		signing.check(self)

	def on_trash(self):
		signing.check_deletable(self)

	def restrictions(self) -> list[register.Restriction]:
		"""Return the restrictions in force for the role, for the printed review."""
		return [each for each in register.all_in_force() if each.role == self.role]

	def signature(self) -> str:
		"""Return who signed it and when, for the printed review."""
		owner = get_fullname(self.business_owner)
		if not self.signed_on:
			return _("Not signed yet. Business owner: {0}").format(owner)
		signed = _("Signed by {0} on {1}").format(
			get_fullname(self.signed_by), format_datetime(self.signed_on)
		)
		if self.signed_by == self.business_owner:
			return signed
		return _("{0}, for the business owner {1}: {2}").format(signed, owner, self.approval_note or "")
