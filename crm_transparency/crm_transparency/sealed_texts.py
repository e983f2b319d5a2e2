"""Texts that are stored encrypted with the site's key.

Whoever may read a document can find out what is in each of its columns, those hidden from them included: Frappe lets
everybody filter and sort lists by them. Of these texts such a list tells nothing.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from frappe.model.document import Document
from frappe.utils.password import decrypt, encrypt

SEALED = "sealed:"


def seal(text: str | None) -> str | None:
	"""Encrypt a text with the site's key, unless it is already."""
	return text if not text or text.startswith(SEALED) else SEALED + encrypt(text)


def unseal(text: str | None) -> str | None:
	return decrypt(text.removeprefix(SEALED)) if text and text.startswith(SEALED) else text


@contextmanager
def sealed(doc: Document, fields: Iterable[str]) -> Iterator[None]:
	"""Hold the texts of a document encrypted for as long as they are written to the database."""
	texts = {field: doc.get(field) for field in fields}
	doc.update({field: seal(text) for field, text in texts.items()})
	try:
		yield
	finally:
		doc.update(texts)
