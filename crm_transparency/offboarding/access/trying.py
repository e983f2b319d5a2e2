"""What is tried after access has ended: the very password, sessions, key and tokens that worked before.

They are collected while access ends, kept encrypted with the site's key until they were tried, and dead by then. Nobody
knows the person's password, so the user gets a new one that nobody knows either: if even the right password is refused, it
is because the user is. Afterwards there is no password at all.
"""

import json
import secrets
from typing import NamedTuple

import frappe
from frappe.model.document import Document
from frappe.utils.password import get_decrypted_password, remove_encrypted_password, update_password

from crm_transparency.crm_transparency import sealed_texts
from crm_transparency.offboarding.access.doors_of_login import session_ids

#: of each kind; a person with a hundred tokens is proved by some of them
MOST = 5


class Keys(NamedTuple):
	password: str
	sessions: list[str]
	api: list[str]
	tokens: list[str]


def collect(user: str) -> Keys:
	"""Return what opens the site for a user at the moment, and set a password that nobody knows."""
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
	"""Put the keys aside, encrypted. What an earlier attempt kept and nobody tried yet isn't lost."""
	before = read(removal)
	if before:
		keys = Keys(
			keys.password,
			[*before.sessions, *keys.sessions][: 2 * MOST],
			keys.api or before.api,
			[*before.tokens, *keys.tokens][: 2 * MOST],
		)
	removal.to_try = sealed_texts.seal(json.dumps(keys))


def read(removal: Document) -> Keys | None:
	return Keys(*json.loads(sealed_texts.unseal(removal.to_try))) if removal.to_try else None


def forget(removal: Document) -> None:
	"""Take the keys away, and the password with them."""
	removal.to_try = None
	remove_encrypted_password("User", removal.user)
