"""Whose address, number or record is this? Which ringers there are, and what each of them is.

For code of this room and of those that may ask it: nothing here asks for permission. Look-ups go by fingerprint, one
indexed look-up each. Every ringer that isn't Planned can ring: one that was retired or lost is still in the files that
were exported before.
"""

import json
from collections.abc import Iterable
from typing import NamedTuple

import frappe
from frappe.model.document import Document

from crm_transparency.crm_transparency import encryption
from crm_transparency.ringers import fingerprints
from crm_transparency.ringers.secrecy import decrypted

RINGER = "Ringer"
EXPORT_ROW = "Export Row"
RINGING = ("Planted", "Retired", "Lost")
#: the field of a Ringer that names its record of a DocType, and the column with the fingerprint of that
RECORD_FIELDS = {"Contact": "contact", "Customer": "party", "Lead": "party", "Address": "address"}
RECORD_COLUMNS = {doctype: f"{field}_fingerprint" for doctype, field in RECORD_FIELDS.items()}

Record = tuple[str, str]


class Identity(NamedTuple):
	"""A decrypted ringer. `records` are its documents as (DocType, name), with all the names that they ever had."""

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


def by_email(address: str) -> list[str]:
	"""Return the ringers with this address, however it is written: "Ada <ada+news@example.com>" finds ada@example.com."""
	return _ringing("email_fingerprint", fingerprints.of_email_and_its_shorter_forms(address))


def by_phone(number: str) -> list[str]:
	"""Return the ringers with this number; without a country it is one of the site's country."""
	return _ringing("phone_fingerprint", [fingerprints.of_phone(number)])


def of_record(doctype: str, name: str) -> str | None:
	"""Return the ringer whose contact, own customer or lead, or address this is today."""
	column = RECORD_COLUMNS.get(doctype)
	if not column:
		return None
	return frappe.db.get_value(RINGER, {column: fingerprints.of_record(doctype, name)})


def records_among(doctype: str, names: Iterable[str]) -> set[str]:
	"""Return which of many records are ringers', with one look-up."""
	by_fingerprint = {fingerprints.of_record(doctype, name): name for name in names}
	column = RECORD_COLUMNS[doctype]
	found = frappe.get_all(
		RINGER, filters={column: ("in", list(by_fingerprint))}, pluck=column, order_by=None
	)
	return {by_fingerprint[fingerprint] for fingerprint in found}


def contact_of(ringer: str) -> Identity:
	"""Return who a ringer is, decrypted."""
	return identity_of(frappe.get_doc(RINGER, ringer))


def called(ringers: Iterable[str]) -> dict[str, str]:
	"""Return what readers who may know call each ringer: by its contact, or by its number if it is gone."""
	there = {name: contact_of(name) for name in set(ringers) if frappe.db.exists(RINGER, name)}
	return {name: ringer.full_name or ringer.contact or name for name, ringer in there.items()}


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
		planted_on=decrypted(ringer, "planted_on"),
		contact=decrypted(ringer, "contact"),
		full_name=decrypted(ringer, "full_name"),
		email=decrypted(ringer, "email"),
		phone=decrypted(ringer, "phone"),
		records=tuple(records_of(ringer)),
		placement=json.loads(decrypted(ringer, "placement") or "{}"),
	)


def current_records_of(ringer: Document) -> list[Record]:
	"""Return the documents of a Ringer, or of a row of its fields, as they are called today."""
	today = [
		("Contact", decrypted(ringer, "contact")),
		(decrypted(ringer, "party_type"), decrypted(ringer, "party")),
		("Address", decrypted(ringer, "address")),
	]
	return [(doctype, name) for doctype, name in today if doctype and name]


def records_of(ringer: Document) -> list[Record]:
	"""Return the documents of a Ringer as they are called today, and then by the names that they had before."""
	former = [tuple(record) for record in json.loads(decrypted(ringer, "former_records") or "[]")]
	return current_records_of(ringer) + former


def left_out_of_figures(doctype: str) -> list[str]:
	"""`transparency_left_out_of_figures`: the records of a DocType that are ringers."""
	field = RECORD_FIELDS.get(doctype)
	if not field:
		return []
	rows = frappe.get_all(
		RINGER,
		filters={RECORD_COLUMNS[doctype]: ("is", "set")},
		fields=[field, "party_type"],
		order_by=None,
	)
	return [
		encryption.decrypted(row[field])
		for row in rows
		if field != "party" or encryption.decrypted(row.party_type) == doctype
	]
