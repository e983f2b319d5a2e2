"""What readers see: in their language, in lists, on paper."""

from collections.abc import Iterator
from contextlib import contextmanager

import frappe
from frappe import _

FALLBACK = "en"


def language_of(user: str) -> str:
	"""Return the language that a user reads: what they chose, or else the site's.

	Not `frappe.translate.get_user_lang`: v15 keeps its answers, and falls back to what the running job speaks.
	"""
	return frappe.db.get_value("User", user, "language") or site_language()


def site_language() -> str:
	return frappe.db.get_single_value("System Settings", "language") or FALLBACK


@contextmanager
def speaking(language: str) -> Iterator[None]:
	"""Translate, write dates and fill in templates in a language within a with block, whatever happens there.

	`frappe.translate.print_language` doesn't change back after an exception. Templates know their language from when
	Jinja's environment was made, so that is changed, too.
	"""
	before, templates = frappe.local.lang, frappe.local.jenv
	frappe.local.lang, frappe.local.jenv = language, None
	try:
		yield
	finally:
		frappe.local.lang, frappe.local.jenv = before, templates


def shortened(words: list[str], most: int) -> str:
	"""Join what may be many: at most so many of them, and how many more there are."""
	if len(words) <= most:
		return ", ".join(words)
	return _("{0} and {1} more").format(", ".join(words[:most]), len(words) - most)


#: where a template leaves room for the sentence that says why it's a page
NOTE_FOR_PAGES = "<!-- note -->"


def pdf_file(name: str, html: str) -> tuple[str, bytes]:
	"""Return a file's name and content: `name.pdf`, or `name.html` where the server can't make PDF files."""
	from frappe.utils.pdf import get_pdf  # takes long to import

	try:
		return f"{name}.pdf", get_pdf(html)
	except Exception:
		frappe.clear_messages()
		frappe.logger().warning("CRM Transparency: this server makes no PDF", exc_info=True)
		note = _("This server can't make PDF files, so this is a page.")
		return f"{name}.html", html.replace(NOTE_FOR_PAGES, f"<p>{note}</p>").encode()
