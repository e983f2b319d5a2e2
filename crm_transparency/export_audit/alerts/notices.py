"""Telling Transparency Managers that an alert was raised: once, in the app, in each reader's language."""

import frappe
from frappe import _
from frappe.desk.doctype.notification_log.notification_log import make_notification_logs
from frappe.model.document import Document
from frappe.utils import escape_html, get_fullname

from crm_transparency.crm_transparency import languages
from crm_transparency.export_audit.alerts import permissions


def tell_managers(alert: Document) -> None:
	"""Let the managers whom the alert asks know. The mail is the digest's, so the type is one that Frappe doesn't mail."""
	for reader in permissions.who_settles(alert):
		notice = {
			"type": "Alert",
			"document_type": alert.doctype,
			"document_name": alert.name,
			"subject": subject(alert, languages.of_user(reader)),
			"from_user": "Administrator",
		}
		make_notification_logs(frappe._dict(notice), [frappe.db.get_value("User", reader, "email")])


def subject(alert: Document, language: str) -> str:
	return _("Please have a look at an export alert about {0}: {1}", lang=language).format(
		f"<strong>{escape_html(get_fullname(alert.user))}</strong>",
		f"<strong>{_(alert.rule, lang=language)}</strong>",
	)
