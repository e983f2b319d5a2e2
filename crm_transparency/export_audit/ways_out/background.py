"""Files that background jobs make for people to download later (Frappe v16's exports, many PDFs in one)."""

import frappe
from frappe.model.document import Document

from crm_transparency.export_audit import exports, witness
from crm_transparency.export_audit.exports import Export
from crm_transparency.export_audit.ways_out import content, lists, prints, reports


def of_list(job: dict, file: content.File) -> Export:
	form = job["kwargs"]["form_params"]
	doctype = witness.current().readings[-1].doctype if witness.current().readings else form.get("doctype")
	return lists.describe(doctype, {**form, "doctype": doctype}, file)


def of_report(job: dict, file: content.File) -> Export:
	form = job["kwargs"]["form_params"]
	return reports.describe(form["report_name"], form.get("filters"), file)


def of_prints(job: dict, file: content.File) -> Export:
	documents = prints.documents_of(job["kwargs"])
	return prints.describe(documents[0][0] if documents else None, documents, file)


BY_JOB = {
	"frappe.desk.reportview.run_report_view_export_job": of_list,
	"frappe.desk.query_report.run_export_query_job": of_report,
	"frappe.utils.print_format._download_multi_pdf": of_prints,
}


def record(file: Document) -> None:
	"""Record the file of a job that exports, in the transaction that stores it: unrecorded, it isn't stored."""
	job = getattr(frappe.local, "job", None)
	describe = BY_JOB.get(job.method) if job else None
	if describe and not file.is_folder:
		stored = content.File(
			file.file_name, content.format_of(file.file_name), content.as_bytes(file.get_content())
		)
		export = describe(job, stored)
		export.purpose, export.trace = witness.current().purpose, witness.current().trace
		exports.record(export)
