"""Requests to the endpoints, within the test's own process and transaction, and deliveries as providers make them."""

import base64
import hashlib
import hmac
import json
import time
from email.message import EmailMessage
from pathlib import Path

import frappe
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from crm_transparency.ringers import inbound_webhook, report_form

SAMPLES = Path(__file__).parent / "deliveries"
WEBHOOK_PATH = f"/api/method/{inbound_webhook.ENDPOINT}"
REPORT_PATH = "/api/method/crm_transparency.ringers.report_form.send"
SIGNING_KEY = "key-of-the-tests"


def post(path: str, endpoint, **request) -> None:
	"""Call an endpoint with a request. Only what Frappe does with every request is left out."""
	running = Request(EnvironBuilder(path=path, method="POST", **request).get_environ())
	frappe.local.request = running
	frappe.local.request_ip = "203.0.113.7"
	user = frappe.session.user
	frappe.set_user("Guest")
	frappe.local.form_dict = frappe._dict(running.form.to_dict(), cmd=path)
	try:
		inbound_webhook.keep_provider_credentials()
		assert endpoint() == "Thank you."
	finally:
		frappe.set_user(user)
		frappe.local.request = None
		frappe.local.form_dict = frappe._dict()
		frappe.cache.delete_keys("rl:")


def deliver(body: bytes, headers: dict | None = None, content_type="application/json") -> None:
	post(WEBHOOK_PATH, inbound_webhook.receive, data=body, headers=headers or {}, content_type=content_type)


def deliver_form(fields: dict) -> None:
	post(WEBHOOK_PATH, inbound_webhook.receive, data=fields)


def report(**fields) -> None:
	post(REPORT_PATH, report_form.send, data=fields)


def signed(body: bytes, secret: str, timestamp: str | None = None) -> dict:
	"""Sign a delivery as the documentation tells a provider to."""
	timestamp = timestamp or str(int(time.time()))
	signature = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
	return {"X-Transparency-Timestamp": timestamp, "X-Transparency-Signature": f"sha256={signature}"}


def ours(recipient: str, message: EmailMessage) -> bytes:
	raw = base64.b64encode(message.as_bytes()).decode()
	return json.dumps({"recipients": [recipient], "raw": raw}).encode()


def sample(name: str, recipient: str) -> dict:
	"""Return a provider's recorded delivery, made out to a recipient. (We recorded them ourselves: all names are invented.)"""
	return json.loads((SAMPLES / f"{name}.json").read_text().replace("ringer@ours.example", recipient))


def mailgun(recipient: str, key: str = SIGNING_KEY, name: str = "mailgun") -> dict:
	fields = sample(name, recipient)
	fields |= {"timestamp": str(int(time.time())), "token": frappe.generate_hash(length=50)}
	signed_text = (fields["timestamp"] + fields["token"]).encode()
	fields["signature"] = hmac.new(key.encode(), signed_text, hashlib.sha256).hexdigest()
	return fields
