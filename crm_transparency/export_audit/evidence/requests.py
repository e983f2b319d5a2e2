"""Asking for a bundle, and the job that makes it. The bundle is an export like any other: unrecorded, it doesn't exist."""

import hashlib
import re
import secrets
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import format_date, now_datetime

from crm_transparency.crm_transparency import managers
from crm_transparency.crm_transparency.actor import current_actor
from crm_transparency.crm_transparency.period import Period
from crm_transparency.export_audit import exports
from crm_transparency.export_audit.evidence import bundle
from crm_transparency.export_audit.evidence.summary import Summary
from crm_transparency.export_audit.exports import EVIDENCE_BUNDLE, Export
from crm_transparency.export_audit.journal import moving
from crm_transparency.ledger import people, seals

DOCTYPE = "Evidence Bundle"
QUEUED, RUNNING, READY, FAILED = "Queued", "Running", "Ready", "Failed"
MAX_PURPOSE_LENGTH = 500
JOB_SECONDS = 2 * 3600


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
		full_name=people.full_names([person])[person],
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
	if not managers.is_manager():
		roles = managers.roles_in_words()
		frappe.throw(
			_("Evidence bundles are made by people with one of the roles {0}.").format(roles),
			exc=frappe.PermissionError,
			title=_("For managers and HR"),
		)


def run(name: str, origin: dict, impersonated_by: str | None = None) -> None:
	"""Make the Evidence Bundle `name`. A job: commits."""
	note(name, status=RUNNING)
	try:
		moving.move_again()
		seals.seal_new_entries()
		make(frappe.get_doc(DOCTYPE, name), origin, impersonated_by)
		frappe.db.commit()  # nosemgrep: a background job: recorded and attached, or neither
	except Exception:
		frappe.db.rollback()
		# Frappe would add the values of variables, and with them the evidence
		frappe.log_error(_("CRM Transparency: an evidence bundle wasn't made"), frappe.get_traceback())
		note(name, status=FAILED)


def note(name: str, **values) -> None:
	frappe.get_doc(DOCTYPE, name).db_set(values, notify=True)
	frappe.db.commit()  # nosemgrep: a background job


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
		made_by=people.full_names([asked.asked_by])[asked.asked_by],
		made_on=str(now_datetime())[:19],
		purpose=asked.purpose,
	)
	with TemporaryDirectory() as folder:
		path = Path(folder) / file_name(asked)
		bundle.make(path, about, period, reader=asked.asked_by)
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
