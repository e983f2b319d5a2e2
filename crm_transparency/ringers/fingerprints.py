"""Fingerprints of what identifies a ringer: they find it with one look-up in an index, and tell nothing by themselves.

A fingerprint is an HMAC-SHA256 with a key that is derived from the site's. Whoever reads the table without that key can
neither tell a ringer's address from it nor check whether an address is a ringer's.
"""

import hashlib
import hmac
import re
import secrets
from email.utils import parseaddr

import frappe
import phonenumbers
from frappe.utils.password import get_encryption_key

EMAIL, PHONE, RECORD = "email", "phone", "record"
#: of an address: more would only serve to keep us busy
MOST_TAGS = 5
PURPOSE = b"crm_transparency: fingerprints of ringers"


def of_email(address: str | None) -> str | None:
	"""Return the fingerprint of an address as it is, apart from upper and lower case."""
	address = plain_address(address)
	return fingerprint(EMAIL, address) if address else None


def of_email_and_its_shorter_forms(address: str | None) -> list[str]:
	"""Return the fingerprints of an address as it is, and without what follows each of its plus signs."""
	local, _at, domain = plain_address(address).rpartition("@")
	parts = local.split("+")[:MOST_TAGS] if local else []
	forms = [local, *("+".join(parts[:length]) for length in range(1, len(parts)))]
	return [fingerprint(EMAIL, f"{form}@{domain}") for form in forms if form]


def of_phone(number: str | None) -> str | None:
	number = international(number)
	return fingerprint(PHONE, number) if number else None


def of_record(doctype: str | None, name: str | None) -> str | None:
	return fingerprint(RECORD, f"{doctype}\n{name}") if doctype and name else None


def fingerprint(kind: str, value: str) -> str:
	"""Return 64 hexadecimal digits that only this site can make from a value."""
	key = hmac.digest(get_encryption_key().encode(), PURPOSE, hashlib.sha256)
	return hmac.new(key, f"{kind}\n{value}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def plain_address(address: str | None) -> str:
	"""Return the bare address from what mail headers hold, in lower case, its domain as computers spell it; "" if none."""
	bare = parseaddr(address or "")[1].strip().strip(".").casefold()
	local, at, domain = bare.rpartition("@")
	if not local or not domain:
		return ""
	try:
		domain = domain.encode("idna").decode()
	except UnicodeError:
		pass
	return f"{local}{at}{domain}"


def international(number: str | None) -> str:
	"""Return a phone number as E.164 writes it, +442079460001; without a country it's of the site's. "" if it is none."""
	try:
		parsed = phonenumbers.parse(number or "", home_region())
	except phonenumbers.NumberParseException:
		return re.sub(r"\D", "", number or "")
	return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def home_region() -> str | None:
	"""Return the code of the site's country, "GB"."""
	country = frappe.db.get_single_value("System Settings", "country") or frappe.db.get_default("country")
	code = frappe.get_cached_value("Country", country, "code") if country else None
	return code.upper() if code else None


def new_drill_mark() -> str:
	nonce = secrets.token_hex(8)
	return f"{nonce}-{_drill_proof(nonce)}"


def is_drill_mark(mark: str | None) -> bool:
	nonce, _dash, proof = (mark or "").strip().partition("-")
	return bool(proof) and hmac.compare_digest(proof.encode(), _drill_proof(nonce).encode())


def _drill_proof(nonce: str) -> str:
	return fingerprint("drill", nonce)[:32]
