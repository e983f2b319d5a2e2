from frappe.utils.nestedset import NestedSet

from demo_crm.demo_crm.tree import put_under_root, refuse_leaf_as_parent


class SalesPerson(NestedSet):
	nsm_parent_field = "parent_sales_person"

	def validate(self):
		put_under_root(self)
		refuse_leaf_as_parent(self)
