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

from crm_transparency.export_audit import query_recorder
from crm_transparency.export_audit.response_recorder import begin_request
from crm_transparency.frappe_patches import install


def get(method: str, **arguments) -> Response:
	"""Call a whitelisted method; return the response as it would go out."""
	with request(f"/api/method/{method}", cmd=method, **arguments):
		frappe.handler.handle()
		return finish(build_response("json"))


@contextmanager
def request(
	path: str, http_method: str = "POST", headers: dict[str, str] | None = None, **arguments
) -> Iterator[None]:
	environ = EnvironBuilder(path=path, method=http_method, data=arguments, headers=headers).get_environ()
	running = Request(environ)
	frappe.local.request = running
	frappe.local.request_ip = "127.0.0.1"
	frappe.local.response = frappe._dict(docs=[])
	frappe.local.response_headers = {}
	frappe.local.form_dict = frappe._dict(
		{key: value if isinstance(value, str) else json.dumps(value) for key, value in arguments.items()}
	)
	install()
	begin_request()
	try:
		yield
	finally:
		setattr(frappe.local, query_recorder.LOCAL, None)
		frappe.local.request = None
		frappe.local.form_dict = frappe._dict()
		frappe.local.response = frappe._dict(docs=[])


def finish(response: Response) -> Response:
	"""What Frappe does last when a response is made, before the web server gets it."""
	frappe.app.process_response(response)
	return response
