"""Documents and reports, printed or made into a PDF."""

import frappe

from crm_transparency.export_audit.audited import holds_contact_data, is_audited
from crm_transparency.export_audit.exports import PRINT, Export
from crm_transparency.export_audit.ways_out import content


def printed(response) -> Export | None:
	"""One document, as a page or a PDF."""
	form = frappe.form_dict
	doctype, name = form.get("doctype"), form.get("name")
	if not (doctype and name):
		return None  # a page that says what is missing
	return describe(doctype, [(doctype, name)], content.of_response(response))


def printed_together(response) -> Export:
	"""Many documents in one PDF."""
	documents = documents_of(frappe.form_dict)
	return describe(documents[0][0] if documents else None, documents, content.of_response(response))


def printed_by_server(response) -> Export:
	"""One document on a printer of the server's network: it is on paper before anything can be recorded."""
	form = frappe.form_dict
	return describe(form.doctype, [(form.doctype, form.name)], content.File(None, "PDF", None))


def documents_of(form: dict) -> list[tuple[str, str]]:
	"""Return the documents that Frappe was asked to put into one PDF: of one DocType, or names by DocType."""
	doctype = form["doctype"]
	by_doctype = (
		frappe.parse_json(doctype) if not isinstance(doctype, str) or doctype.startswith("{") else None
	)
	if isinstance(by_doctype, dict):
		return [(kind, name) for kind, names in by_doctype.items() for name in names]
	return [(doctype, name) for name in frappe.parse_json(form["name"])]


def describe(doctype: str | None, documents: list[tuple[str, str]], file: content.File) -> Export:
	return Export(
		PRINT,
		doctype=doctype,
		**file.fields(),
		row_count=len(documents),
		contact_data=any(holds_contact_data(kind) for kind in {kind for kind, _name in documents}),
		records=[(kind, str(name)) for kind, name in documents if is_audited(kind)],
	)


def printed_report(response) -> Export:
	"""A report's page, which the browser sends to be made into a PDF: its rows were recorded when it was run."""
	file = content.of_response(response)
	return Export(
		PRINT,
		file_name=file.name,
		file_format="PDF",
		content=file.content,
		row_count=(frappe.form_dict.get("html") or "").count("<tr"),
		contact_data="@" in (frappe.form_dict.get("html") or ""),
	)
