"""The language of a reader, which is not that of the job or the colleague that writes to them."""

from collections.abc import Iterator
from contextlib import contextmanager

import frappe

FALLBACK = "en"


def of_user(user: str) -> str:
	"""Return the language that a user reads: what they chose, or else the site's.

	Not `frappe.translate.get_user_lang`: v15 keeps its answers, and falls back to what the running job speaks.
	"""
	return frappe.db.get_value("User", user, "language") or of_site()


def of_site() -> str:
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
