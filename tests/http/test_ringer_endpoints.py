"""Anybody can call the ringers' endpoints. Whatever they bring, nothing breaks, and the answer tells them nothing.

`CRM_TRANSPARENCY_FUZZ=10000` tries ten thousand malformed inputs; otherwise it's some hundreds.
"""

import base64
import hashlib
import hmac
import json
import os
import time

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.http

ROOM = "crm_transparency.ringers"
WEBHOOK, REPORT = f"{ROOM}.inbound_webhook.receive", f"{ROOM}.report_form.send"
INPUTS = int(os.environ.get("CRM_TRANSPARENCY_FUZZ", 200))
THANKS = {"message": "Thank you."}

anything = st.recursive(
	st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
	lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
	max_leaves=12,
)
fields = st.sampled_from(
	"secret channel who address seen_on text recipients raw from subject message_id headers signature timestamp token "
	"event-data recipient body-mime message-headers OriginalRecipient ToFull CcFull FromFull Headers TextBody MessageID "
	"TopicArn Type Message MessageId SigningCertURL Signature SignatureVersion SubscribeURL cmd csrf_token _".split()
)
scripts = st.sampled_from(
	[
		"<script>alert(1)</script>",
		"<img src=x onerror=alert(1)>",
		"{{ 7*7 }}",
		"../../etc/passwd",
		"' or 1=1 --",
		"\0",
	]
)
objects = st.dictionaries(fields | st.text(max_size=12), anything | scripts, max_size=8)
header_text = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60).map(str.strip)
headers = st.dictionaries(
	st.sampled_from(
		[
			"X-Transparency-Timestamp",
			"X-Transparency-Signature",
			"Authorization",
			"Content-Type",
			"X-Frappe-CSRF-Token",
		]
	),
	header_text
	| st.sampled_from(
		[
			"application/json",
			"text/plain",
			"multipart/form-data; boundary=x",
			"multipart/form-data",
			"Basic !!!",
			"Bearer x y",
		]
	),
	max_size=4,
)
bodies = (
	st.binary(max_size=2000)
	| objects.map(lambda value: json.dumps(value).encode())
	| anything.map(lambda value: json.dumps(value).encode())
	| scripts.map(str.encode)
	| st.builds(
		lambda name, content: (
			b'--x\r\nContent-Disposition: form-data; name="a"; filename="%b"\r\n\r\n%b\r\n--x--'
			% (name, content)
		),
		st.binary(max_size=30),
		st.binary(max_size=300),
	)
)


@pytest.fixture(scope="module")
def endpoints(server, ringer_manager):
	"""The server's endpoints, which for these tests may be called as often as we like."""
	limits = {"deliveries_a_minute": 1_000_000, "reports_an_hour": 1_000_000}
	ringer_manager.update("Ringer Webhook", "Ringer Webhook", **limits)
	return lambda endpoint: f"{server}/api/method/{endpoint}"


@pytest.mark.timeout(600 + INPUTS // 5)
@settings(max_examples=INPUTS, deadline=None, suppress_health_check=list(HealthCheck))
@given(endpoint=st.sampled_from([WEBHOOK, REPORT]), body=bodies, sent=headers)
def test_whatever_comes_in_nothing_breaks(endpoints, endpoint, body, sent):
	"""Frappe itself refuses what is no JSON, or names another command; what gets here is thanked for."""
	response = session().post(endpoints(endpoint), data=body, headers=sent, timeout=60)
	if response.status_code == 200:
		assert response.json() == THANKS
	else:
		assert is_refused_by_frappe(response), response.text[:500]


def is_refused_by_frappe(response) -> bool:
	"""Return whether a request was refused before it came to us; v15 answers malformed JSON with 500."""
	return "crm_transparency" not in response.text


def test_what_came_in_malformed_is_not_kept(ringer_manager):
	deadline = time.monotonic() + 30
	while ringer_manager.get_list("Ringer Inbound Message") and time.monotonic() < deadline:
		time.sleep(1)
	assert ringer_manager.get_list("Ringer Inbound Message") == []


_session = requests.Session()


def session() -> requests.Session:
	_session.cookies.clear()
	return _session


def test_right_and_wrong_links_get_the_same_answer(endpoints, ringer_manager):
	ringer = ringer_manager.create(
		"Ringer", status="Planted", planted_as="Contact", email="nobody@ringers.example"
	)["name"]
	link = ringer_manager.call(f"{ROOM}.report_form.make_link", ringer=ringer).json()["message"]

	def report(secret: str) -> requests.Response:
		fields = {"secret": secret, "who": "Rook", "channel": "Phone", "text": "Books"}
		return session().post(endpoints(REPORT), data=fields, timeout=60)

	assert seen(report(link.partition("#")[2])) == seen(report("w" * 43))


def test_right_and_wrong_signatures_get_the_same_answer(endpoints, ringer_manager):
	secret = ringer_manager.call(f"{ROOM}.inbound_webhook.new_secret").json()["message"]

	def deliver(key: str) -> requests.Response:
		content = {"recipients": ["nobody@ours.example"], "from": "a@rival.example", "message_id": "1"}
		body, timestamp = json.dumps(content).encode(), str(int(time.time()))
		signature = hmac.new(key.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
		return session().post(
			endpoints(WEBHOOK),
			data=body,
			headers={
				"X-Transparency-Timestamp": timestamp,
				"X-Transparency-Signature": f"sha256={signature}",
				"Content-Type": "application/json",
			},
			timeout=60,
		)

	assert seen(deliver(secret)) == seen(deliver("guessed"))


def seen(response: requests.Response) -> tuple:
	"""Return what a caller sees of an answer."""
	changing = ("date", "server", "x-frappe-request-id", "set-cookie")
	headers = {
		name.lower(): value for name, value in response.headers.items() if name.lower() not in changing
	}
	return response.status_code, response.text, headers


def test_credentials_that_are_no_users_get_the_same_answer(endpoints):
	wrong = base64.b64encode(b"postmark:guessed").decode()
	body = json.dumps({"OriginalRecipient": "a@ours.example", "MessageID": "1"})
	for value in (f"Basic {wrong}", "Basic x", "token a:b", "Bearer x"):
		response = session().post(
			endpoints(WEBHOOK),
			data=body,
			headers={"Authorization": value, "Content-Type": "application/json"},
			timeout=60,
		)
		assert (response.status_code, response.json()) == (200, THANKS)
