"""Mails: what can't be mailed keeps nothing else from being done, and whoever reads the result learns why.

`frappe.sendmail` (v15 and v16) raises OutgoingEmailError on a site without an account to send from, which isn't even a
ValidationError; of a mail with an address that is none it logs everything and sends nothing, as if all were well; and
what other apps hook to Frappe's queue may raise anything.
"""

from traceback import format_tb

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import split_emails, strip_html, validate_email_address

from crm_transparency.crm_transparency import languages
from crm_transparency.crm_transparency.exceptions import MailNotQueued, NoMailAddress, NoOutgoingMail
from crm_transparency.crm_transparency.interruptions import is_interruption
from crm_transparency.crm_transparency.savepoints import roll_back_to

SAVEPOINT = "crm_transparency_mail"
RECIPIENTS = ("recipients", "cc", "bcc")


def queue(**mail) -> Document | None:
	"""Put a mail into Frappe's queue, by the arguments of `frappe.sendmail`, and return it there.

	None if there is nobody to send it to, or nobody who hasn't unsubscribed. Raises MailNotQueued if it can't be queued;
	what the transaction did before stays done. An interruption such as a deadlock passes.
	"""
	messages = len(frappe.local.message_log)
	frappe.db.savepoint(SAVEPOINT)
	try:
		check_addresses(mail)
		return frappe.sendmail(**mail) or None
	except Exception as error:
		if is_interruption(error):
			raise
		roll_back_to(SAVEPOINT)
		del frappe.local.message_log[messages:]
		refusal = in_our_words(error)
		if type(refusal) is MailNotQueued:
			log(error)
		raise refusal from None


def check_addresses(mail: dict) -> None:
	for field in RECIPIENTS:
		addresses = mail.get(field) or []
		for address in split_emails(addresses) if isinstance(addresses, str) else addresses:
			validate_email_address(address, throw=True)


def in_our_words(error: Exception) -> MailNotQueued:
	"""Return what the reader is told. Frappe's words may name addresses, and the traceback's values the mail's text."""
	if isinstance(error, frappe.OutgoingEmailError):
		return NoOutgoingMail(
			_("This site has no account that mails are sent from. An administrator can add one.")
		)
	if isinstance(error, frappe.InvalidEmailAddressError):
		return NoMailAddress(_("A mail address isn't valid. Please correct it."))
	return MailNotQueued(
		_("Something went wrong with it ({0}). An administrator finds more in the Error Log.").format(
			type(error).__name__
		)
	)


def log(error: Exception) -> None:
	"""Log where an error came from: its words and the values of variables may be what a mail says, and to whom.

	Deferred, since whoever is told of the error may take the transaction back.
	"""
	frappe.log_error(
		_("CRM Transparency: a mail couldn't be queued"),
		"\n".join([*format_tb(error.__traceback__), type(error).__name__]),
		defer_insert=True,
	)


def tell(failed: str, user: str, subject: str, header: list[str], link: str) -> bool:
	"""Mail a user what they are told in the app as well, with a link to it. `subject` may be HTML; it is the text, too.

	`header` is a heading and its colour. What the mail says around these is in the user's language, too. Returns False if
	it can't be mailed: that is logged under the title `failed`.
	"""
	try:
		with languages.speaking(languages.of_user(user)):
			queue(
				recipients=address_of(user),
				subject=strip_html(subject),
				template="new_notification",
				args={"body_content": subject, "doc_link": link},
				header=header,
			)
	except MailNotQueued as reason:
		frappe.log_error(failed, str(reason))
		return False
	return True


def address_of(user: str) -> str:
	address = frappe.db.get_value("User", user, "email")
	if not address:
		raise NoMailAddress(_("A user has no mail address."))
	return address
