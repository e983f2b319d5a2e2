"""Mails: a site that has no account to send them from goes on working, and says so.

Without such an account `frappe.sendmail` raises OutgoingEmailError (v15 and v16). That is no ValidationError: a request
would end as a server error, and with it what the mail was only to tell about.
"""

import frappe
from frappe import _
from frappe.model.document import Document

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


def tell(title: str, **mail) -> bool:
	"""Mail what people are told in the app as well; return False if it can't be: that is logged under `title`."""
	try:
		queue(**mail)
	except NoOutgoingMail as reason:
		frappe.log_error(title, str(reason))
		return False
	return True
