from frappe.utils.nestedset import NestedSet

from demo_crm.demo_crm.tree import put_under_root, refuse_leaf_as_parent


class ItemGroup(NestedSet):
	nsm_parent_field = "parent_item_group"

	def validate(self):
		put_under_root(self)
		refuse_leaf_as_parent(self)
