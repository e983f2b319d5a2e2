"""Anybody can knock at the ringers' doors. Whatever they bring, they get the same answer, and nothing breaks.

`CRM_TRANSPARENCY_FUZZ=10000` tries ten thousand malformed inputs; otherwise it's some hundreds.
"""

import base64
import hashlib
import hmac
import json
import os
import statistics
import time

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.http

ROOM = "crm_transparency.ringers.doors"
WEBHOOK, REPORT = f"{ROOM}.webhook.receive", f"{ROOM}.reports.send"
INPUTS = int(os.environ.get("CRM_TRANSPARENCY_FUZZ", 200))
PAIRS = 30
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
def doors(server, ringer_manager):
	"""The server's doors, which for these tests may be knocked at as often as we like."""
	limits = {"deliveries_a_minute": 1_000_000, "reports_an_hour": 1_000_000}
	ringer_manager.update("Ringer Webhook", "Ringer Webhook", **limits)
	return lambda door: f"{server}/api/method/{door}"


@pytest.mark.timeout(600 + INPUTS // 5)
@settings(max_examples=INPUTS, deadline=None, suppress_health_check=list(HealthCheck))
@given(door=st.sampled_from([WEBHOOK, REPORT]), body=bodies, sent=headers)
def test_whatever_comes_in_the_answer_is_the_same(doors, door, body, sent):
	response = session().post(doors(door), data=body, headers=sent, timeout=60)
	assert response.status_code == 200, response.text[:500]
	assert response.json() == THANKS


def test_what_came_in_malformed_is_not_kept(ringer_manager):
	deadline = time.monotonic() + 30
	while ringer_manager.get_list("Ringer Tip") and time.monotonic() < deadline:
		time.sleep(1)
	assert ringer_manager.get_list("Ringer Tip") == []


_session = requests.Session()


def session() -> requests.Session:
	_session.cookies.clear()
	return _session


def test_right_and_wrong_links_get_the_same_answer_in_the_same_time(doors, ringer_manager):
	ringer = ringer_manager.create(
		"Ringer", status="Planted", planted_as="Contact", email="nobody@ringers.example"
	)["name"]
	link = ringer_manager.call(f"{ROOM}.links.make", ringer=ringer).json()["message"]
	right, wrong = link.partition("#")[2], "w" * 43
	answers = alternating(
		lambda secret: session().post(
			doors(REPORT),
			data={"secret": secret, "who": "Rook", "channel": "Phone", "text": "Books"},
			timeout=60,
		),
		right,
		wrong,
	)
	check_alike(*answers)


def test_right_and_wrong_signatures_get_the_same_answer_in_the_same_time(doors, ringer_manager):
	secret = ringer_manager.call(f"{ROOM}.webhook.new_secret").json()["message"]

	def deliver(key: str) -> requests.Response:
		body = json.dumps(
			{
				"recipients": ["nobody@ours.example"],
				"from": "a@rival.example",
				"message_id": os.urandom(8).hex(),
			}
		).encode()
		timestamp = str(int(time.time()))
		signature = hmac.new(key.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
		return session().post(
			doors(WEBHOOK),
			data=body,
			headers={
				"X-Transparency-Timestamp": timestamp,
				"X-Transparency-Signature": f"sha256={signature}",
				"Content-Type": "application/json",
			},
			timeout=60,
		)

	check_alike(*alternating(deliver, secret, "guessed"))


def test_credentials_that_are_no_users_get_the_same_answer(doors):
	wrong = base64.b64encode(b"postmark:guessed").decode()
	body = json.dumps({"OriginalRecipient": "a@ours.example", "MessageID": "1"})
	for value in (f"Basic {wrong}", "Basic x", "token a:b", "Bearer x"):
		response = session().post(
			doors(WEBHOOK),
			data=body,
			headers={"Authorization": value, "Content-Type": "application/json"},
			timeout=60,
		)
		assert (response.status_code, response.json()) == (200, THANKS)


def alternating(knock, right, wrong) -> tuple[list, list]:
	"""Knock with right and wrong in turns, so that what else the machine does hits both; return both's answers."""
	answers: dict[str, list] = {right: [], wrong: []}
	for number in range(PAIRS + 1):
		for value in (right, wrong) if number % 2 else (wrong, right):
			answers[value].append(timed(knock, value))
	return answers[right][1:], answers[wrong][1:]


def timed(knock, value) -> tuple[float, requests.Response]:
	start = time.perf_counter()
	response = knock(value)
	return time.perf_counter() - start, response


def check_alike(rights: list, wrongs: list) -> None:
	def seen(response):
		dropped = ("date", "server", "x-frappe-request-id")
		headers = {
			name.lower(): value for name, value in response.headers.items() if name.lower() not in dropped
		}
		return response.status_code, response.text, headers

	assert {str(seen(response)) for _time, response in rights} == {
		str(seen(response)) for _time, response in wrongs
	}
	right, wrong = (statistics.median(time for time, _response in some) for some in (rights, wrongs))
	print(f"right {right * 1000:.2f} ms, wrong {wrong * 1000:.2f} ms")
	spread = statistics.median(abs(time - right) for time, _response in rights)
	assert abs(right - wrong) < max(3 * spread, 0.2 * right)
