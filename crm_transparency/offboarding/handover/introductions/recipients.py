"""Whom at a customer an introduction is addressed to: the primary contact, and if there is none, whoever can be written to."""

from typing import NamedTuple

import frappe
from frappe.utils import cstr, validate_email_address

from crm_transparency.crm_transparency import registry

CONTACT_FIELDS = ("customer_primary_contact", "contact_person")
ADDRESS_FIELDS = ("email_id", "contact_email")


class Recipient(NamedTuple):
	"""`email` is empty for somebody who can't be written to."""

	contact: str | None
	first_name: str
	full_name: str
	email: str | None


def of_account(doctype: str, name: str) -> Recipient:
	"""Return whom to write to at an account; its own address if it has no contact, as leads do."""
	contacts = candidates(doctype, name)
	for contact in contacts:
		if found := written_to(contact):
			return found
	columns = [field for field in ADDRESS_FIELDS if registry.has_column(doctype, field)]
	account = frappe.db.get_value(doctype, name, columns, as_dict=True) if columns else None
	email = next((account[field] for field in columns if account and is_address(account[field])), None)
	person = own_name(doctype, name) if email or not contacts else contact_named(contacts[0])
	return Recipient(contacts[0] if contacts and not email else None, *person, email)


def candidates(doctype: str, name: str) -> list[str]:
	"""Return the contacts of an account: the one it names, then the primary ones, then the others."""
	named = [field for field in CONTACT_FIELDS if registry.has_column(doctype, field)]
	first = [frappe.db.get_value(doctype, name, field) for field in named]
	link, contact = frappe.qb.DocType("Dynamic Link"), frappe.qb.DocType("Contact")
	linked = (
		frappe.qb.from_(link)
		.inner_join(contact)
		.on(contact.name == link.parent)
		.select(contact.name)
		.where((link.parenttype == "Contact") & (link.link_doctype == doctype) & (link.link_name == name))
		.orderby(contact.is_primary_contact, order=frappe.qb.desc)
		.orderby(contact.creation)
		.run(pluck=True)
	)
	return list(dict.fromkeys(filter(None, [*first, *linked])))


def written_to(contact: str) -> Recipient | None:
	"""Return a contact with its mail address, None if it has none."""
	row = frappe.db.get_value("Contact", contact, ["email_id", "unsubscribed"], as_dict=True)
	if not row:
		return None
	addresses = [row.email_id, *other_addresses(contact)]
	email = next((address for address in addresses if is_address(address)), None)
	return Recipient(contact, *contact_named(contact), email) if email else None


def other_addresses(contact: str) -> list[str]:
	filters = {"parent": contact, "parenttype": "Contact"}
	return frappe.get_all("Contact Email", filters=filters, pluck="email_id", order_by="is_primary desc, idx")


def is_address(address: str | None) -> bool:
	return bool(address and validate_email_address(address))


def contact_named(contact: str) -> tuple[str, str]:
	first, last = frappe.db.get_value("Contact", contact, ["first_name", "last_name"]) or ("", "")
	full_name = " ".join(filter(None, (first, last)))
	return first or full_name, full_name or contact


def own_name(doctype: str, name: str) -> tuple[str, str]:
	"""Return what a lead is called, who is a person, or the name of the account."""
	if doctype == "Lead" and registry.has_column("Lead", "first_name"):
		first, full = frappe.db.get_value("Lead", name, ["first_name", "lead_name"])
		return first or full or "", full or first or name
	title_field = registry.title_field(doctype)
	title = cstr(frappe.db.get_value(doctype, name, title_field)) if title_field else name
	return title, title
