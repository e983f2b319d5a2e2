import frappe
from frappe import _, scrub
from frappe.utils.nestedset import NestedSet


class Employee(NestedSet):
	nsm_parent_field = "reports_to"

	def validate(self):
		self.employee = self.name
		self.employee_name = " ".join(filter(None, [self.first_name, self.middle_name, self.last_name]))
		self.set_preferred_email()
		self.refuse_to_leave_unprepared()
		self.refuse_second_employee_for_user()

	def set_preferred_email(self):
		self.prefered_email = (
			self.get(scrub(self.prefered_contact_email)) if self.prefered_contact_email else None
		)

	def refuse_to_leave_unprepared(self):
		"""As in ERPNext: Left needs a relieving date, and nobody active may report to who has left."""
		if self.status != "Left":
			return
		reports = frappe.get_all(
			"Employee", {"reports_to": self.name, "status": "Active"}, pluck="employee_name"
		)
		if reports:
			frappe.throw(
				_("{0} can't be set to Left while these employees report to them: {1}.").format(
					self.employee_name, ", ".join(reports)
				)
			)
		if not self.relieving_date:
			frappe.throw(
				_("{0} needs a relieving date before the status can be Left.").format(self.employee_name)
			)

	def refuse_second_employee_for_user(self):
		if not self.user_id or self.status != "Active":
			return
		other = frappe.db.get_value(
			"Employee", {"user_id": self.user_id, "status": "Active", "name": ("!=", self.name)}
		)
		if other:
			frappe.throw(
				_("User {0} already belongs to employee {1}.").format(self.user_id, other),
				frappe.DuplicateEntryError,
			)
