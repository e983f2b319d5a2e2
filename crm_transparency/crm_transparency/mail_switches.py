"""Letting every user choose, in their Notification Settings, which of our mails they get."""

from dataclasses import dataclass

import frappe
from frappe.custom.doctype.custom_field.custom_field import create_custom_fields
from frappe.desk.doctype.notification_settings.notification_settings import (
	is_email_notifications_enabled,
	is_notifications_enabled,
)
from frappe.utils import get_table_name

PEOPLES_CHOICES = "Notification Settings"


@dataclass(frozen=True)
class MailSwitch:
	"""A check box, on by default, beside Frappe's own about mails."""

	fieldname: str
	label: str
	description: str
	depends_on: str = "enable_email_notifications"


def wants_mail(user: str, fieldname: str) -> bool:
	"""Say whether a user is to get a kind of mails: yes, unless they switched it, or all mails, off."""
	if not frappe.db.get_value("User", user, "enabled"):
		return False
	if not (is_notifications_enabled(user) and is_email_notifications_enabled(user)):
		return False
	choice = frappe.db.get_value(PEOPLES_CHOICES, user, fieldname)
	return choice is None or bool(choice)


def add(switch: MailSwitch) -> None:
	field = {
		"fieldname": switch.fieldname,
		"fieldtype": "Check",
		"label": switch.label,
		"description": switch.description,
		"default": "1",
		"depends_on": switch.depends_on,
		"insert_after": "enable_email_assignment",
	}
	create_custom_fields({PEOPLES_CHOICES: [field]})


def remove(switch: MailSwitch) -> None:
	"""Take a switch away again, and its column, which Frappe leaves behind; commits."""
	frappe.delete_doc(
		"Custom Field",
		f"{PEOPLES_CHOICES}-{switch.fieldname}",
		force=True,
		ignore_missing=True,
		delete_permanently=True,
	)
	if frappe.db.has_column(PEOPLES_CHOICES, switch.fieldname):
		frappe.db.sql_ddl(f"alter table `{get_table_name(PEOPLES_CHOICES)}` drop column `{switch.fieldname}`")
