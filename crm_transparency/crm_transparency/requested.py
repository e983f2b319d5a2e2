"""What the running request asks for, and its arguments, which come as themselves or as JSON."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import frappe
from frappe import _

METHODS_BY_PATH = ("/api/method/", "/api/v1/method/", "/api/v2/method/")


def command() -> str | None:
	"""Return the method that the running request calls; None if it calls none by its name."""
	form = frappe.form_dict if isinstance(frappe.form_dict, dict) else {}
	return form.get("cmd") or command_in(frappe.request.path)


def command_in(path: str) -> str | None:
	"""Return the method that `/api/method/…` or `/api/v2/method/…` calls."""
	for beginning in METHODS_BY_PATH:
		if path.startswith(beginning):
			return path.removeprefix(beginning).partition("/")[0]
	return None


def names(value: Any) -> list[str]:
	"""Return the names that came as a list. Raises ValidationError for anything else."""
	found = from_json(value)
	if not isinstance(found, list) or not all(isinstance(name, str | int) for name in found):
		frappe.throw(_("This needs a list of names."))
	return [str(name) for name in found]


def values(value: Any) -> dict[str, Any]:
	"""Return the values by name that came as an object, none for nothing. Raises ValidationError for anything else."""
	found = {} if value is None or value == "" else from_json(value)
	if not isinstance(found, dict):
		frappe.throw(_("This needs values with their names."))
	return found


def whole_number(value: Any, least: int = 0) -> int:
	"""Return a number that may have come as text. Raises ValidationError for anything else, and below `least`."""
	try:
		number = int(value)
	except (TypeError, ValueError, OverflowError):
		number = None
	if number is None or number < least:
		frappe.throw(_("This needs a whole number, {0} or more.").format(least))
	return number


@contextmanager
def refusing_junk(*errors: type[Exception]) -> Iterator[None]:
	"""Refuse arguments on which what is called fails with one of some errors, or for an unknown column.

	Raises ValidationError.
	"""
	try:
		yield
	except Exception as error:
		if not isinstance(error, errors) and not is_unknown_column(error):
			raise
		frappe.logger().warning("CRM Transparency: arguments that can't be used", exc_info=True)
		frappe.throw(_("The server can't use what this request sent. Please reload the page and try again."))


def is_unknown_column(error: Exception) -> bool:
	return isinstance(error, frappe.db.OperationalError) and frappe.db.is_missing_column(error)


def from_json(value: Any) -> Any:
	"""Return what JSON says, what isn't text as it is, and None for text that isn't JSON."""
	try:
		return json.loads(value) if isinstance(value, str) else value
	except ValueError:
		return None
