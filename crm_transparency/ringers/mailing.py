"""Mails to Ringer Managers. A site without outgoing mail still tells them in the app."""

from frappe import _

from crm_transparency.crm_transparency import mailing


def send(user: str, subject: str, header: list[str], link: str) -> None:
	"""Put one mail into the queue; a site that can't send any logs that, and nothing fails."""
	failed = _("CRM Transparency: Ringer Managers could not be told by mail")
	mailing.tell(failed, user, subject, header, link)
