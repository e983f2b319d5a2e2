"""Telling Ringer Managers that there is news. Others read the queue of mails, so no mail says what the news is."""

from collections.abc import Iterable

import frappe
from frappe import _
from frappe.utils import get_url

from crm_transparency.crm_transparency import formatting, mail
from crm_transparency.ringers import secrecy

CASES = "/app/ringer-case"


def tell_ringer_managers(cases: Iterable[str] = ()) -> None:
	"""Tell every Ringer Manager that cases changed. The notice in the app leads to the case if there is just one."""
	cases = list(cases)
	link = f"{CASES}/{cases[0]}" if len(cases) == 1 else CASES
	for user in secrecy.ringer_managers():
		tell(user, _("There is news for you in CRM Transparency", lang=formatting.language_of(user)), link)


def tell(user: str, subject: str, link: str) -> None:
	"""Tell a user in the app, which nobody else sees, and by mail, in the running transaction."""
	frappe.get_doc(
		doctype="Notification Log",
		type="Alert",
		for_user=user,
		from_user="Administrator",
		subject=subject,
		link=link,
	).insert(ignore_permissions=True)
	header = [_("News", lang=formatting.language_of(user)), "blue"]
	mail.send_to_user(user, subject, header, get_url("/app/notification-log"))
