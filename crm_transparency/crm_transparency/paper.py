"""Paper: pages as PDF files, or as pages where a server makes no PDF."""

import frappe
from frappe import _
from frappe.utils.pdf import get_pdf

#: where a template leaves room for the sentence that says why it's a page
NOTE = "<!-- note -->"


def as_file(name: str, html: str) -> tuple[str, bytes]:
	"""Return a file's name and content: `name.pdf`, or `name.html` where the server can't make PDF files."""
	try:
		return f"{name}.pdf", get_pdf(html)
	except Exception:
		frappe.clear_messages()
		frappe.logger().warning("CRM Transparency: this server makes no PDF", exc_info=True)
		note = _("This server can't make PDF files, so this is a page.")
		return f"{name}.html", html.replace(NOTE, f"<p>{note}</p>").encode()
