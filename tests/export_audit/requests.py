"""Requests as Frappe's application handles them, within the test's own process and transaction."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import frappe
import frappe.app
import frappe.handler
from frappe.utils.response import build_response
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from crm_transparency.export_audit import gate, witness
from crm_transparency.export_audit.requests import attend


def get(method: str, **arguments) -> Response:
	"""Call a whitelisted method; return the response as it would go out."""
	with request(f"/api/method/{method}", cmd=method, **arguments) as running:
		frappe.handler.handle()
		return finish(build_response("json"), running)


@contextmanager
def request(
	path: str, http_method: str = "POST", headers: dict[str, str] | None = None, **arguments
) -> Iterator[Request]:
	environ = EnvironBuilder(path=path, method=http_method, data=arguments, headers=headers).get_environ()
	running = Request(environ)
	frappe.local.request = running
	frappe.local.request_ip = "127.0.0.1"
	frappe.local.response = frappe._dict(docs=[])
	frappe.local.response_headers = {}
	frappe.local.form_dict = frappe._dict(
		{key: value if isinstance(value, str) else json.dumps(value) for key, value in arguments.items()}
	)
	attend()
	try:
		yield running
	finally:
		setattr(frappe.local, witness.LOCAL, None)
		frappe.local.request = None
		frappe.local.form_dict = frappe._dict()
		frappe.local.response = frappe._dict(docs=[])


def finish(response: Response, running: Request) -> Response:
	"""What Frappe does when a response is made: call the hooks, log what they raise, and hand it to the web server."""
	try:
		gate.close_for_request(response=response, request=running)
	except Exception:
		frappe.logger().error("Failed to run after request hook", exc_info=True)
	frappe.app.process_response(response)
	return response
