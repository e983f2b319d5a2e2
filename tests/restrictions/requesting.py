"""Requests without a server: what the app does before and after a method is called."""

import json

import frappe
from frappe.utils import response
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from crm_transparency.restrictions import named_documents, response_filter


def asked(command: str, **arguments) -> dict:
	"""Return what the session's user is answered, as JSON, who calls a whitelisted method."""
	begin_request(f"/api/method/{command}", arguments)
	named_documents.check_request()
	method = frappe.get_attr(frappe.override_whitelisted_method(command))
	message = frappe.call(method, **frappe.local.form_dict)
	return answered(**({} if message is None else {"message": message}))


def begin_request(path: str, arguments: dict) -> None:
	frappe.local.request = Request(EnvironBuilder(path=path, method="POST").get_environ())
	texts = {
		key: value if isinstance(value, str) else frappe.as_json(value) for key, value in arguments.items()
	}
	frappe.local.form_dict = frappe._dict(texts)
	frappe.local.response = frappe._dict(docs=[])


def answered(**values) -> dict:
	"""Return what goes out as JSON when a method answers this."""
	if not getattr(frappe.local, "request", None):
		begin_request("/api/method/answer", {})
	frappe.local.response.update(values)
	sent = response.as_json()
	response_filter.filter_response(response=sent)
	answer = json.loads(sent.get_data(as_text=True))
	if sent.status_code == 403:
		raise frappe.PermissionError(answer)
	return answer
