"""Mails to Ringer Managers. A site without outgoing mail still tells them in the app."""

import frappe
from frappe import _
from frappe.utils import strip_html

from crm_transparency.crm_transparency import mailing


def send(user: str, subject: str, header: list[str], link: str) -> None:
	"""Put one mail into the queue; a site that can't send any logs that, and nothing fails."""
	mailing.tell(
		_("CRM Transparency: Ringer Managers could not be told by mail"),
		recipients=frappe.db.get_value("User", user, "email"),
		subject=strip_html(subject),
		template="new_notification",
		args={"body_content": subject, "doc_link": link},
		header=header,
	)
