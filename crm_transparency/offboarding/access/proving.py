"""Proving that access has ended: logging in, and using the sessions, the key and the tokens that worked before.

It is tried from outside, over HTTP at the site's own address. Where that can't be reached from the server, Frappe's own
functions that decide about requests are asked instead, and the record says so.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import NamedTuple

import frappe
import requests
from frappe import _
from frappe.auth import validate_api_key_secret
from frappe.core.doctype.user.user import User
from frappe.model.document import Document
from frappe.oauth import OAuthWebRequestValidator
from frappe.utils import get_url, now_datetime

from crm_transparency.offboarding.access import trying

SECONDS = 5
WHO_AM_I = "/api/method/frappe.auth.get_logged_user"
LOG_IN = "/api/method/login"
PING = "/api/method/ping"
REFUSALS = (401, 403)
#: what Frappe says to who logs in
WELCOMES = ("Logged In", "No App")


class Answer(NamedTuple):
	is_refused: bool
	words: str


class Tried(NamedTuple):
	attempt: str
	answer: Answer
	tried_on: datetime


def try_everything(user: str, keys: trying.Keys) -> list[Tried]:
	"""Try everything that opened the site for a user; return the answers. Writes nothing, and must hold no lock."""
	site = Site(get_url())
	return [Tried(attempt, answer, now_datetime()) for attempt, answer in attempts(site, user, keys)]


def write_down(removal: Document, tried: list[Tried]) -> bool:
	"""Write down the answers, forget what was tried, and say whether all answers were refusals."""
	removal.set("proofs", [])
	for attempt, answer, tried_on in tried:
		removal.append(
			"proofs",
			{
				"attempt": attempt,
				"is_refused": int(answer.is_refused),
				"answer": answer.words,
				"tried_on": tried_on,
			},
		)
	trying.forget(removal)
	removal.proved_on = now_datetime()
	removal.save(ignore_permissions=True)
	return all(answer.is_refused for _attempt, answer, _tried_on in tried)


class Site:
	"""The site as somebody outside sees it."""

	def __init__(self, address: str):
		self.address = address
		self.is_reachable = self.answers()

	def answers(self) -> bool:
		"""Say whether this site answers at its address, so that a refusal there means something."""
		try:
			return says(requests.get(self.address + PING, timeout=SECONDS, allow_redirects=False)) == "pong"
		except requests.RequestException:
			return False

	def ask(self, user: str, method: str, path: str, **request) -> Answer | None:
		"""Return how the site answers to who claims to be the user; None if that can't be told."""
		if not self.is_reachable:
			return None
		try:
			response = requests.request(
				method, self.address + path, timeout=SECONDS, allow_redirects=False, **request
			)
		except requests.RequestException:
			return None
		if response.status_code in REFUSALS:
			return Answer(True, _("Refused over HTTP, status {0}").format(response.status_code))
		if response.ok and says(response) in (user, *WELCOMES):
			return Answer(False, _("Let in over HTTP, status {0}").format(response.status_code))
		return None


def attempts(site: Site, user: str, keys: trying.Keys) -> Iterator[tuple[str, Answer]]:
	"""Yield what is tried, and how it was answered."""
	yield (
		_("Logging in with the right password"),
		site.ask(user, "POST", LOG_IN, data={"usr": user, "pwd": keys.password})
		or ask_frappe(lambda: is_logged_in(user, keys.password)),
	)
	for number, sid in enumerate(keys.sessions, 1):
		yield (
			_("Going on with session {0}").format(number),
			site.ask(user, "GET", WHO_AM_I, cookies={"sid": sid}) or ask_frappe(partial(is_session, sid)),
		)
	if keys.api:
		yield (
			_("Using the API key"),
			site.ask(user, "GET", WHO_AM_I, headers={"Authorization": "token " + ":".join(keys.api)})
			or ask_frappe(lambda: is_key(*keys.api)),
		)
	for number, token in enumerate(keys.tokens, 1):
		yield (
			_("Using OAuth token {0}").format(number),
			site.ask(user, "GET", WHO_AM_I, headers={"Authorization": f"Bearer {token}"})
			or ask_frappe(partial(is_token, token)),
		)


def says(response: requests.Response) -> str | None:
	try:
		return response.json().get("message")
	except (ValueError, AttributeError):
		return None


def ask_frappe(lets_in: Callable[[], bool]) -> Answer:
	"""Ask what Frappe itself asks in a request. Whatever it raises is a refusal."""
	with nobody_logged_in():
		try:
			is_in = lets_in()
		except Exception as refusal:
			return Answer(True, _("Refused by Frappe: {0}").format(type(refusal).__name__))
	if is_in:
		return Answer(False, _("Let in by Frappe"))
	return Answer(True, _("Refused by Frappe"))


@contextmanager
def nobody_logged_in() -> Iterator[None]:
	"""Let Frappe's functions decide about a request without touching who is logged in here."""
	user, manager = frappe.session.user, getattr(frappe.local, "login_manager", None)
	form_dict = frappe.local.form_dict
	frappe.local.login_manager = frappe._dict(user="nobody")
	try:
		yield
	finally:
		frappe.local.login_manager = manager
		frappe.local.form_dict = form_dict
		if frappe.session.user != user:
			frappe.set_user(user)


def is_logged_in(user: str, password: str) -> bool:
	found = User.find_by_credentials(user, password)
	return bool(found and found.is_authenticated and found.enabled)


def is_session(sid: str) -> bool:
	sessions = frappe.qb.DocType("Sessions")
	found = frappe.qb.from_(sessions).select(sessions.user).where(sessions.sid == sid).run()
	return bool(found or frappe.cache.hget("session", sid))


def is_key(key: str, secret: str) -> bool:
	validate_api_key_secret(key, secret)
	return True


def is_token(token: str) -> bool:
	scopes = (frappe.db.get_value("OAuth Bearer Token", token, "scopes") or "").split()
	return bool(OAuthWebRequestValidator().validate_bearer_token(token, scopes, None))
