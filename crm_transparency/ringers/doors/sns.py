"""Amazon's notifications, by which SES hands on mail: their signature is checked with Amazon's certificate.

Only notifications of our own topic count. The certificate comes from Amazon's own address and is kept for a day.
"""

import base64
import hmac
import re
from urllib.parse import urlsplit

import frappe
import requests
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

HOST = re.compile(r"sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?")
SIGNED = {
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


def is_genuine(message: dict) -> bool:
	"""Say whether Amazon signed a message. Asks Amazon for its certificate, once a day."""
	try:
		certificate = x509.load_pem_x509_certificate(certificate_at(str(message["SigningCertURL"])))
		signature = base64.b64decode(str(message["Signature"]))
		algorithm = HASHES[str(message.get("SignatureVersion"))]()
		certificate.public_key().verify(signature, signed_text(message), padding.PKCS1v15(), algorithm)
	except (InvalidSignature, KeyError, ValueError, requests.RequestException):
		return False
	return True


def signed_text(message: dict) -> bytes:
	fields = [field for field in SIGNED[message["Type"]] if message.get(field) is not None]
	return "".join(f"{field}\n{message[field]}\n" for field in fields).encode()


def certificate_at(address: str) -> bytes:
	check_is_amazons(address)
	key = f"crm_transparency:sns_certificate:{address}"
	certificate = frappe.cache.get_value(key, expires=True)
	if certificate is None:
		certificate = fetch(address)
		frappe.cache.set_value(key, certificate, expires_in_sec=CERTIFICATE_SECONDS)
	return certificate


def confirm(message: dict) -> None:
	"""Tell Amazon that we want the notifications of our topic. Raises ValueError for an address that isn't Amazon's."""
	address = str(message.get("SubscribeURL"))
	check_is_amazons(address)
	fetch(address)


def check_is_amazons(address: str) -> None:
	parts = urlsplit(address)
	if parts.scheme != "https" or parts.port or not HOST.fullmatch(parts.hostname or ""):
		raise ValueError("not an address of Amazon's notification service")


def fetch(address: str) -> bytes:
	response = requests.get(address, timeout=TIMEOUT_SECONDS, allow_redirects=False)
	response.raise_for_status()
	return response.content
