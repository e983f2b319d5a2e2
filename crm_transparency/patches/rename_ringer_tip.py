"""What came in for a ringer is called an inbound message, and what wasn't genuine is no longer kept for a moment."""

import frappe

OLD, NEW = "Ringer Tip", "Ringer Inbound Message"


def execute():
	if not frappe.db.exists("DocType", OLD) or frappe.db.exists("DocType", NEW):
		return
	frappe.db.delete(OLD, {"state": ("in", ("Arriving", "Refused"))})
	frappe.rename_doc("DocType", OLD, NEW, force=True, show_alert=False)
