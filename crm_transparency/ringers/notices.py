"""Notices: what happened to ringers in the CRM, for Ringer Managers, and the mail that says that there is news."""

import frappe
from frappe import _
from frappe.desk.doctype.notification_log.notification_log import make_notification_logs
from frappe.model.document import Document
from frappe.utils import get_url

from crm_transparency.crm_transparency import languages, mail
from crm_transparency.ringers import secrecy, settings
from crm_transparency.ringers.sealed_document import in_clear

NOTICE = "Ringer Notice"
PAGE = "/app/ringer-planting"


def add(
	ringer: Document, doctype: str, name: str, what: str, user: str, impersonated_by: str | None, on: str
) -> None:
	who = user if not impersonated_by else _("{0}, in the name of {1}").format(impersonated_by, user)
	frappe.get_doc(
		doctype=NOTICE,
		ringer=ringer.name,
		happened_on=on,
		who=who,
		record=f"{_(doctype)} {name}",
		what=what,
	).insert(ignore_permissions=True)


def unseen() -> list[dict]:
	"""Return what Ringer Managers haven't ticked off, newest first, in clear."""
	documents = [
		frappe.get_doc(NOTICE, name) for name in frappe.get_all(NOTICE, filters={"seen": 0}, pluck="name")
	]
	found = [
		{"name": notice.name, **{field: in_clear(notice, field) for field in notice.sealed_fields}}
		for notice in documents
	]
	return sorted(found, key=lambda notice: notice["happened_on"], reverse=True)


def tick_off(name: str) -> None:
	frappe.db.set_value(NOTICE, name, "seen", 1, update_modified=False)


def send_mail_about(news: int) -> None:
	"""Tell Ringer Managers in the app and by mail that there is news: the same words, whatever it is and how much."""
	when = settings.mails_news()
	managers = secrecy.ringer_managers()
	if not managers or when == settings.NEVER or (when != settings.ALWAYS and not news):
		return
	for manager in managers:
		language = languages.of_user(manager)
		subject = _("The ringers' report is ready", lang=language)
		make_notification_logs(
			frappe._dict(type="Alert", subject=subject, from_user="Administrator", link=PAGE), [manager]
		)
		mail.send_to_user(manager, subject, [_("Ringers", lang=language), "blue"], get_url(PAGE))
