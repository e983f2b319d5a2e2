"""Files: private ones that are downloaded, and whatever else arrives in a browser as a file."""

import frappe
from frappe.core.doctype.file.utils import find_file_by_url

from crm_transparency.export_audit import manifests, witness
from crm_transparency.export_audit.audited import holds_contact_data, is_audited
from crm_transparency.export_audit.exports import FILE_DOWNLOAD, LEDGER, Export
from crm_transparency.export_audit.ways_out import content, reports


def downloaded(response) -> Export:
	form = frappe.form_dict
	url = form.get("file_url") or frappe.request.path
	return describe(find_file_by_url(url, name=form.get("fid")), content.of_response(response))


def describe(file_document, file: content.File) -> Export:
	"""Describe a stored file: what an export put into it, or else the document that it is attached to."""
	if file_document and file_document.attached_to_doctype == reports.PREPARED_REPORT:
		return reports.of_prepared_report(file_document.attached_to_name, file)
	export = Export(FILE_DOWNLOAD, **file.fields())
	if file_document:
		export.doctype = file_document.attached_to_doctype
		attached_to = (file_document.attached_to_doctype, file_document.attached_to_name)
		if is_audited(file_document.attached_to_doctype):
			export.records = [attached_to]
	if source := export_of(export):
		export.doctype, export.report = source.reference_doctype, source.report_name
		export.row_count, export.contact_data = source.row_count, bool(source.contact_data)
		export.columns = (source.columns or "").splitlines()
		export.records = manifests.unpack(source.name, source.manifest_sha256)
	return export


def export_of(download: Export) -> frappe._dict | None:
	"""Return the export that made a file, told by its content: exports made in the background are downloaded later."""
	_size, digest = download.size_and_sha256
	fields = [
		"name",
		"reference_doctype",
		"report_name",
		"row_count",
		"columns",
		"contact_data",
		"manifest_sha256",
	]
	return digest and frappe.db.get_value(
		LEDGER,
		{"file_sha256": digest, "channel": ("!=", FILE_DOWNLOAD)},
		fields,
		order_by="name",
		as_dict=True,
	)


def unknown(response) -> Export:
	"""A file by a way out that isn't Frappe's own, with all the tracked data that was read for it."""
	seen = witness.current()
	records = seen.records()
	file = content.of_response(response)
	return Export(
		FILE_DOWNLOAD,
		doctype=seen.readings[-1].doctype if seen.readings else None,
		**file.fields(),
		row_count=sum(reading.rows for reading in seen.readings),
		columns=seen.readings[-1].columns if seen.readings else [],
		contact_data=any(holds_contact_data(reading.doctype, reading.columns) for reading in seen.readings),
		records=records,
	)
