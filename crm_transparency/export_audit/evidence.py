"""Evidence bundles: what the ledgers hold about one person in one period, as files that others can check.

Managers ask for a bundle, a job makes it, and they download it. It is an export like any other: unrecorded, it doesn't exist.
"""

import hashlib
import json
import re
import secrets
import shutil
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import format_date, get_system_timezone, now_datetime
from pypika import Criterion
from pypika.queries import Table

from crm_transparency.crm_transparency import formatting, staff
from crm_transparency.crm_transparency.period import Period
from crm_transparency.crm_transparency.staff import current_actor
from crm_transparency.export_audit import bundle_files, exports, manifests
from crm_transparency.export_audit.bundle_files import Archive, LedgerTable, Summary
from crm_transparency.export_audit.exceptions import ManifestAltered
from crm_transparency.export_audit.exports import EVIDENCE_BUNDLE, Export
from crm_transparency.ledger import ledgers, names, seals, verification
from crm_transparency.ledger.ledgers import UNSEALED, Condition

DOCTYPE = "Evidence Bundle"
QUEUED, RUNNING, READY, FAILED = "Queued", "Running", "Ready", "Failed"
MAX_PURPOSE_LENGTH = 500
JOB_SECONDS = 2 * 3600
EXCERPT = "ledger.jsonl"
#: functions of other rooms and apps that add files: `(person, period, reader) -> Iterable[FurtherFile]`. What their reader
#: may not know they leave out.
HOOK = "transparency_evidence"


class FurtherFile(NamedTuple):
	"""A file of another room. A bundle with one that only a role may know is read by people with that role only."""

	name: str
	content: bytes
	only_for_role: str | None = None


@frappe.whitelist(methods=["POST"])
def ask_for(person: str, from_date: str, to_date: str, purpose: str | None = None) -> str:
	"""Have a bundle made in the background; return the name of the Evidence Bundle that will hold it.

	Raises PermissionError for whoever isn't a manager, ValidationError for a period that ends before it begins.
	"""
	check_may_make()
	if not frappe.db.exists("User", person):
		frappe.throw(_("There is no user {0}.").format(person), exc=frappe.DoesNotExistError)
	period = Period.of_days(from_date, to_date)
	asked = frappe.get_doc(
		doctype=DOCTYPE,
		person=person,
		full_name=names.full_names([person])[person],
		from_date=period.first_day,
		to_date=period.last_day,
		purpose=(purpose or "").strip()[:MAX_PURPOSE_LENGTH] or None,
		asked_by=frappe.session.user,
		status=QUEUED,
	).insert(ignore_permissions=True)
	frappe.enqueue(
		run,
		queue="long",
		timeout=JOB_SECONDS,
		enqueue_after_commit=True,
		name=asked.name,
		origin=exports.origin(),
		impersonated_by=current_actor().impersonated_by,
	)
	return asked.name


def check_may_make() -> None:
	if not staff.is_manager():
		roles = staff.roles_in_words()
		frappe.throw(
			_("Evidence bundles are made by people with one of the roles {0}.").format(roles),
			exc=frappe.PermissionError,
			title=_("For managers and HR"),
		)


def run(name: str, origin: dict, impersonated_by: str | None = None) -> None:
	"""Make the Evidence Bundle `name`. A job: commits."""
	note(name, status=RUNNING)
	try:
		seals.seal_new_entries()
		make(frappe.get_doc(DOCTYPE, name), origin, impersonated_by)
		# a background job: recorded and attached, or neither
		frappe.db.commit()  # nosemgrep: frappe-manual-commit
	except Exception:
		frappe.db.rollback()
		# Frappe would add the values of variables, and with them the evidence
		frappe.log_error(_("CRM Transparency: an evidence bundle wasn't made"), frappe.get_traceback())
		note(name, status=FAILED)


def note(name: str, **values) -> None:
	frappe.get_doc(DOCTYPE, name).db_set(values, notify=True)
	# a background job: people see how far it is
	frappe.db.commit()  # nosemgrep: frappe-manual-commit


def make(asked: Document, origin: dict, impersonated_by: str | None) -> None:
	"""Make the bundle, record it as an export, and attach it, in the running transaction.

	The job runs as who asked, so it ends here for somebody who isn't a manager any more.
	"""
	check_may_make()
	period = Period.of_days(asked.from_date, asked.to_date)
	about = Summary(
		person=asked.person,
		full_name=asked.full_name,
		first_day=format_date(period.first_day),
		last_day=format_date(period.last_day),
		made_by=names.full_names([asked.asked_by])[asked.asked_by],
		made_on=formatting.moment(now_datetime()),
		purpose=asked.purpose,
	)
	with TemporaryDirectory() as folder:
		path = Path(folder) / file_name(asked)
		write_bundle(path, about, period, reader=asked.asked_by)
		entry = exports.record(as_export(asked, about, path, origin, impersonated_by))
		url = attach(asked, path)
	asked.db_set(
		{
			"status": READY,
			"only_for_role": about.only_for_role,
			"entry_count": about.entry_count,
			"export_count": about.entries[exports.LEDGER],
			"file": url,
			"file_bytes": entry.file_bytes,
			"file_sha256": entry.file_sha256,
			"export_log": entry.name,
			"finished_on": now_datetime(),
		},
		notify=True,
	)


