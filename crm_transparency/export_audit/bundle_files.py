"""The files in an evidence bundle: the ZIP with its hashes, ledger entries as CSV, and the summary."""

import csv
import hashlib
import heapq
import time
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import frappe
from frappe import _

from crm_transparency.crm_transparency import formatting
from crm_transparency.ledger import entries
from crm_transparency.ledger.ledgers import Value

CHUNK_BYTES = 1 << 20
SUMS = "SHA256SUMS"
#: with these a spreadsheet begins a formula, some of them after an invisible character
FORMULA_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n")
NEUTRALIZER = "'"
TEMPLATE = "crm_transparency/export_audit/evidence_summary.html"
LARGEST = 20


class Archive:
	"""A ZIP whose files are listed, with their hashes, in `SHA256SUMS`, as `sha256sum --check` reads it.

	Writes one file after the other, none of which has to fit into memory.
	"""

	def __init__(self, path: Path, folder: str):
		self.folder = folder
		self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
		self._sums: list[str] = []

	def __enter__(self) -> "Archive":
		return self

	def __exit__(self, error: type[BaseException] | None, *details) -> None:
		if error is None:
			self._write(SUMS, ["".join(self._sums).encode()])
		self._zip.close()

	def add(self, name: str, content: bytes | str) -> None:
		self.add_chunks(
			name, [content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content]
		)

	def add_file(self, name: str, path: Path) -> None:
		with path.open("rb") as file:
			self.add_chunks(name, iter(lambda: file.read(CHUNK_BYTES), b""))

	def add_chunks(self, name: str, chunks: Iterable[bytes]) -> None:
		"""Add a file; `name` is plain ASCII without spaces, so that every `sha256sum` reads the list."""
		self._sums.append(f"{self._write(name, chunks)}  {name}\n")

	def _write(self, name: str, chunks: Iterable[bytes]) -> str:
		digest = hashlib.sha256()
		member = zipfile.ZipInfo(f"{self.folder}/{name}", time.localtime()[:6])
		member.compress_type = zipfile.ZIP_DEFLATED
		member.external_attr = 0o600 << 16
		with self._zip.open(member, "w", force_zip64=True) as file:
			for chunk in chunks:
				digest.update(chunk)
				file.write(chunk)
		return digest.hexdigest()


class LedgerTable:
	"""One ledger's entries as CSV, for people; its hidden fields stay out.

	What is exact to the byte, and sealed, is in the excerpt of the ledger.
	"""

	def __init__(self, path: Path, ledger: str):
		self.entries = 0
		fields = [field for field in frappe.get_meta(ledger).fields if is_shown(field)]
		self._fieldnames = [field.fieldname for field in fields]
		self._file = path.open("w", encoding="utf-8-sig", newline="")
		self._writer = csv.writer(self._file)
		self._write([_("Entry"), _("Seal"), _("Written on"), *(_(field.label or "") for field in fields)])

	def add(self, name: str, seal: str | None, fields: dict[str, Value]) -> None:
		self.entries += 1
		self._write(
			[
				name,
				seal or _("not sealed yet"),
				with_offset(name, fields, "creation"),
				*(fields.get(fieldname) for fieldname in self._fieldnames),
			]
		)

	def close(self) -> None:
		self._file.close()

	def _write(self, values: list[Value]) -> None:
		self._writer.writerow([harmless(value) for value in values])


def with_offset(name: str, fields: dict[str, Value], moment: str) -> str:
	"""Return a moment of an entry, to the second, with the offset that tells it in the hour that comes twice."""
	return f"{str(fields.get(moment) or '')[:19]}{fields.get('utc_offset') or entries.utc_offset(name)}"


def is_shown(field: object) -> bool:
	return field.fieldtype not in frappe.model.no_value_fields and not field.hidden


def harmless(value: Value) -> Value:
	"""Return what a spreadsheet shows as the text it is, and doesn't calculate."""
	if isinstance(value, str) and value.lstrip(" \u200b\ufeff").startswith(FORMULA_BEGINNINGS):
		return NEUTRALIZER + value
	return value


class LargeExport(NamedTuple):
	"""Sorts by size."""

	rows: int
	name: str
	exported_on: str
	channel: str
	what: str


@dataclass
class Summary:
	"""What is in a bundle, in words and figures, on a page or two."""

	person: str
	full_name: str
	first_day: str
	last_day: str
	made_by: str
	made_on: str
	purpose: str | None
	entries: Counter = field(default_factory=Counter)
	exports: Counter = field(default_factory=Counter)
	rows: Counter = field(default_factory=Counter)
	largest: list[LargeExport] = field(default_factory=list)
	manifests: int = 0
	altered_manifests: list[str] = field(default_factory=list)
	unsealed: int = 0
	seals: int = 0
	newest_seal: str | None = None
	newest_chain_sha256: str | None = None
	#: evidence of other rooms, and the role that alone may know it
	further_files: int = 0
	only_for_role: str | None = None

	@property
	def entry_count(self) -> int:
		return self.entries.total()

	def add_export(self, name: str, fields: dict[str, Value]) -> None:
		channel, rows = fields.get("channel") or "", fields.get("row_count") or 0
		self.exports[channel] += 1
		self.rows[channel] += rows
		what = fields.get("report_name") or fields.get("reference_doctype") or ""
		export = LargeExport(rows, name, with_offset(name, fields, "exported_on"), channel, what)
		(heapq.heappush if len(self.largest) < LARGEST else heapq.heappushpop)(self.largest, export)

	def channels(self) -> Iterator[tuple[str, int, int]]:
		for channel, exports in sorted(self.exports.items()):
			yield channel, exports, self.rows[channel]

	def largest_first(self) -> list[LargeExport]:
		return sorted(self.largest, reverse=True)


def summary_file(summary: Summary) -> tuple[str, bytes]:
	"""Return the name of the summary's file and its content: a PDF, or a page where no PDF can be made."""
	# v15 gives templates no `frappe.local`
	around = {"site": frappe.local.site, "language": frappe.local.lang, "number": formatting.number}
	# a template of ours, named by its path
	# nosemgrep: frappe-ssti
	return formatting.pdf_file("summary", frappe.render_template(TEMPLATE, {"summary": summary, **around}))
