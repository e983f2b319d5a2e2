"""Personal links: pages that one person opens without a login, because only they know the address.

What is kept of a link is a hash, so nobody who reads the database can open the page. The secret has 256 bits: it can't
be guessed, needs no salt, and is found by its hash, which takes the same time for right and wrong ones.
"""

import hashlib
import secrets

SECRET_BYTES = 32
#: longer than any secret of ours
LONGEST = 100


def new_secret() -> str:
	"""Return a secret for the address of a page: 43 characters that need no escaping."""
	return secrets.token_urlsafe(SECRET_BYTES)


def fingerprint(secret: str) -> str:
	"""Return what is kept of a secret, and what it's found by: 64 hexadecimal digits."""
	return hashlib.sha256(secret[:LONGEST].encode("utf-8", "replace")).hexdigest()