def as_export(
	asked: Document, about: Summary, path: Path, origin: dict, impersonated_by: str | None
) -> Export:
	period = {"person": asked.person, "from_date": str(asked.from_date), "to_date": str(asked.to_date)}
	return Export(
		EVIDENCE_BUNDLE,
		doctype=DOCTYPE,
		file_name=path.name,
		file_format="ZIP",
		content=path,
		row_count=about.entry_count,
		filters=frappe.as_json(period, indent=None),
		purpose=asked.purpose,
		user=asked.asked_by,
		impersonated_by=impersonated_by,
		origin=origin,
	)


def file_name(asked: Document) -> str:
	person = re.sub("[^a-z0-9]+", "-", asked.person.lower()).strip("-") or "person"
	return f"evidence-{person}-{asked.from_date}-{asked.to_date}-{secrets.token_hex(4)}.zip"


def attach(asked: Document, path: Path) -> str:
	"""Move the file among the site's private ones, attached to the Evidence Bundle; return its address.

	Frappe's own way would read the whole file into memory and refuse large ones. Nobody owns the file: it's read by
	those who may read the Evidence Bundle, and no longer by who asked for it and stopped being a manager.
	"""
	target = Path(frappe.get_site_path("private", "files", path.name))
	digest, size = hashlib.md5(usedforsecurity=False), path.stat().st_size
	with path.open("rb") as content:
		while chunk := content.read(exports.CHUNK_BYTES):
			digest.update(chunk)
	frappe.db.after_rollback.add(lambda: target.unlink(missing_ok=True))
	shutil.move(path, target)
	moment = now_datetime()
	file = frappe.get_doc(
		doctype="File",
		file_name=path.name,
		file_url=f"/private/files/{path.name}",
		file_type="ZIP",
		is_private=1,
		file_size=size,
		content_hash=digest.hexdigest(),
		folder=frappe.db.get_value("File", {"is_attachments_folder": 1}),
		attached_to_doctype=DOCTYPE,
		attached_to_name=asked.name,
		owner="Administrator",
		modified_by="Administrator",
		creation=moment,
		modified=moment,
	)
	file.db_insert()
	return file.file_url


# What is in a bundle: one pass over the entries, written to files as it goes


def write_bundle(path: Path, about: Summary, period: Period, reader: str) -> None:
	"""Write the bundle about `about.person` to the ZIP file `path`, and into `about` what is in it.

	`reader` is who asked for it. Checks no permissions.

	Memory doesn't grow with the period, but for the list of the bundle's files and the largest
	manifest.
	"""
	with TemporaryDirectory() as folder, Archive(path, path.stem) as archive:
		write_entries(Path(folder), archive, about, period)
		archive.add_file(EXCERPT, Path(folder) / EXCERPT)
		for ledger in about.entries:
			archive.add_file(table_name(ledger), Path(folder) / table_name(ledger))
		add_files_of_others(archive, about, period, reader)
		archive.add(*bundle_files.summary_file(about))
		archive.add("README.txt", readme(about))


def add_files_of_others(archive: Archive, about: Summary, period: Period, reader: str) -> None:
	for function in frappe.get_hooks(HOOK):
		for file in frappe.get_attr(function)(person=about.person, period=period, reader=reader):
			archive.add(file.name, file.content)
			about.further_files += 1
			about.only_for_role = file.only_for_role or about.only_for_role


def table_name(ledger: str) -> str:
	return f"{ledger.lower().replace(' ', '-')}.csv"


def write_entries(folder: Path, archive: Archive, about: Summary, period: Period) -> None:
	conditions = conditions_about(about.person, period)
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
				take_entry(record, tables[record["ledger"]], archive, about)
		about.entries.update({ledger: table.entries for ledger, table in tables.items()})


def take_entry(record: dict, table: LedgerTable, archive: Archive, about: Summary) -> None:
	is_sealed = record["seal"] != UNSEALED
	about.unsealed += not is_sealed
	table.add(record["name"], ledgers.seal_name(record["seal"]) if is_sealed else None, record["fields"])
	if record["ledger"] == exports.LEDGER:
		about.add_export(record["name"], record["fields"])
		add_manifest(record["name"], record["fields"].get("manifest_sha256"), archive, about)


def add_manifest(export_log: str, sha256: str | None, archive: Archive, about: Summary) -> None:
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
		_("summary.pdf (or summary.html, where the server can't make PDF files): a summary of this bundle."),
		_(
			"*.csv: the entries of each ledger that name the person, for spreadsheets. Cells that a spreadsheet would take "
			"for a formula begin with an apostrophe."
		),
		_(
			"manifests/*.jsonl: the exact records of each export, one per line. A file has the name of its export's entry, "
			"and its SHA-256 is the manifest_sha256 in that entry."
		),
		_("Times are those of the time zone {0}; the offset says which of two equal times it was.").format(
			get_system_timezone()
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


# Which ledger entries are about a person


def conditions_about(person: str, period: Period) -> dict[str, Condition]:
	"""Return, by ledger, the condition of the entries that name a person and were written in a period.

	Entries keep the name that the person had when they were written, so former names count too.
	"""
	fields_by_ledger = {ledger: ledgers.people_in(ledger) for ledger in ledgers.all_ledgers()}
	return {
		ledger: condition_on(fields, person, period) for ledger, fields in fields_by_ledger.items() if fields
	}


def condition_on(fields: tuple[str, ...], person: str, period: Period) -> Condition:
	def about_person(table: Table) -> Criterion:
		named = names.is_about([person], fields, table, table.creation)
		return named & period.contains(table.creation)

	return about_person
