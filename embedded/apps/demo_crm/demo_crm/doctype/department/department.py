import frappe
from frappe.utils.nestedset import NestedSet

from demo_crm.demo_crm.tree import put_under_root, refuse_leaf_as_parent


class Department(NestedSet):
	nsm_parent_field = "parent_department"

	def autoname(self):
		"""A department is named with its company's abbreviation; the root, which has no company, without."""
		abbreviation = frappe.get_cached_value("Company", self.company, "abbr") if self.company else None
		self.name = f"{self.department_name} - {abbreviation}" if abbreviation else self.department_name

	def validate(self):
		put_under_root(self)
		refuse_leaf_as_parent(self)
