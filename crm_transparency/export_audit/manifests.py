"""Manifests: exactly which records an export held.

A manifest's text has a line of JSON, `["<DocType>","<name>"]`, for each record, sorted; the Export Log entry, which is
sealed, keeps the SHA-256 of that text. So a manifest can't be altered either without its being found.
"""

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import frappe
from frappe import _
from frappe.utils import now

from crm_transparency.crm_transparency import hidden
from crm_transparency.crm_transparency.database import insert_rows, inserted
from crm_transparency.export_audit import export_visibility
from crm_transparency.export_audit.audited import audited_doctypes
from crm_transparency.export_audit.exceptions import ManifestAltered
from crm_transparency.export_audit.export_visibility import LEDGER, MANIFEST

#: while somebody waits for the export, and afterwards in the background
FAST, SMALL = 1, 9
ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
MUST_BE_ESCAPED = re.compile(r'[\x00-\x1f"\\]')


class Manifest(NamedTuple):
	sha256: str | None
	record_count: int


class Page(NamedTuple):
	"""Some of the records of a manifest, and how many there are."""

	total: int
	records: list[tuple[str, str]]


def write(export_log: str, names: Mapping[str, Iterable[str]], user: str) -> Manifest:
	"""Keep the manifest of a user's export in the running transaction; nothing is kept if it held no tracked data.

	`names` are those of the records, by DocType, in any order.
	"""
	names = {doctype: sorted(set(names[doctype])) for doctype in sorted(names) if names[doctype]}
	if not names:
		return Manifest(None, 0)
	text, count = as_text(names), sum(map(len, names.values()))
	row = {"name": export_log, "record_count": count, "records": packed(text, FAST), "indexed": 0}
	row |= inserted(user, now())
	insert_rows(MANIFEST, tuple(row), [tuple(row.values())])
	return Manifest(hashlib.sha256(text).hexdigest(), count)


def repack(export_log: str) -> None:
	"""Make a manifest take as little room in the database as it can, its text staying the same."""
	records = frappe.db.get_value(MANIFEST, export_log, "records")
	smaller = packed(unpacked(records), SMALL)
	if len(smaller) < len(records or ""):
		frappe.db.set_value(MANIFEST, export_log, "records", smaller, update_modified=False)


def packed(text: bytes, level: int) -> str:
	return base64.b64encode(zlib.compress(text, level)).decode()


def unpacked(records: str | None) -> bytes:
	"""Return the text of a manifest; nothing if somebody made what is stored unreadable."""
	try:
		return zlib.decompress(base64.b64decode(records or ""))
	except (zlib.error, ValueError):
		return b""


def read(export_log: str) -> list[tuple[str, str]]:
	"""Return the records that an export held, as (DocType, name), sorted; nothing if it held no tracked data.

	Records that are hidden from the reader are left out.

	Raises PermissionError unless the reader is a manager or made the export, and ManifestAltered if somebody changed
	the manifest in the database.
	"""
	return without_hidden(unpack(export_log, sha256_for_reader(export_log)))


def read_page(export_log: str, start: int = 0, length: int = 50, search: str | None = None) -> Page:
	"""Return some of the records that `read` returns, from number `start` on; of those whose names hold `search`.

	Raises what `read` raises.
	"""
	lines = text_of(export_log, sha256_for_reader(export_log)).splitlines()
	if search:
		wanted = search.casefold()
		lines = [line for line in lines if wanted in record_in(line)[1].casefold()]
	lines = lines_without_hidden(lines)
	start = max(0, start)
	return Page(len(lines), [record_in(line) for line in lines[start : start + length]])


def lines_without_hidden(lines: list[bytes]) -> list[bytes]:
	"""Return a manifest's lines without records hidden from the reader; read only where something may be hidden."""
	if not any(hidden.conditions(doctype) for doctype in audited_doctypes()):
		return lines
	seen = set(without_hidden([record_in(line) for line in lines]))
	return [line for line in lines if record_in(line) in seen]


def without_hidden(records: list[tuple[str, str]]) -> list[tuple[str, str]]:
	names: dict[str, set[str]] = {}
	for doctype, name in records:
		names.setdefault(doctype, set()).add(name)
	seen = {doctype: hidden.visible(doctype, some) for doctype, some in names.items()}
	return [(doctype, name) for doctype, name in records if name in seen[doctype]]


def sha256_for_reader(export_log: str) -> str | None:
	"""Return what the ledger says of a manifest to those who may read it; refuse others."""
	asked = [*export_visibility.WHO_AND_WHEN, "manifest_sha256"]
	entry = frappe.db.get_value(LEDGER, export_log, asked, as_dict=True)
	if not entry:
		frappe.throw(_("There is no export {0}.").format(export_log), exc=frappe.DoesNotExistError)
	export_visibility.check_details(entry)
	return entry.manifest_sha256


def unpack(export_log: str, sha256: str | None) -> list[tuple[str, str]]:
	"""Return a manifest's records without asking for permission; `sha256` is what the ledger says."""
	return [record_in(line) for line in text_of(export_log, sha256).splitlines()]


def holds(export_log: str, sha256: str | None, record: tuple[str, str]) -> bool:
	"""Return whether a manifest names a record, without reading all the others. Checks no permissions."""
	doctype, name = record
	line, text = as_text({doctype: [name]}), text_of(export_log, sha256)
	return (
		text == line
		or text.startswith(line + b"\n")
		or b"\n" + line + b"\n" in text
		or text.endswith(b"\n" + line)
	)


def text_of(export_log: str, sha256: str | None) -> bytes:
	records = frappe.db.get_value(MANIFEST, export_log, "records")
	if not records and not sha256:
		return b""
	text = unpacked(records)
	if hashlib.sha256(text).hexdigest() != sha256:
		frappe.throw(
			_(
				"The manifest of export {0} isn't the one that was recorded: somebody altered or removed it."
			).format(export_log),
			exc=ManifestAltered,
		)
	return text


def is_intact(export_log: str, fields: Mapping[str, object]) -> bool:
	"""Return whether an entry's manifest is the one whose hash the entry holds: for `transparency_ledger_checks`."""
	try:
		text_of(export_log, fields.get("manifest_sha256"))
	except ManifestAltered:
		frappe.clear_last_message()
		return False
	return True


def record_in(line: bytes) -> tuple[str, str]:
	doctype, name = json.loads(line)
	return doctype, name


def as_text(names: Mapping[str, list[str]]) -> bytes:
	"""Return the text of a manifest from names by DocType, both in order."""
	lines = "\n".join(lines_of(doctype, names[doctype]) for doctype in names)
	return lines.encode("utf-8", "surrogatepass")


def lines_of(doctype: str, names: list[str]) -> str:
	"""Return a line for each name: where none has a character that JSON escapes, without encoding one by one."""
	head = f"[{ENCODE(doctype)},"
	if MUST_BE_ESCAPED.search("".join(names)):
		return "\n".join(f"{head}{ENCODE(name)}]" for name in names)
	return f'{head}"' + f'"]\n{head}"'.join(names) + '"]'
