import frappe
from frappe import _
from frappe.utils.nestedset import NestedSet

from demo_crm.demo_crm.tree import put_under_root, refuse_leaf_as_parent


class SalesPerson(NestedSet):
	nsm_parent_field = "parent_sales_person"

	def validate(self):
		put_under_root(self)
		refuse_leaf_as_parent(self)
		self.refuse_second_person_for_employee()

	def refuse_second_person_for_employee(self):
		if not self.employee:
			return
		other = frappe.db.get_value("Sales Person", {"employee": self.employee, "name": ("!=", self.name)})
		if other:
			frappe.throw(_("Employee {0} is already the sales person {1}.").format(self.employee, other))
