"""Mails that carry files.

Frappe adds some attachments, such as prints, only when it sends a mail, so those have no size or hash here.
"""

import email
import email.policy
import json

import frappe
from frappe.model.document import Document
from frappe.utils import parse_addr

from crm_transparency.crm_transparency import stored_files
from crm_transparency.export_audit import bulk_reads, exports, response_files
from crm_transparency.export_audit.audited import holds_contact_data, is_audited
from crm_transparency.export_audit.exports import EMAIL_ATTACHMENT, SCHEDULED_REPORT, Export
from crm_transparency.export_audit.response_files import ResponseFile

AUTO_EMAIL_REPORT = "Auto Email Report"
TABLES = ("CSV", "Excel")
ATTACHED = "Content-Disposition: attachment"


def record(mail: Document, method: str | None = None) -> None:
	"""`before_insert` of Email Queue: record each file that a mail takes along, in the transaction that queues it.

	Before, since Frappe's notifications catch exceptions, and what is inserted would be sent all the same.
	"""
	if ATTACHED not in (mail.message or "") and not added_when_sent(mail):
		return
	recipients = "\n".join(sorted({address_of(row.recipient) for row in mail.recipients}))
	with exports.recorded_or_refused():
		for export in exports_in(mail):
			export.recipients = recipients
			exports.record(export)


def address_of(recipient: str) -> str:
	"""Return the bare address: Frappe takes what stands in angle brackets out of texts that are saved."""
	return parse_addr(recipient)[1] or recipient


def exports_in(mail: Document) -> list[Export]:
	files = [file for file in carried_files(mail) if not is_recorded_report(mail, file)]
	return [
		*(attached(mail, file) for file in files),
		*(added(mail, attachment) for attachment in added_when_sent(mail)),
	]


def is_recorded_report(mail: Document, file: ResponseFile) -> bool:
	"""Return whether a file is the report that was recorded when it was made, see `report_exports`."""
	if mail.reference_doctype != AUTO_EMAIL_REPORT:
		return False
	_size, digest = exports.measure(file.content)
	return bool(frappe.db.exists(exports.LEDGER, {"file_sha256": digest, "channel": SCHEDULED_REPORT}))


def carried_files(mail: Document) -> list[ResponseFile]:
	"""Return the files within the mail's text, those shown inside it left out."""
	if ATTACHED not in (mail.message or ""):
		return []
	message = email.message_from_string(mail.message, policy=email.policy.default)
	return [
		ResponseFile(
			part.get_filename(),
			response_files.format_of(part.get_filename()),
			part.get_payload(decode=True) or b"",
		)
		for part in message.walk()
		if part.get_content_disposition() == "attachment"
	]


def attached(mail: Document, file: ResponseFile) -> Export:
	"""Describe a file in a mail: what an export made is known again, and a table holds what was just read for it.

	Anything else is about the mail's document.
	"""
	export = about(mail)
	export.file_name, export.file_format, export.content = file
	if exports.take_over(export) or file.format not in TABLES:
		return export
	if read := bulk_reads.read_among([response_files.rows_of(file)]):
		for field, value in bulk_reads.fields_of(read).items():
			setattr(export, field, value)
	return export


def added_when_sent(mail: Document) -> list[dict]:
	return json.loads(mail.attachments or "[]")


def added(mail: Document, attachment: dict) -> Export:
	"""Describe a stored file, or a print, that Frappe adds when it sends the mail."""
	export = about(mail)
	if attachment.get("print_format_attachment"):
		add_document(export, attachment.get("doctype"), attachment.get("name"))
		export.file_format = "PDF"
		return export
	stored = stored_file(attachment)
	if stored:
		export.file_name, export.file_format = stored.file_name, response_files.format_of(stored.file_name)
		export.content = stored_files.contents(stored) if stored.exists_on_disk() else None
		if not exports.take_over(export):
			add_document(export, stored.attached_to_doctype, stored.attached_to_name)
	return export


def stored_file(attachment: dict) -> Document | None:
	filters = (
		{"name": attachment["fid"]} if attachment.get("fid") else {"file_url": attachment.get("file_url")}
	)
	name = frappe.db.get_value("File", filters)
	return frappe.get_doc("File", name) if name else None


def about(mail: Document) -> Export:
	"""Describe a file in a mail by the document that the mail is about."""
	export = Export(EMAIL_ATTACHMENT, doctype=mail.reference_doctype)
	add_document(export, mail.reference_doctype, mail.reference_name)
	return export


def add_document(export: Export, doctype: str | None, name: str | None) -> None:
	if not (doctype and name):
		return
	export.doctype = doctype
	if is_audited(doctype):
		export.records = [*export.records, (doctype, name)]
		export.row_count = len(set(export.records))
		export.contact_data = export.contact_data or holds_contact_data(doctype)
