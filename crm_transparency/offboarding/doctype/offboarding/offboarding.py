import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_link_to_form, getdate

from crm_transparency.crm_transparency.permissions import ReadRule
from crm_transparency.offboarding import (
	leaver_details,
	moved_last_day,
	offboarding_permissions,
	offboarding_records,
	starting_offboardings,
	step_flows,
)
from crm_transparency.offboarding.offboarding_records import CANCELLED, DRAFT, UNDER_WAY

#: what only the app writes: the form shows it
WRITTEN_BY_APP = (
	"status",
	"started_from",
	"account_transfer",
	"completed_on",
	"cancelled_on",
	"cancelled_by",
	"cancel_reason",
	"not_undone",
)


class Offboarding(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		from crm_transparency.offboarding.doctype.offboarding_step.offboarding_step import (
			OffboardingStep,
		)

		account_transfer: DF.Link | None
		cancel_reason: DF.SmallText | None
		cancelled_by: DF.Link | None
		cancelled_on: DF.Datetime | None
		completed_on: DF.Datetime | None
		employee: DF.Link | None
		employee_name: DF.Data
		last_working_day: DF.Date | None
		leaving_for: DF.Data | None
		manager: DF.Link | None
		not_undone: DF.SmallText | None
		offboarding_template: DF.Link | None
		open_for: DF.Data | None
		resignation_date: DF.Date | None
		started_from: DF.Literal["", "Form", "Employee", "Employee Separation", "User"]
		status: DF.Literal["Draft", "In Progress", "Completed", "Cancelled"]
		steps: DF.Table[OffboardingStep]
		user: DF.Link | None

	# end: auto-generated types

	read_rule = ReadRule(offboarding_permissions.condition)

	def before_insert(self):
		if not self.steps:
			starting_offboardings.add_steps(self)

	def validate(self):
		self.refuse_nobody()
		self.refuse_dates_in_the_wrong_order()
		if not self.is_new():
			self.keep_what_the_app_writes()
			starting_offboardings.set_dates(self)
		self.open_for = self.whom_it_is_for()
		self.refuse_a_second_one()

	def on_update(self):
		before = self.get_doc_before_save()
		if not before or self.status == CANCELLED:
			return
		has_moved = str(self.last_working_day or "") != str(before.last_working_day or "")
		if has_moved or (before.resignation_date and not self.resignation_date):
			moved_last_day.follow(self, before)

	def on_trash(self):
		if self.status != DRAFT:
			frappe.throw(
				_("An offboarding that was started stays on record. It can be cancelled, but not deleted."),
				exc=frappe.PermissionError,
			)
		offboarding_records.delete_records(self.name)

	def complete_file(self) -> dict:
		"""What the print format "Offboarding File" shows; Jinja calls it."""
		return step_flows.complete_file(self)

	def refuse_nobody(self):
		if not (self.employee or self.user):
			frappe.throw(_("Please choose an employee or a user."))
		if not self.employee_name:
			self.employee_name = leaver_details.read(self.employee, self.user).full_name

	def refuse_dates_in_the_wrong_order(self):
		if not (self.resignation_date and self.last_working_day):
			return
		if getdate(self.last_working_day) < getdate(self.resignation_date):
			frappe.throw(_("The last working day can't be before the resignation."))

	def refuse_a_second_one(self):
		other = self.open_for and frappe.db.exists(
			"Offboarding", {"open_for": self.open_for, "name": ("!=", self.name)}
		)
		if other:
			frappe.throw(
				_("{0} has an open offboarding already: {1}").format(
					self.employee_name, get_link_to_form("Offboarding", other)
				),
				exc=frappe.DuplicateEntryError,
			)

	def keep_what_the_app_writes(self):
		"""Steps and status change on the wizard's page, never by what a form sends."""
		if self.flags.by_app:
			return
		before = self.get_doc_before_save()
		self.update({field: before.get(field) for field in WRITTEN_BY_APP})
		sent = {row.name: row for row in self.steps}
		self.steps = before.steps
		for row in self.steps:
			if row.name in sent:
				row.update({field: sent[row.name].get(field) for field in ("due_on", "responsible")})

	def whom_it_is_for(self) -> str | None:
		"""Return what is unique among the offboardings under way, None for one that is closed."""
		if self.status not in UNDER_WAY:
			return None
		return f"User {self.user}" if self.user else f"Employee {self.employee}"
