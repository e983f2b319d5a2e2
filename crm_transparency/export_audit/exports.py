"""Exports: tracked data that leaves. Each is recorded before it goes; what can't be recorded doesn't go."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

import frappe
from frappe.utils import now_datetime

from crm_transparency.crm_transparency.actor import current_actor
from crm_transparency.export_audit import manifests
from crm_transparency.export_audit.alerts import queue
from crm_transparency.export_audit.permissions import LEDGER
from crm_transparency.ledger import entries

CHUNK_BYTES = 1 << 20

LIST_EXPORT = "List Export"
REPORT_EXPORT = "Report Export"
DATA_EXPORT = "Data Export"
IMPORT_TEMPLATE = "Import Template"
VCARD = "vCard"
PRINT = "Print"
API_READ = "API Read"
SCHEDULED_REPORT = "Scheduled Report"
EMAIL_ATTACHMENT = "Email Attachment"
FILE_DOWNLOAD = "File Download"
BACKUP_DOWNLOAD = "Backup Download"
EVIDENCE_BUNDLE = "Evidence Bundle"


@dataclass
class Export:
	"""What is about to leave. `content` is the file: its bytes, or where it lies; None if there is none (yet)."""

	channel: str
	doctype: str | None = None
	report: str | None = None
	file_name: str | None = None
	file_format: str | None = None
	content: bytes | Path | None = None
	row_count: int = 0
	columns: list[str] = field(default_factory=list)
	filters: str | None = None
	contact_data: bool = False
	#: (DocType, name) of tracked data
	records: Iterable[tuple[str, str]] = ()
	#: further names of tracked data by DocType, where there are too many to make a pair of each
	names: Mapping[str, Iterable[str | int]] = field(default_factory=dict)
	recipients: str | None = None
	purpose: str | None = None
	#: who exports, where that isn't the user of the session
	user: str | None = None
	#: who really sat there, and where the request came from, for a job that a request queued
	impersonated_by: str | None = None
	origin: dict[str, str | None] | None = None
	#: of the invented contact it carries, see `traceable`
	trace: str | None = None

	@cached_property
	def size_and_sha256(self) -> tuple[int, str | None]:
		"""Of the file; read once, however often it's asked for."""
		return measure(self.content)

	def names_by_doctype(self) -> dict[str, set[str]]:
		"""Return the names of all tracked data in it."""
		found = {doctype: set(map(str, names)) for doctype, names in self.names.items()}
		for doctype, name in self.records:
			found.setdefault(doctype, set()).add(name)
		return found


def record(export: Export) -> frappe._dict:
	"""Write an export and its manifest to the ledger, in the running transaction, and return the entry."""
	return add(values_of(export), now_datetime(), export.names_by_doctype())


def add(values: dict, exported_on: datetime, names: Mapping[str, Iterable[str]]) -> frappe._dict:
	"""Add an entry and its manifest, of names by DocType, to the ledger in the running transaction; return the entry.

	Whether it calls for attention is judged in the background, once it is committed.
	"""
	manifest = manifests.write(values["name"], names, values["user"])
	entry = entries.add_at_once(
		LEDGER,
		**values,
		exported_on=exported_on,
		owner=values["user"],
		modified_by=values["user"],
		manifest_sha256=manifest.sha256,
		record_count=manifest.record_count,
	)
	queue.judge_after_commit(entry.user)
	return entry


def values_of(export: Export) -> dict:
	"""Return what the ledger says about an export by the running request, but for when and for what its manifest tells."""
	actor = current_actor()
	size, digest = export.size_and_sha256
	return dict(
		name=entries.new_name(),
		user=export.user or actor.user,
		impersonated_by=export.impersonated_by or actor.impersonated_by,
		channel=export.channel,
		reference_doctype=export.doctype,
		report_name=export.report,
		file_name=export.file_name,
		file_format=export.file_format,
		row_count=export.row_count,
		column_count=len(export.columns),
		columns="\n".join(export.columns),
		filters=export.filters,
		file_bytes=size,
		file_sha256=digest,
		contact_data=int(export.contact_data),
		recipients=export.recipients,
		purpose=export.purpose,
		trace=export.trace,
		**(export.origin if export.origin is not None else origin()),
	)


def origin() -> dict[str, str | None]:
	"""Return where the running request comes from; nothing in a job."""
	request = getattr(frappe.local, "request", None)
	if not request:
		return {}
	return {
		"ip_address": getattr(frappe.local, "request_ip", None),
		"user_agent": request.headers.get("User-Agent"),
		"signed_in_with": signed_in_with(request.headers.get("Authorization", "")),
	}


def signed_in_with(authorization: str) -> str:
	scheme = authorization.partition(" ")[0].lower()
	return {"bearer": "OAuth Token", "token": "API Key", "basic": "API Key"}.get(scheme, "Session")


def measure(content: bytes | Path | None) -> tuple[int, str | None]:
	"""Return size in bytes and SHA-256 of a file, which is read in chunks: backups are large."""
	if content is None:
		return 0, None
	if isinstance(content, bytes):
		return len(content), hashlib.sha256(content).hexdigest()
	digest, size = hashlib.sha256(), 0
	with content.open("rb") as file:
		while chunk := file.read(CHUNK_BYTES):
			digest.update(chunk)
			size += len(chunk)
	return size, digest.hexdigest()
