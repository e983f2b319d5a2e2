import frappe

from crm_transparency.crm_transparency import mail
from crm_transparency.ownership import changes


def execute() -> None:
	"""Takeovers get a switch of their own. Until now they went by that of assignments: who had it off stays without."""
	mail.add_switch(changes.SWITCH)
	frappe.db.set_value(
		mail.NOTIFICATION_SETTINGS,
		{"enable_email_assignment": 0},
		changes.SWITCH.fieldname,
		0,
		update_modified=False,
	)
