"""What is counted, and what isn't because it is no real business."""

import frappe

#: functions of other rooms and apps, called with a DocType, that return names of its documents
HOOK = "transparency_left_out_of_figures"


def left_out(doctype: str) -> frozenset[str]:
	"""Return the names of the documents of a DocType that stay out of every figure.

	For counting only: showing them, or how many they are, would tell what they are.
	"""
	return frozenset(
		name for function in frappe.get_hooks(HOOK) for name in frappe.get_attr(function)(doctype)
	)
