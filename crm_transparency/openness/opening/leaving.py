"""When the app is uninstalled: permissions go back to what they were."""

import frappe

from crm_transparency.openness.opening import changes, rows


def put_permissions_back() -> None:
	"""Undo every change of openness, and forget what Frappe v16 wrote down about rows that are gone with it.

	What others changed since stays. The rules of our roles go later, with the roles.
	"""
	written = {
		row["name"]
		for change in changes.changes_that_hold()
		for part in changes.parts_of(change)
		for row in part["after"]
	}
	changes.undo_everything()
	if frappe.db.exists("DocType", "Permission Log") and written:
		frappe.db.delete(
			"Permission Log",
			{
				"reference_type": ("in", (rows.CUSTOM_PERMISSION, rows.USER_PERMISSION)),
				"reference": ("in", sorted(written)),
			},
		)
