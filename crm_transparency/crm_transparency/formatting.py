"""What readers see: in their language, in lists, on paper; dates, moments, numbers and counts as the site writes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from zoneinfo import ZoneInfo

import frappe
from frappe import _
from frappe.utils import flt, fmt_money, format_datetime, formatdate, get_datetime, get_system_timezone

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


def day(value: date | datetime | str | None) -> str:
	"""Return a day in the site's date format; nothing for None."""
	return formatdate(value) if value else ""


def moment(value: datetime | str | None, reader: str | None = None) -> str:
	"""Return a moment in the site's formats, in the reader's time zone, as forms show it to them; nothing for None.

	Without a reader, in texts that several people read or that leave the Desk, it's the site's time zone, and it is named.
	"""
	if not value:
		return ""
	zone = get_system_timezone()
	local = get_datetime(value).replace(tzinfo=ZoneInfo(zone))
	if reader:
		zone_of_reader = frappe.db.get_value("User", reader, "time_zone", cache=True) or zone
		return format_datetime(local.astimezone(ZoneInfo(zone_of_reader)).replace(tzinfo=None))
	return f"{format_datetime(local.replace(tzinfo=None))} ({zone})"


def utc_offset(value: datetime | str) -> str:
	"""Return the offset of the site's time zone, such as +02:00, at a moment; the first of two in the hour that comes twice."""
	return get_datetime(value).replace(tzinfo=ZoneInfo(get_system_timezone())).isoformat()[-6:]


def number(value: float | str | None, precision: int = 1) -> str:
	"""Return a number in the site's number format, with decimals only if it has some."""
	value = flt(value)
	return fmt_money(value, precision=0 if value.is_integer() else precision)


def count(value: int, one: str, many: str) -> str:
	"""Return a number with what it counts: `one` as it is, or `many` with the number in place of {0}; both translated."""
	return one if value == 1 else many.format(number(value))


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
