"""Offboarding over real HTTP: access that ends, and the personal page as strangers try it."""

import secrets
import time

import pytest
import requests

from tests.grounds import Login
from tests.http.client import JOB_SECONDS, Client, checked

pytestmark = pytest.mark.http

API = "crm_transparency.offboarding.wizard_api"
PAGE = "crm_transparency.offboarding.reaffirmation_page"
PASSWORD = "Tidal-Kestrel-5501"


@pytest.fixture
def leaver(administrator) -> str:
	return administrator.create(
		"User",
		email=f"ana.{secrets.token_hex(4)}@example.com",
		first_name="Ana",
		send_welcome_email=0,
		new_password=PASSWORD,
		roles=[{"role": "Sales User"}],
	)["name"]


def who_am_i(server: str, **request) -> requests.Response:
	return requests.get(f"{server}/api/method/frappe.auth.get_logged_user", timeout=60, **request)


def test_access_ends_everywhere_and_the_site_proves_it_over_http(server, administrator, hr, leaver):
	keys = checked(administrator.call("frappe.core.doctype.user.user.generate_keys", user=leaver))["message"]
	key = administrator.read("User", leaver)["api_key"]
	headers = {"Authorization": f"token {key}:{keys['api_secret']}"}
	session = Client(server, Login(leaver, PASSWORD)).session
	assert who_am_i(server, headers=headers).json()["message"] == leaver
	offboarding = checked(hr.call(f"{API}.start", user=leaver))["message"]
	state = checked(
		hr.call(f"{API}.run", offboarding=offboarding, step="access", arguments={"action": "now"})
	)["message"]
	deadline = time.monotonic() + JOB_SECONDS
	while not state["known"]["proofs"] and time.monotonic() < deadline:
		time.sleep(0.5)
		state = checked(hr.call(f"{API}.open", "GET", offboarding=offboarding, step="access"))["message"]
	proofs = {proof["attempt"]: proof for proof in state["known"]["proofs"]}
	assert set(proofs) == {
		"Log in with the correct password",
		"Use session 1",
		"Use the API key",
	}
	assert all(proof["is_refused"] and "over HTTP" in proof["answer"] for proof in proofs.values())
	assert who_am_i(server, headers=headers).status_code == 401
	assert who_am_i(server, cookies=session.cookies.get_dict()).status_code == 403
	login = {"usr": leaver, "pwd": PASSWORD}
	assert requests.post(f"{server}/api/method/login", data=login, timeout=60).status_code == 401


def test_frozen_access_is_refused_and_the_same_key_and_password_work_again_afterwards(
	server, administrator, hr, leaver
):
	keys = checked(administrator.call("frappe.core.doctype.user.user.generate_keys", user=leaver))["message"]
	headers = {"Authorization": f"token {administrator.read('User', leaver)['api_key']}:{keys['api_secret']}"}
	session = Client(server, Login(leaver, PASSWORD)).session
	offboarding = checked(hr.call(f"{API}.freeze", user=leaver))["message"]
	assert who_am_i(server, headers=headers).status_code == 401
	assert who_am_i(server, cookies=session.cookies.get_dict()).status_code == 403
	login = {"usr": leaver, "pwd": PASSWORD}
	assert requests.post(f"{server}/api/method/login", data=login, timeout=60).status_code == 401
	checked(hr.call(f"{API}.unfreeze", offboarding=offboarding))
	assert who_am_i(server, headers=headers).json()["message"] == leaver
	assert requests.post(f"{server}/api/method/login", data=login, timeout=60).ok


def test_strangers_learn_nothing_from_the_personal_page(server):
	def ask(method: str, http_method: str = "POST", **values) -> requests.Response:
		return requests.request(http_method, f"{server}/api/method/{PAGE}.{method}", json=values, timeout=60)

	for secret in ("wrong", "", "x" * 5000):
		answer = ask("read", secret=secret)
		assert (answer.status_code, answer.json().get("message")) == (200, None)
		answer = ask("confirm", secret=secret, signed_name="Ana", letter_sha256="0")
		assert (answer.status_code, answer.json().get("message")) == (200, None)
	assert ask("read", "GET", secret="wrong").status_code == 403
	page = requests.get(f"{server}/reaffirmation", timeout=60)
	assert page.ok and 'name="robots" content="noindex' in page.text


def test_reps_get_nowhere(rep, hr, leaver):
	offboarding = checked(hr.call(f"{API}.start", user=leaver))["message"]
	for method, arguments in (
		("open", {}),
		("run", {"step": "access", "arguments": {"action": "now"}}),
		("skip", {"step": "access", "reason": "x"}),
		("cancel", {"reason": "x"}),
		("freeze", {}),
		("unfreeze", {}),
	):
		answer = rep.call(
			f"{API}.{method}", "GET" if method == "open" else "POST", offboarding=offboarding, **arguments
		)
		assert answer.status_code == 403
	assert rep.call(f"{API}.start", user=leaver).status_code == 403
	assert rep.call(f"{API}.open", "GET", offboarding="nothing").status_code == 403
