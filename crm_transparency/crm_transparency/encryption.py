"""Texts that are stored encrypted with the site's key, documents that others can't listen to, and secrets in addresses.

Whoever may read a document can find out what is in each of its columns, those hidden from them included: Frappe lets
everybody filter and sort lists by them. Of encrypted texts such a list tells nothing.

A personal link is a page that one person opens without a login, because only they know the address. What is kept of it is a
hash, so nobody who reads the database can open the page. The secret has 256 bits: it can't be guessed, needs no salt, and is
found by its hash, which takes the same time for right and wrong ones.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from frappe.model.document import Document
from frappe.utils.password import decrypt, encrypt

MARK = "sealed:"


def encrypted(text: str | None) -> str | None:
	"""Return a text encrypted with the site's key; one that is already stays as it is."""
	return text if not text or text.startswith(MARK) else MARK + encrypt(text)


def decrypted(text: str | None) -> str | None:
	return decrypt(text.removeprefix(MARK)) if text and text.startswith(MARK) else text


@contextmanager
def stored_encrypted(doc: Document, fields: Iterable[str]) -> Iterator[None]:
	"""Hold the texts of a document encrypted for as long as they are written to the database."""
	texts = {field: doc.get(field) for field in fields}
	doc.update({field: encrypted(text) for field, text in texts.items()})
	try:
		yield
	finally:
		doc.update(texts)


class UnheardDocument(Document):
	"""A document whose text nobody carries out who attaches something to saving it.

	Notifications, Webhooks and Server Scripts get the document as it is in memory, and that is readable.
	"""

	def run_method(self, method, *args, **kwargs):
		"""Run what the document itself does, and nothing that others attached to it."""
		function = getattr(self, method, None)
		return function(*args, **kwargs) if callable(function) else None

	def notify_update(self):
		"""Do without telling every open Desk that something changed here, and who did it."""


SECRET_BYTES = 32
#: longer than any secret of ours
LONGEST = 100


def new_secret() -> str:
	"""Return a secret for the address of a page: 43 characters that need no escaping."""
	return secrets.token_urlsafe(SECRET_BYTES)


def fingerprint(secret: str) -> str:
	"""Return what is kept of a secret, and what it's found by: 64 hexadecimal digits."""
	return hashlib.sha256(secret[:LONGEST].encode("utf-8", "replace")).hexdigest()
