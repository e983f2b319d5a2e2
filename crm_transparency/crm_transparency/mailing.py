"""Mails: a site that has no account to send them from goes on working, and says so.

Without such an account `frappe.sendmail` raises OutgoingEmailError (v15 and v16). That is no ValidationError: a request
would end as a server error, and with it what the mail was only to tell about.
"""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import strip_html

from crm_transparency.crm_transparency import languages
from crm_transparency.crm_transparency.exceptions import NoOutgoingMail


def queue(**mail) -> Document | None:
	"""Put a mail into Frappe's queue, by the arguments of `frappe.sendmail`, and return it there.

	None if there is nobody to send it to. Raises NoOutgoingMail, whose text is for the reader.
	"""
	messages = len(frappe.local.message_log)
	try:
		return frappe.sendmail(**mail) or None
	except frappe.OutgoingEmailError:
		del frappe.local.message_log[messages:]
		raise NoOutgoingMail(
			_("This site has no account that mails are sent from. An administrator can add one.")
		) from None


def tell(failed: str, user: str, subject: str, header: list[str], link: str) -> bool:
	"""Mail a user what they are told in the app as well, with a link to it. `subject` may be HTML; it is the text, too.

	`header` is a heading and its colour. What the mail says around these is in the user's language, too. Returns False if
	it can't be mailed: that is logged under the title `failed`.
	"""
	try:
		with languages.speaking(languages.of_user(user)):
			queue(
				recipients=frappe.db.get_value("User", user, "email"),
				subject=strip_html(subject),
				template="new_notification",
				args={"body_content": subject, "doc_link": link},
				header=header,
			)
	except NoOutgoingMail as reason:
		frappe.log_error(failed, str(reason))
		return False
	return True
