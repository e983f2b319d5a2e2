"""Whose address, number or record is this? Which ringers there are, and what each of them is.

For code of this room and those that may ask it: nothing here asks who is asking. Look-ups go by fingerprint, one indexed
look-up each, and take the same time whether they find something or not. Whatever isn't Planned rings: a ringer that was
retired or lost is still in the files that were exported before.
"""

import json
from typing import NamedTuple

import frappe
from frappe.model.document import Document

from crm_transparency.ringers import fingerprints
from crm_transparency.ringers.sealed_document import in_clear

RINGER = "Ringer"
EXPORT_ROW = "Export Row"
RINGING = ("Planted", "Retired", "Lost")
#: the field of a Ringer that names its record of a DocType, and the column with the fingerprint of that
RECORD_FIELDS = {"Contact": "contact", "Customer": "party", "Lead": "party", "Address": "address"}
RECORD_COLUMNS = {doctype: f"{field}_fingerprint" for doctype, field in RECORD_FIELDS.items()}

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
	return identity_of(frappe.get_doc(RINGER, ringer))


def active() -> list[str]:
	"""Return the ringers that are in the CRM, or in an exported file, today."""
	return frappe.get_all(RINGER, filters={"status": "Planted"}, pluck="name", order_by="name")


def in_the_crm() -> list[str]:
	"""Return the active ringers without those of exported files, of which there may be thousands."""
	filters = {"status": "Planted", "planted_as": ("!=", EXPORT_ROW)}
	return frappe.get_all(RINGER, filters=filters, pluck="name", order_by="name")


def ringing() -> list[str]:
	"""Return the ringers that can ring, which are more than the active ones."""
	return frappe.get_all(RINGER, filters={"status": ("in", RINGING)}, pluck="name", order_by="name")


def watcher_of(ringer: str) -> Watcher | None:
	name = in_clear(frappe.get_doc(RINGER, ringer), "watched_by")
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


def identity_of(ringer: Document) -> Identity:
	return Identity(
		ringer=ringer.name,
		status=ringer.status,
		planted_as=ringer.planted_as,
		planted_on=in_clear(ringer, "planted_on"),
		contact=in_clear(ringer, "contact"),
		full_name=in_clear(ringer, "full_name"),
		email=in_clear(ringer, "email"),
		phone=in_clear(ringer, "phone"),
		records=tuple(records_of(ringer)),
		placement=json.loads(in_clear(ringer, "placement") or "{}"),
	)


def records_of(ringer: Document) -> list[Record]:
	"""Return the documents of a Ringer as they are called today, and then by the names that they had before."""
	today = [
		("Contact", in_clear(ringer, "contact")),
		(in_clear(ringer, "party_type"), in_clear(ringer, "party")),
		("Address", in_clear(ringer, "address")),
	]
	before = [tuple(record) for record in json.loads(in_clear(ringer, "former_records") or "[]")]
	return [(doctype, name) for doctype, name in (*today, *before) if doctype and name]
