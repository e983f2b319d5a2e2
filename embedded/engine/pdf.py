"""PDF: monoframe has only stubs. Here they say so in words that a user of the Desk can read."""

from __future__ import annotations

import frappe
import frappe.utils.pdf
from frappe import _

from embedded.engine.replace import replaces


class PDFUnavailableError(frappe.ValidationError):
	"""The embedded engine makes no PDF files."""


def _refuse():
	frappe.throw(
		_("The embedded engine makes no PDF files. Print from the browser, or use a bench."),
		exc=PDFUnavailableError,
		title=_("No PDF output"),
	)


@replaces("frappe.utils.pdf.get_pdf", cut="PDF output")
def get_pdf(html: str, options: dict | None = None, output=None, **kwargs) -> bytes:
	_refuse()


@replaces("frappe.utils.pdf.get_chrome_pdf", cut="PDF output")
def get_chrome_pdf(*args, **kwargs) -> bytes:
	_refuse()


@replaces("frappe.utils.pdf.pdf_body_html", cut="the body of what is printed, on screen too")
def pdf_body_html(template, args: dict, **kwargs) -> str:
	return template.render(args, filters={"len": len})
