"""The door for mail providers: every mail to an address on one of our domains, for a ringer or not."""

import frappe
from frappe.rate_limiter import rate_limit
from frappe.utils import cint

from crm_transparency.ringers import secrecy
from crm_transparency.ringers.documents import WEBHOOK as SETTINGS
from crm_transparency.ringers.doors import knocks, providers, requests, signatures, sns
from crm_transparency.ringers.doors.providers import Delivery
from crm_transparency.ringers.quietly import without_a_trace
from crm_transparency.ringers.sealed_document import in_clear
from crm_transparency.ringers.watching import evidence_files

KEYS = ("secret", "mailgun_signing_key", "sns_topic")
MOST_BYTES = 1 << 20
A_MINUTE = 60
#: a mailing reaches all ringers within a minute
DELIVERIES_A_MINUTE = 1200


def deliveries_a_minute() -> int:
	return cint(frappe.db.get_single_value(SETTINGS, "deliveries_a_minute")) or DELIVERIES_A_MINUTE


@frappe.whitelist(allow_guest=True, methods=["POST"])
@rate_limit(limit=deliveries_a_minute, seconds=A_MINUTE)
def receive() -> None:
	"""Take a delivery. The answer is always the same: `requests` makes it, and nothing here is allowed to fail."""
	body = frappe.request.get_data()
	if len(body) > MOST_BYTES:
		return
	try:
		take(body)
	except Exception as error:
		requests.note_failure(error)


def take(body: bytes) -> None:
	form = frappe.request.form.to_dict()
	handle(providers.read(body, form, header, requests.credentials()), body)


def handle(delivery: Delivery, body: bytes) -> None:
	"""Put a delivery into the tray if it comes from our provider. Deliveries of drills come by here, too."""
	is_genuine = came_from_our_provider(delivery, keys())
	if is_genuine and is_confirmation(delivery):
		sns.confirm(delivery.notification)
		is_genuine = False
	knocks.take(with_evidence(delivery, body).tip, is_genuine)


def came_from_our_provider(delivery: Delivery, known: dict[str, str]) -> bool:
	if delivery.notification is None:
		return signatures.is_genuine(delivery.proof, known)
	is_ours = sns.is_of_our_topic(delivery.notification, known.get("sns_topic"))
	return is_ours and sns.is_genuine(delivery.notification) and signatures.is_first_time(delivery.proof)


def is_confirmation(delivery: Delivery) -> bool:
	return bool(delivery.notification) and delivery.notification.get("Type") == sns.CONFIRMATION


def with_evidence(delivery: Delivery, body: bytes) -> Delivery:
	"""Keep what came: the mail, or what the provider made of it."""
	if delivery.raw:
		kept = evidence_files.store(evidence_files.RAW_MAIL, "mail.eml", delivery.raw, "message/rfc822")
	else:
		kept = evidence_files.store(evidence_files.PAYLOAD, "delivery.txt", body, "text/plain")
	delivery.tip.evidence.append(kept)
	return delivery


def header(name: str) -> str:
	return frappe.get_request_header(name, "")


def keys() -> dict[str, str]:
	settings = frappe.get_doc(SETTINGS)
	return {key: in_clear(settings, key) for key in KEYS}


@frappe.whitelist(methods=["POST"])
@without_a_trace
def new_secret() -> str:
	"""Make a new shared secret, which replaces the one before at once, and return it: it's shown this once."""
	secrecy.ask_may_know()
	settings = frappe.get_doc(SETTINGS)
	return settings.renew_secret()
