"""Telling those who run offboardings: in the app, each in their own language, and never the leaver."""

import frappe
from frappe import _
from frappe.desk.doctype.notification_log.notification_log import make_notification_logs
from frappe.model.document import Document
from frappe.utils import escape_html

from crm_transparency.crm_transparency import languages
from crm_transparency.offboarding import people
from crm_transparency.offboarding.words import OFFBOARDING


def tell_hr(offboarding: Document, sentence: str) -> None:
	"""Let HR know. `sentence` is translated, and {0} in it is the leaver's name. The type is one that Frappe doesn't mail."""
	for reader in people.hr(offboarding):
		notice = {
			"type": "Alert",
			"document_type": OFFBOARDING,
			"document_name": offboarding.name,
			"subject": _(sentence, lang=languages.of_user(reader)).format(
				f"<strong>{escape_html(offboarding.employee_name)}</strong>"
			),
			"from_user": "Administrator",
		}
		make_notification_logs(frappe._dict(notice), [frappe.db.get_value("User", reader, "email")])
