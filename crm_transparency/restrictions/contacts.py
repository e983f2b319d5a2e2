"""Contacts: Frappe tells their numbers and addresses by ways of its own, which ask for no levels of fields."""

from collections.abc import Callable

import frappe

from crm_transparency.restrictions.fields import hidden_fields, without_hidden_values

CONTACT = "Contact"
#: what orders and mails ask of a contact, and the field that it comes from
DETAILS = {
	"contact_display": "full_name",
	"contact_email": "email_id",
	"contact_mobile": "mobile_no",
	"contact_phone": "phone",
	"contact_designation": "designation",
	"contact_department": "department",
}
NUMBERS = {"mobile_no", "phone", "phone_nos"}


def details_without(get_contact_details: Callable) -> Callable:
	"""Stand in `frappe.contacts.doctype.contact.contact.get_contact_details`."""

	def details(contact):
		found = get_contact_details(contact)
		hidden = hidden_fields(frappe.session.user, CONTACT)
		return {key: None if DETAILS.get(key) in hidden else value for key, value in found.items()}

	return details


def card_without(get_vcard: Callable) -> Callable:
	"""Stand in `Contact.get_vcard`, which is downloaded."""

	def vcard(contact):
		return get_vcard(without_hidden_values(contact))

	return vcard


def number_unless_hidden(get_contact_number: Callable) -> Callable:
	"""Stand in `frappe.core.doctype.sms_settings.sms_settings.get_contact_number`."""

	def number(*args, **kwargs):
		is_hidden = NUMBERS & hidden_fields(frappe.session.user, CONTACT)
		return "" if is_hidden else get_contact_number(*args, **kwargs)

	return number
