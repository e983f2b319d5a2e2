"""Is a delivery really from our mail provider? One way for each, and all of them compare in constant time.

What Frappe's own schemes (user's tokens) would answer differently for right and wrong isn't used. A delivery that is
replayed is known by its proof for as long as its timestamp is accepted; after that it's too old.
"""

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass, field

import frappe

from crm_transparency.ringers.fingerprints import fingerprint

WINDOW_SECONDS = 300
REMEMBERED_SECONDS = 2 * WINDOW_SECONDS + 60


@dataclass
class Proof:
	"""What a delivery brings to prove where it comes from."""

	scheme: str = "none"
	timestamp: str = ""
	signature: str = ""
	#: what was signed
	signed: bytes = b""
	details: dict = field(default_factory=dict)


def is_genuine(proof: Proof, keys: dict[str, str]) -> bool:
	"""Compare a proof with the keys, by scheme. What can't be right is compared all the same."""
	checks = {"hmac": by_hmac, "mailgun": by_mailgun, "basic": by_basic}
	check = checks.get(proof.scheme, by_hmac)
	is_right = check(proof, keys)
	is_first = is_first_time(proof)
	return is_right and is_first and (proof.scheme == "basic" or is_timely(proof.timestamp))


def by_hmac(proof: Proof, keys: dict[str, str]) -> bool:
	"""Our own: HMAC-SHA256 with the shared secret over timestamp, dot and body, as `sha256=<hex>`."""
	signed = proof.timestamp.encode("utf-8", "replace") + b"." + proof.signed
	return matches(hex_hmac(keys.get("secret"), signed), proof.signature.removeprefix("sha256="))


def by_mailgun(proof: Proof, keys: dict[str, str]) -> bool:
	"""Mailgun's: HMAC-SHA256 with its signing key over timestamp and token."""
	signed = proof.timestamp.encode("utf-8", "replace") + proof.signed
	return matches(hex_hmac(keys.get("mailgun_signing_key"), signed), proof.signature)


def by_basic(proof: Proof, keys: dict[str, str]) -> bool:
	"""Postmark's, which signs nothing: the shared secret as the password in the address that it calls."""
	given = hashlib.sha256(proof.signature.encode("utf-8", "replace")).hexdigest()
	expected = hashlib.sha256((keys.get("secret") or "").encode()).hexdigest()
	return matches(expected, given) and bool(keys.get("secret"))


def hex_hmac(key: str | None, signed: bytes) -> str:
	"""Return the signature that would be right; without a key one that nobody can know."""
	return hmac.new((key or fingerprint("no key", "")).encode(), signed, hashlib.sha256).hexdigest()


def matches(expected: str, given: str) -> bool:
	return hmac.compare_digest(expected.encode(), given.strip().lower().encode("utf-8", "replace"))


def is_timely(timestamp: str) -> bool:
	try:
		return abs(time.time() - float(timestamp)) <= WINDOW_SECONDS
	except (ValueError, OverflowError):
		return False


def is_first_time(proof: Proof) -> bool:
	"""Remember a proof; say whether it comes for the first time. Mails in proofs without timestamps are known by id."""
	seen = fingerprint(
		"delivery", f"{proof.scheme} {proof.timestamp} {proof.signature} {proof.details.get('id', '')}"
	)
	key = frappe.cache.make_key(f"crm_transparency:delivery:{seen}")
	return bool(frappe.cache.set(key, 1, ex=REMEMBERED_SECONDS, nx=True))


def password_in(authorization: str) -> str:
	"""Return the password of basic credentials, "" if there is none."""
	scheme, _space, token = authorization.partition(" ")
	if scheme.lower() != "basic":
		return ""
	try:
		return base64.b64decode(token).decode("utf-8", "replace").partition(":")[2]
	except ValueError:
		return ""
