"""What came with a sighting: mails as they arrived, photos, files. Encrypted, and never served back as they came.

The files lie among the site's private ones, so that backups hold them, but no File document knows them: Frappe serves
none of them to anybody. A sighting's entry names each with its SHA-256, which the ledger seals.
"""

import hashlib
import json
import secrets
from pathlib import Path
from typing import TypedDict

import frappe
from cryptography.fernet import Fernet, InvalidToken
from frappe.utils.password import get_encryption_key

from crm_transparency.crm_transparency.encryption import decrypted
from crm_transparency.ringers.documents import INBOUND_MESSAGE, SIGHTING

FOLDER = ("private", "files")
RAW_MAIL, PHOTO, FILE, PAYLOAD = "Mail", "Photo", "File", "Webhook"


class Evidence(TypedDict):
	kind: str
	name: str
	content_type: str
	bytes: int
	sha256: str
	stored_as: str


def store(kind: str, name: str, content: bytes, content_type: str) -> Evidence:
	"""Encrypt and keep a file; it goes again if the transaction is rolled back."""
	stored_as = f"{secrets.token_hex(16)}.bin"
	path = path_of(stored_as)
	path.write_bytes(_cipher().encrypt(content))
	frappe.db.after_rollback.add(lambda: path.unlink(missing_ok=True))
	return Evidence(
		kind=kind,
		name=name,
		content_type=content_type,
		bytes=len(content),
		sha256=hashlib.sha256(content).hexdigest(),
		stored_as=stored_as,
	)


def read(evidence: Evidence) -> bytes | None:
	"""Return a file as it came; None if it's gone or isn't what was kept. Asks for no permission."""
	try:
		content = _cipher().decrypt(path_of(evidence["stored_as"]).read_bytes())
	except (OSError, InvalidToken):
		return None
	return content if hashlib.sha256(content).hexdigest() == evidence["sha256"] else None


def remove(evidence: Evidence) -> None:
	path_of(evidence["stored_as"]).unlink(missing_ok=True)


def all_files() -> list[Evidence]:
	"""Return everything that sightings and waiting messages name, except what the site's key no longer decrypts."""
	found: list[Evidence] = []
	for text in frappe.get_all(SIGHTING, pluck="evidence"):
		found += _decrypted(text) or []
	for text in frappe.get_all(INBOUND_MESSAGE, pluck="content"):
		found += (_decrypted(text) or {}).get("evidence", [])
	return found


def _decrypted(text: str | None) -> list | dict | None:
	try:
		return json.loads(decrypted(text) or "null")
	except frappe.ValidationError:
		frappe.clear_messages()
		return None


def path_of(stored_as: str) -> Path:
	return Path(frappe.get_site_path(*FOLDER, Path(stored_as).name))


def _cipher() -> Fernet:
	return Fernet(get_encryption_key().encode())
