import frappe

from crm_transparency.ownership import notifications


def execute() -> None:
	"""Takeovers get a switch of their own. Until now they went by that of assignments: who had it off stays without."""
	notifications.add_mail_switch()
	frappe.db.set_value(
		notifications.PEOPLES_CHOICES,
		{"enable_email_assignment": 0},
		notifications.MAIL_SWITCH,
		0,
		update_modified=False,
	)
