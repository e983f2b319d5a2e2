"""Mails: what is made up for them later, by a job, is made with what hides from whoever it is made for."""

from collections.abc import Callable

import frappe

from crm_transparency.crm_transparency.asking import in_the_eyes_of
from crm_transparency.restrictions.fields import hidden_fields
from crm_transparency.restrictions.records import hiding
from crm_transparency.restrictions.register import in_force

#: the fields of Contact that hold addresses
ADDRESSES = {"email_id", "email_ids"}


def printed_for_its_sender(include_attachments: Callable) -> Callable:
	"""Stand in `SendMailContext.include_attachments`, which prints what is attached when the mail is sent."""

	def included(sending, message):
		sender = sending.queue_doc.owner
		if not sender or not in_force(sender):
			return include_attachments(sending, message)
		with in_the_eyes_of(sender):
			return include_attachments(sending, message)

	return included


def followed_and_shown(get_followed: Callable) -> Callable:
	"""Stand in `frappe.desk.form.document_follow.get_document_followed_by_user`: followers get changes by mail.

	They quote versions in prose, so what has hidden fields isn't followed any more.
	"""

	def followed(user):
		return [
			row
			for row in get_followed(user)
			if not hidden_fields(user, row.ref_doctype) and not hiding(user, row.ref_doctype, row.ref_docname)
		]

	return followed


def offered_unless_hidden(get_contact_list: Callable) -> Callable:
	"""Stand in `frappe.email.get_contact_list`: whoever writes a mail and may see no addresses is offered none."""

	def offered(*args, **kwargs):
		is_hidden = ADDRESSES & hidden_fields(frappe.session.user, "Contact")
		return [] if is_hidden else get_contact_list(*args, **kwargs)

	return offered
