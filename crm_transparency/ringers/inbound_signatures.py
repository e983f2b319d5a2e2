"""Is a delivery really from our mail provider? One way for each.

Amazon hands on mail by notifications of its SNS: only those of our own topic count, and their signature is checked with
Amazon's certificate, which comes from Amazon's own address and is kept for a day. Of all others, a delivery that is
replayed is known by its proof for as long as its timestamp is accepted; after that it's too old.
"""

import base64
import hashlib
import hmac
import re
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import frappe
import requests
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

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
	"""Return whether a proof fits the keys, is recent (where it bears a time) and comes for the first time."""
	check = {"hmac": by_hmac, "mailgun": by_mailgun, "basic": by_basic}.get(proof.scheme)
	is_recent = proof.scheme == "basic" or is_timely(proof.timestamp)
	return bool(check) and is_recent and check(proof, keys) and is_first_time(proof)


def by_hmac(proof: Proof, keys: dict[str, str]) -> bool:
	"""Our own: HMAC-SHA256 with the shared secret over timestamp, dot and body, as `sha256=<hex>`."""
	signed = proof.timestamp.encode("utf-8", "replace") + b"." + proof.signed
	return is_signed(keys.get("secret"), signed, proof.signature.removeprefix("sha256="))


def by_mailgun(proof: Proof, keys: dict[str, str]) -> bool:
	"""Mailgun's: HMAC-SHA256 with its signing key over timestamp and token."""
	signed = proof.timestamp.encode("utf-8", "replace") + proof.signed
	return is_signed(keys.get("mailgun_signing_key"), signed, proof.signature)


def by_basic(proof: Proof, keys: dict[str, str]) -> bool:
	"""Postmark's, which signs nothing: the shared secret as the password in the address that it calls."""
	secret = keys.get("secret")
	return bool(secret) and matches(secret, proof.signature)


def is_signed(key: str | None, signed: bytes, signature: str) -> bool:
	return bool(key) and matches(hex_hmac(key, signed), signature.strip().lower())


def hex_hmac(key: str, signed: bytes) -> str:
	return hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()


def matches(expected: str, given: str) -> bool:
	return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


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
	# `make_key` makes the key the site's own
	is_new = frappe.cache.set(  # nosemgrep: frappe-cache-breaks-multitenancy
		key, 1, ex=REMEMBERED_SECONDS, nx=True
	)
	return bool(is_new)


def password_in(authorization: str) -> str:
	"""Return the password of basic credentials, "" if there is none."""
	scheme, _space, token = authorization.partition(" ")
	if scheme.lower() != "basic":
		return ""
	try:
		return base64.b64decode(token).decode("utf-8", "replace").partition(":")[2]
	except ValueError:
		return ""


# Amazon SNS

AMAZON_HOST = re.compile(r"sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?")
SIGNED_FIELDS = {
	"Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
	"SubscriptionConfirmation": (
		"Message",
		"MessageId",
		"SubscribeURL",
		"Timestamp",
		"Token",
		"TopicArn",
		"Type",
	),
}
HASHES = {"1": hashes.SHA1, "2": hashes.SHA256}
CERTIFICATE_SECONDS = 86_400
TIMEOUT_SECONDS = 10
CONFIRMATION = "SubscriptionConfirmation"


def is_of_our_topic(message: dict, topic: str | None) -> bool:
	given = str(message.get("TopicArn") or "").encode("utf-8", "replace")
	return hmac.compare_digest((topic or "").encode(), given) and bool(topic)


def is_signed_by_amazon(message: dict) -> bool:
	"""Return whether Amazon signed a message. Asks Amazon for its certificate, once a day."""
	try:
		certificate = x509.load_pem_x509_certificate(certificate_at(str(message["SigningCertURL"])))
		signature = base64.b64decode(str(message["Signature"]))
		algorithm = HASHES[str(message.get("SignatureVersion"))]()
		certificate.public_key().verify(signature, signed_text(message), padding.PKCS1v15(), algorithm)
	except (InvalidSignature, KeyError, ValueError, requests.RequestException):
		return False
	return True


def signed_text(message: dict) -> bytes:
	fields = [field for field in SIGNED_FIELDS[message["Type"]] if message.get(field) is not None]
	return "".join(f"{field}\n{message[field]}\n" for field in fields).encode()


def certificate_at(address: str) -> bytes:
	check_is_amazons(address)
	key = f"crm_transparency:sns_certificate:{address}"
	certificate = frappe.cache.get_value(key, expires=True)
	if certificate is None:
		certificate = fetch(address)
		frappe.cache.set_value(key, certificate, expires_in_sec=CERTIFICATE_SECONDS)
	return certificate


def confirm_subscription(message: dict) -> None:
	"""Tell Amazon that we want the notifications of our topic. Raises ValueError for an address that isn't Amazon's."""
	address = str(message.get("SubscribeURL"))
	check_is_amazons(address)
	fetch(address)


def check_is_amazons(address: str) -> None:
	parts = urlsplit(address)
	if parts.scheme != "https" or parts.port or not AMAZON_HOST.fullmatch(parts.hostname or ""):
		raise ValueError("not an address of Amazon's notification service")


def fetch(address: str) -> bytes:
	response = requests.get(address, timeout=TIMEOUT_SECONDS, allow_redirects=False)
	response.raise_for_status()
	return response.content
