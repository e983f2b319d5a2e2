"""What the running request asks for."""

import frappe

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
