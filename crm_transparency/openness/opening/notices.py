"""Telling managers, once, that something closed again, in each reader's language."""

import frappe
from frappe import _
from frappe.desk.doctype.notification_log.notification_log import make_notification_logs
from frappe.utils import escape_html

from crm_transparency.crm_transparency import languages

FINDING = "Openness Finding"
WHO_IS_TOLD = ("System Manager", "Transparency Manager")


def tell_managers(findings: list[str]) -> None:
	"""Let the managers know about new findings. Nobody is mailed: the type is one that Frappe doesn't mail."""
	told = [(reader.email, languages.of_user(reader.name)) for reader in readers()] if findings else []
	for name in findings:
		explanation = escape_html(frappe.db.get_value(FINDING, name, "explanation"))
		for email, language in told:
			notice = {
				"type": "Alert",
				"document_type": FINDING,
				"document_name": name,
				"subject": _("Closed again: {0}", lang=language).format(explanation),
				"from_user": "Administrator",
			}
			make_notification_logs(frappe._dict(notice), [email])


def readers() -> list[frappe._dict]:
	"""Return the enabled people with one of the roles."""
	holders = frappe.get_all(
		"Has Role", filters={"role": ("in", WHO_IS_TOLD), "parenttype": "User"}, pluck="parent", distinct=True
	)
	return frappe.get_all(
		"User",
		filters={"name": ("in", holders), "enabled": 1, "user_type": "System User"},
		fields=["name", "email"],
	)
