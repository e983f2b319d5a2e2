"""Proving that access was removed: trying the very password, sessions, key and tokens that worked before.

They are collected while access is removed, and kept encrypted with the site's key until they were tried. Nobody knows the
person's password, so the user gets a random one: if even the right password is refused, it is because the user is disabled.
Afterwards there is no password at all. Everything is tried over HTTP at the site's own address. Where the server can't
reach that, Frappe's own authentication functions are called instead, and the record says so.
"""

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
from frappe.utils.password import get_decrypted_password, remove_encrypted_password, update_password

from crm_transparency.crm_transparency import encryption
from crm_transparency.offboarding.access_vectors import session_ids

#: of each kind; of a hundred tokens some are tried
MOST = 5
SECONDS = 5
WHO_AM_I = "/api/method/frappe.auth.get_logged_user"
LOG_IN = "/api/method/login"
PING = "/api/method/ping"
REFUSALS = (401, 403)
#: what Frappe responds to a successful login
WELCOMES = ("Logged In", "No App")


class Keys(NamedTuple):
	password: str
	sessions: list[str]
	api: list[str]
	tokens: list[str]


def collect(user: str) -> Keys:
	"""Return the user's present sessions, key and tokens, and set a random password."""
	password = secrets.token_urlsafe(24)
	update_password(user, password)
	key = frappe.db.get_value("User", user, "api_key")
	secret = (
		get_decrypted_password("User", user, fieldname="api_secret", raise_exception=False) if key else None
	)
	tokens = frappe.get_all(
		"OAuth Bearer Token", filters={"user": user, "status": "Active"}, pluck="name", limit=MOST
	)
	return Keys(password, session_ids(user)[:MOST], [key, secret] if key and secret else [], tokens)


def keep(removal: Document, keys: Keys) -> None:
	"""Store the keys, encrypted, along with those of an earlier removal that weren't tried yet."""
	before = read(removal)
	if before:
		keys = Keys(
			keys.password,
			[*before.sessions, *keys.sessions][: 2 * MOST],
			keys.api or before.api,
			[*before.tokens, *keys.tokens][: 2 * MOST],
		)
	removal.to_try = encryption.encrypted(json.dumps(keys))


def read(removal: Document) -> Keys | None:
	return Keys(*json.loads(encryption.decrypted(removal.to_try))) if removal.to_try else None


def forget(removal: Document) -> None:
	"""Remove the keys, and the user's password."""
	removal.to_try = None
	remove_encrypted_password("User", removal.user)


class Answer(NamedTuple):
	is_refused: bool
	words: str


def try_everything(user: str, keys: Keys) -> list[dict]:
	"""Try everything that gave a user access; return the proofs. Writes nothing, and must hold no lock."""
	return [
		dict(attempt=attempt, is_refused=int(answer.is_refused), answer=answer.words, tried_on=now_datetime())
		for attempt, answer in attempts(Site(get_url()), user, keys)
	]


def write_down(removal: Document, proofs: list[dict]) -> bool:
	"""Store the proofs, remove what was tried, and return whether all of it was refused."""
	removal.set("proofs", proofs)
	forget(removal)
	removal.proved_on = now_datetime()
	removal.save(ignore_permissions=True)
	return all(proof["is_refused"] for proof in proofs)


class Site:
	"""The site as seen from outside."""

	def __init__(self, address: str):
		self.address = address
		self.is_reachable = self.answers()

	def answers(self) -> bool:
		"""Return whether this site responds at its address, so that a refusal there means something."""
		try:
			return says(requests.get(self.address + PING, timeout=SECONDS, allow_redirects=False)) == "pong"
		except requests.RequestException:
			return False

	def ask(self, user: str, method: str, path: str, **request) -> Answer | None:
		"""Return whether a request in the user's name is refused; None if that can't be told."""
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
			return Answer(False, _("Accepted over HTTP, status {0}").format(response.status_code))
		return None


def attempts(site: Site, user: str, keys: Keys) -> Iterator[tuple[str, Answer]]:
	"""Yield what was tried, and the response."""
	yield (
		_("Log in with the correct password"),
		site.ask(user, "POST", LOG_IN, data={"usr": user, "pwd": keys.password})
		or ask_frappe(lambda: is_logged_in(user, keys.password)),
	)
	for number, sid in enumerate(keys.sessions, 1):
		yield (
			_("Use session {0}").format(number),
			site.ask(user, "GET", WHO_AM_I, cookies={"sid": sid}) or ask_frappe(partial(is_session, sid)),
		)
	if keys.api:
		yield (
			_("Use the API key"),
			site.ask(user, "GET", WHO_AM_I, headers={"Authorization": "token " + ":".join(keys.api)})
			or ask_frappe(lambda: is_key(*keys.api)),
		)
	for number, token in enumerate(keys.tokens, 1):
		yield (
			_("Use OAuth token {0}").format(number),
			site.ask(user, "GET", WHO_AM_I, headers={"Authorization": f"Bearer {token}"})
			or ask_frappe(partial(is_token, token)),
		)


def says(response: requests.Response) -> str | None:
	try:
		return response.json().get("message")
	except (ValueError, AttributeError):
		return None


def ask_frappe(lets_in: Callable[[], bool]) -> Answer:
	"""Call what Frappe calls to authenticate a request. Whatever it raises is a refusal."""
	with nobody_logged_in():
		try:
			is_in = lets_in()
		except Exception as refusal:
			return Answer(True, _("Refused by Frappe: {0}").format(type(refusal).__name__))
	if is_in:
		return Answer(False, _("Accepted by Frappe"))
	return Answer(True, _("Refused by Frappe"))


@contextmanager
def nobody_logged_in() -> Iterator[None]:
	"""Run Frappe's authentication without changing who is logged in here."""
	user, manager = frappe.session.user, getattr(frappe.local, "login_manager", None)
	form_dict = frappe.local.form_dict
	frappe.local.login_manager = frappe._dict(user="nobody")
	try:
		yield
	finally:
		frappe.local.login_manager = manager
		frappe.local.form_dict = form_dict
		if frappe.session.user != user:
			# only puts back who was logged in before Frappe's functions changed it
			frappe.set_user(user)  # nosemgrep: frappe-setuser


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
