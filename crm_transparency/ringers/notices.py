"""Telling Ringer Managers that there is news. Others read the queue of mails, so no notice says what the news is."""

from collections.abc import Iterable

import frappe
from frappe import _
from frappe.utils import get_url

from crm_transparency.ringers import secrecy

ROUTE = "/app/ringer-case"


def tell_ringer_managers(cases: Iterable[str] = ()) -> None:
	"""Tell every Ringer Manager in the app and by mail, in their language, in the running transaction.

	The notice in the app, which only its reader sees, leads to the case if there is just one.
	"""
	cases = list(cases)
	link = f"{ROUTE}/{cases[0]}" if len(cases) == 1 else ROUTE
	for user in secrecy.ringer_managers():
		language = frappe.db.get_value("User", user, "language")
		subject = _("There is news in CRM Transparency for you", lang=language)
		_tell_in_the_app(user, subject, link)
		_mail(user, subject, _("Please log in and open {0}.", lang=language))


def _tell_in_the_app(user: str, subject: str, link: str) -> None:
	frappe.get_doc(
		doctype="Notification Log",
		type="Alert",
		for_user=user,
		from_user="Administrator",
		subject=subject,
		link=link,
	).insert(ignore_permissions=True)


def _mail(user: str, subject: str, sentence: str) -> None:
	address = frappe.db.get_value("User", user, "email")
	if not address or not _sends_mail():
		return
	page = get_url("/app/notification-log")
	frappe.sendmail(
		recipients=address, subject=subject, message=sentence.format(f'<a href="{page}">{page}</a>')
	)


def _sends_mail() -> bool:
	return bool(frappe.db.exists("Email Account", {"enable_outgoing": 1, "default_outgoing": 1}))
