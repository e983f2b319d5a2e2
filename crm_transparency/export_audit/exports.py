"""Exports: tracked data that leaves. Each is recorded before it goes; what can't be recorded doesn't go."""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import frappe
from frappe import _
from frappe.utils import now_datetime
from frappe.utils.password import get_encryption_key

from crm_transparency.crm_transparency.jobs import is_interruption
from crm_transparency.crm_transparency.staff import current_actor
from crm_transparency.export_audit import manifests
from crm_transparency.export_audit.exceptions import ExportNotRecorded, ManifestAltered
from crm_transparency.export_audit.export_visibility import LEDGER, READ_VOLUME
from crm_transparency.ledger import entries

__all__ = ["LEDGER", "READ_VOLUME", "Export", "export_of_ringer", "record", "recorded_or_refused", "trace_of"]

CHUNK_BYTES = 1 << 20

LIST_EXPORT = "List Export"
REPORT_EXPORT = "Report Export"
DATA_EXPORT = "Data Export"
VCARD = "vCard"
PRINT = "Print"
API_READ = "API Read"
SCHEDULED_REPORT = "Scheduled Report"
EMAIL_ATTACHMENT = "Email Attachment"
FILE_DOWNLOAD = "File Download"
BACKUP_DOWNLOAD = "Backup Download"
EVIDENCE_BUNDLE = "Evidence Bundle"

RECORDING = "recording_an_export"
JUDGE = "crm_transparency.export_audit.alert_rules.judge_person"
JUDGE_QUEUED = "crm_transparency:judging:"
#: a job that got lost keeps the next from being queued only for so long
SECONDS_UNTIL_QUEUED_AGAIN = 120


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
	#: the impersonator, and where the request came from, for a job that a request queued
	impersonated_by: str | None = None
	origin: dict[str, str | None] | None = None
	#: of the invented contact it carries, see `trace_of`
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
	"""Write an export and its manifest to the ledger, in the running transaction, and return the entry.

	Whether it calls for attention is judged in the background, once it is committed.
	"""
	values = values_of(export)
	manifest = manifests.write(values["name"], export.names_by_doctype(), values["user"])
	entry = entries.add_at_once(
		LEDGER,
		**values,
		exported_on=now_datetime(),
		owner=values["user"],
		modified_by=values["user"],
		manifest_sha256=manifest.sha256,
		record_count=manifest.record_count,
	)
	frappe.db.after_commit.add(lambda: judge_later(entry.user))
	return entry


@contextmanager
def recorded_or_refused() -> Iterator[None]:
	"""Let nothing leave that isn't recorded within the block: what that wrote is undone, and a sentence says why.

	Raises ExportNotRecorded; a deadlock or a lost connection as it is, and it keeps the transaction from being committed by
	who catches it.
	"""
	frappe.db.savepoint(RECORDING)
	try:
		yield
	except Exception as error:
		frappe.logger().error("CRM Transparency: an export could not be recorded", exc_info=True)
		try:
			frappe.db.rollback(save_point=RECORDING)
		except Exception:
			# a deadlock has undone the whole transaction already, also what the sender of a mail did before
			frappe.db.rollback()
			frappe.db.before_commit.add(refuse_to_commit)
		if is_interruption(error):
			raise
		raise ExportNotRecorded(not_recorded()) from error


def refuse_to_commit() -> None:
	raise frappe.QueryDeadlockError(not_recorded())


def not_recorded() -> str:
	return _(
		"This export could not be recorded, so it wasn't delivered. Nothing is wrong with your data. Please try again, "
		"and tell your administrator if it happens again."
	)


def take_over(export: Export) -> bool:
	"""Describe a file by the export that made it, told by its content; return whether there is one.

	So it is known again when it is mailed, or downloaded later.
	"""
	_size, digest = export.size_and_sha256
	if not digest:
		return False
	fields = ["name", "reference_doctype", "report_name", "row_count", "columns", "contact_data"]
	found = frappe.get_all(
		LEDGER,
		filters={"file_sha256": digest},
		# what only passed it on was described by what it hung on
		or_filters={"channel": ("not in", (EMAIL_ATTACHMENT, FILE_DOWNLOAD)), "column_count": (">", 0)},
		fields=[*fields, "manifest_sha256"],
		order_by="record_count desc, name",
		limit=1,
	)
	if not found:
		return False
	[source] = found
	export.doctype, export.report = source.reference_doctype, source.report_name
	export.row_count, export.contact_data = source.row_count, bool(source.contact_data)
	export.columns = (source.columns or "").splitlines()
	try:
		export.records = manifests.unpack(source.name, source.manifest_sha256)
	except ManifestAltered:
		# verification tells of that; it's no reason to refuse
		export.records = []
	return True


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


# The invented contact that an export carries, see `traceable`


def trace_of(ringer_id: str) -> str:
	"""Return what the Export Log keeps of a ringer's id: without the site's key nobody can compute or check it."""
	key = get_encryption_key().encode()
	return hmac.new(key, f"transparency export ringer {ringer_id}".encode(), hashlib.sha256).hexdigest()


def export_of_ringer(ringer_id: str) -> str | None:
	"""Return the Export Log entry of the export that carried a ringer, for the room that knows its id."""
	return frappe.db.get_value(LEDGER, {"trace": trace_of(ringer_id)})


# Alerts


def judge_later(user: str) -> None:
	"""Queue one job that judges a person's exports, however many wait for it: programs make hundreds at once.

	After the response, if there is one. Without Redis nothing is queued, nothing fails, and the hourly job judges.
	"""
	after_the_response(lambda: queue_judging(user))


def queue_judging(user: str) -> None:
	try:
		# the key is the site's: `make_key` says so
		# nosemgrep: frappe-cache-breaks-multitenancy
		if frappe.cache.set(judging_key(user), 1, ex=SECONDS_UNTIL_QUEUED_AGAIN, nx=True):
			frappe.enqueue(JUDGE, queue="short", person=user)
	except Exception:
		frappe.logger().warning(
			"CRM Transparency: an export is judged by the hourly job, the queue doesn't answer"
		)


def begin_judging(user: str) -> None:
	"""Let exports from now on be judged by a new job: the one that begins may read the ledger before them."""
	frappe.cache.delete_value(judging_key(user), make_keys=False)


def judging_key(user: str) -> bytes:
	return frappe.cache.make_key(f"{JUDGE_QUEUED}{user}")


def after_the_response(task: Callable[[], None]) -> None:
	"""Run a task when the running request has been answered, or at once if there is none."""
	request = getattr(frappe.local, "request", None)
	callbacks = getattr(request, "after_response", None)
	if callbacks is None:
		task()
	else:
		callbacks.add(task)
