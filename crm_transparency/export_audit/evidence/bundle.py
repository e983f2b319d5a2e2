"""Making the bundle: one pass over the entries, written to files as it goes."""

import json
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import frappe
from frappe import _

from crm_transparency.crm_transparency.period import Period
from crm_transparency.export_audit import exports, manifests
from crm_transparency.export_audit.evidence import people, summary
from crm_transparency.export_audit.evidence.archive import Archive
from crm_transparency.export_audit.evidence.summary import Summary
from crm_transparency.export_audit.evidence.tables import LedgerTable
from crm_transparency.export_audit.exceptions import ManifestAltered
from crm_transparency.ledger import chain, verification
from crm_transparency.ledger.ledgers import UNSEALED

EXCERPT = "ledger.jsonl"


#: functions of other rooms and apps that add files: `(person, period, reader) -> Iterable[FurtherFile]`. What their reader
#: may not know they leave out.
HOOK = "transparency_evidence"


class FurtherFile(NamedTuple):
	"""A file of another room. A bundle with one that only a role may know is read by people with that role only."""

	name: str
	content: bytes
	only_for_role: str | None = None


def make(path: Path, about: Summary, period: Period, reader: str) -> None:
	"""Write the bundle about `about.person` to the ZIP file `path`, and into `about` what is in it.

	`reader` is who asked for it. Asks for no permission.

	Memory doesn't grow with the period, but for the list of the bundle's files and the largest
	manifest.
	"""
	with TemporaryDirectory() as folder, Archive(path, path.stem) as archive:
		_write_entries(Path(folder), archive, about, period)
		archive.add_file(EXCERPT, Path(folder) / EXCERPT)
		for ledger in about.entries:
			archive.add_file(table_name(ledger), Path(folder) / table_name(ledger))
		_add_files_of_others(archive, about, period, reader)
		archive.add(*summary.as_file(about))
		archive.add("README.txt", readme(about))


def _add_files_of_others(archive: Archive, about: Summary, period: Period, reader: str) -> None:
	for function in frappe.get_hooks(HOOK):
		for file in frappe.get_attr(function)(person=about.person, period=period, reader=reader):
			archive.add(file.name, file.content)
			about.further_files += 1
			about.only_for_role = file.only_for_role or about.only_for_role


def table_name(ledger: str) -> str:
	return f"{ledger.lower().replace(' ', '-')}.csv"


def _write_entries(folder: Path, archive: Archive, about: Summary, period: Period) -> None:
	conditions = people.conditions(about.person, period)
	with ExitStack() as stack:
		tables = {
			ledger: stack.enter_context(closing(LedgerTable(folder / table_name(ledger), ledger)))
			for ledger in conditions
		}
		excerpt = stack.enter_context((folder / EXCERPT).open("w", encoding="utf-8", errors="surrogatepass"))
		for record in verification.excerpt(conditions):
			excerpt.write(json.dumps(record, ensure_ascii=False) + "\n")
			if record["record"] == "seal":
				about.seals += 1
				about.newest_seal, about.newest_chain_sha256 = record["name"], record["chain_sha256"]
			elif record["record"] == "entry":
				_take_entry(record, tables[record["ledger"]], archive, about)
		about.entries.update({ledger: table.entries for ledger, table in tables.items()})


def _take_entry(record: dict, table: LedgerTable, archive: Archive, about: Summary) -> None:
	is_sealed = record["seal"] != UNSEALED
	about.unsealed += not is_sealed
	table.add(record["name"], chain.name_of(record["seal"]) if is_sealed else None, record["fields"])
	if record["ledger"] == exports.LEDGER:
		about.add_export(record["name"], record["fields"])
		_add_manifest(record["name"], record["fields"].get("manifest_sha256"), archive, about)


def _add_manifest(export_log: str, sha256: str | None, archive: Archive, about: Summary) -> None:
	"""Add a manifest exactly as it was hashed, so that its hash is the one in the entry."""
	if not sha256:
		return
	try:
		text = manifests.text_of(export_log, sha256)
	except ManifestAltered:
		about.altered_manifests.append(export_log)
	else:
		about.manifests += 1
		archive.add(f"manifests/{export_log}.jsonl", text)


def readme(about: Summary) -> str:
	paragraphs = (
		_("Evidence about {0} ({1}), {2} to {3}").format(
			about.full_name, about.person, about.first_day, about.last_day
		),
		_(
			"summary.pdf (or summary.html, where the server can't make PDF files): what is in this bundle, in words and figures."
		),
		_(
			"*.csv: the entries of each ledger that name the person, for spreadsheets. Cells that a spreadsheet would take "
			"for a formula begin with an apostrophe."
		),
		_(
			"manifests/*.jsonl: exactly which records each export held, one a line. A file has the name of its export's entry, "
			"and its SHA-256 is the manifest_sha256 in that entry."
		),
		_(
			"ledger.jsonl: the same entries as they were sealed, with their seals and the chain from there to the newest seal."
		),
		*(
			[_("Files in other folders: evidence about the person that other parts of the system keep.")]
			if about.further_files
			else []
		),
		_("SHA256SUMS: the hashes of all other files."),
		_("To check that no file was damaged or changed since, in this folder:"),
		"    sha256sum --check SHA256SUMS",
		_(
			"To check that the entries are what was sealed, on any machine with Python 3.10 or later and the source code of "
			"CRM Transparency (nothing has to be installed), in the folder of that source code:"
		),
		f"    python -m crm_transparency.ledger.verify {EXCERPT}",
		_(
			"Add --head CHAIN_HASH with a chain hash that somebody outside of the company held, from a later day than the "
			"first entry, to check that the whole chain wasn't rewritten."
		),
		_(
			"What this can't show: that there are no other entries about the person. An export of the whole ledger shows "
			"that. Entries older than the site keeps them are gone, under seals that remain."
		),
	)
	return "\n\n".join(paragraphs) + "\n"
