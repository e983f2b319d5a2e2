import frappe
from frappe.utils.nestedset import NestedSet, get_root_of


def put_under_root(node: NestedSet) -> None:
	"""Give a tree node without a parent the tree's root as its parent; the first node becomes the root."""
	if node.get(node.nsm_parent_field):
		return
	root = get_root_of(node.doctype)
	if root and root != node.name:
		node.set(node.nsm_parent_field, root)


def refuse_leaf_as_parent(node: NestedSet) -> None:
	"""Refuse a parent that isn't a group, as ERPNext does: transactions belong to leaves only."""
	parent = node.get(node.nsm_parent_field)
	if parent and not frappe.db.get_value(node.doctype, parent, "is_group"):
		frappe.throw(
			frappe._("{0} can't have anything below it: it isn't a group. Tick its Is Group first.").format(
				frappe.bold(parent)
			)
		)
