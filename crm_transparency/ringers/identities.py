"""Whose address, number or record is this? Which ringers there are, and what each of them is.

For code of this room and those that may ask it: nothing here asks who is asking. Look-ups go by fingerprint, one indexed
look-up each, and take the same time whether they find something or not. Whatever isn't Planned rings: a ringer that was
retired or lost is still in the files that were exported before.
"""

import json
from typing import NamedTuple

import frappe

from crm_transparency.ringers import fingerprints

RINGER = "Ringer"
RINGING = ("Planted", "Retired", "Lost")
#: the column that holds the fingerprint of a record, by its DocType
RECORD_COLUMNS = {
	"Contact": "contact_fingerprint",
	"Customer": "party_fingerprint",
	"Lead": "party_fingerprint",
	"Address": "address_fingerprint",
}

Record = tuple[str, str]


class Identity(NamedTuple):
	"""A ringer in clear. `records` are its documents as (DocType, name), with all the names that they ever had."""

	ringer: str
	status: str
	planted_as: str
	planted_on: str | None
	contact: str | None
	full_name: str | None
	email: str | None
	phone: str | None
	records: tuple[Record, ...]
	placement: dict


class Watcher(NamedTuple):
	"""Who watches a ringer: `user` and `email` only if it is a user of the site."""

	name: str
	user: str | None
	email: str | None


def by_email(address: str) -> list[str]:
	"""Return the ringers with this address, however it is written: "Ada <ada+news@example.com>" finds ada@example.com."""
	return _ringing("email_fingerprint", fingerprints.of_email_and_its_shorter_forms(address))


def by_phone(number: str) -> list[str]:
	"""Return the ringers with this number; without a country it is one of the site's country."""
	return _ringing("phone_fingerprint", [fingerprints.of_phone(number)])


def of_contact(contact: str) -> str | None:
	return of_record("Contact", contact)


def of_record(doctype: str, name: str) -> str | None:
	"""Return the ringer whose contact, own customer or lead, or address this is today."""
	column = RECORD_COLUMNS.get(doctype)
	if not column:
		return None
	return frappe.db.get_value(RINGER, {column: fingerprints.of_record(doctype, name)})


def contact_of(ringer: str) -> Identity:
	"""Return who a ringer is, in clear."""
	return _identity(frappe.get_doc(RINGER, ringer))


def active() -> list[str]:
	"""Return the ringers that are in the CRM, or in an exported file, today."""
	return frappe.get_all(RINGER, filters={"status": "Planted"}, pluck="name", order_by="name")


def ringing() -> list[str]:
	"""Return the ringers that can ring, which are more than the active ones."""
	return frappe.get_all(RINGER, filters={"status": ("in", RINGING)}, pluck="name", order_by="name")


def watcher_of(ringer: str) -> Watcher | None:
	name = frappe.get_doc(RINGER, ringer).in_clear("watched_by")
	if not name:
		return None
	email = frappe.db.get_value("User", name, "email")
	return Watcher(name, name if email else None, email)


def _ringing(column: str, found: list[str | None]) -> list[str]:
	found = [fingerprint for fingerprint in found if fingerprint]
	if not found:
		return []
	filters = {column: ("in", found), "status": ("in", RINGING)}
	return frappe.get_all(RINGER, filters=filters, pluck="name", order_by="name")


def _identity(ringer) -> Identity:
	return Identity(
		ringer=ringer.name,
		status=ringer.status,
		planted_as=ringer.planted_as,
		planted_on=ringer.in_clear("planted_on"),
		contact=ringer.in_clear("contact"),
		full_name=ringer.in_clear("full_name"),
		email=ringer.in_clear("email"),
		phone=ringer.in_clear("phone"),
		records=tuple(records_of(ringer)),
		placement=json.loads(ringer.in_clear("placement") or "{}"),
	)


def records_of(ringer) -> list[Record]:
	"""Return the documents of a Ringer as they are called today, and then by the names that they had before."""
	today = [
		("Contact", ringer.in_clear("contact")),
		(ringer.in_clear("party_type"), ringer.in_clear("party")),
		("Address", ringer.in_clear("address")),
	]
	before = [tuple(record) for record in json.loads(ringer.in_clear("former_records") or "[]")]
	return [(doctype, name) for doctype, name in (*today, *before) if doctype and name]
