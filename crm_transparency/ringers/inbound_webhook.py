"""The endpoint for mail providers: they deliver every mail to an address on one of our domains, for a ringer or not.

Whether an address is a ringer's is looked up later, in the background.
"""

import frappe
from frappe import _
from frappe.rate_limiter import rate_limit
from frappe.utils import cint

from crm_transparency.crm_transparency.requested import command_in
from crm_transparency.ringers import (
	evidence_files,
	inbound_providers,
	inbound_signatures,
	inbox,
)
from crm_transparency.ringers.documents import WEBHOOK_SETTINGS
from crm_transparency.ringers.inbound_providers import Delivery
from crm_transparency.ringers.secrecy import decrypted, ringer_managers_only

KEYS = ("secret", "mailgun_signing_key", "sns_topic")
MOST_BYTES = 1 << 20
A_MINUTE = 60
#: a mailing reaches all ringers within a minute
DELIVERIES_A_MINUTE = 1200
ENDPOINT = "crm_transparency.ringers.inbound_webhook.receive"
AUTHORIZATION = "crm_transparency_provider_authorization"
NOT_KEPT = 503


def keep_provider_credentials() -> None:
	"""`before_request`: Frappe refuses the credentials of a mail provider, as they aren't a user's. Keep them for `receive`."""
	if ENDPOINT in (command_in(frappe.request.path), frappe.request.args.get("cmd")):
		credentials = frappe.request.environ.pop("HTTP_AUTHORIZATION", "")
		setattr(frappe.local, AUTHORIZATION, credentials)


def credentials() -> str:
	return getattr(frappe.local, AUTHORIZATION, "")


def deliveries_a_minute() -> int:
	return cint(frappe.db.get_single_value(WEBHOOK_SETTINGS, "deliveries_a_minute")) or DELIVERIES_A_MINUTE


@frappe.whitelist(allow_guest=True, methods=["POST"])
@rate_limit(limit=deliveries_a_minute, seconds=A_MINUTE)
def receive() -> str:
	"""Take a delivery. The answer is the same whether it is genuine or not, for a ringer or not."""
	body = frappe.request.get_data()
	try:
		if len(body) <= MOST_BYTES:
			take(body)
	except Exception as error:
		return not_kept(error)
	return accepted()


def take(body: bytes) -> None:
	form = frappe.request.form.to_dict()
	handle(inbound_providers.read_delivery(body, form, header, credentials()), body)


def handle(delivery: Delivery, body: bytes) -> None:
	"""Put a delivery into the inbox if it comes from our provider; confirm a subscription. Drills come this way, too."""
	if not came_from_our_provider(delivery, keys()):
		return
	if delivery.notification and delivery.notification.get("Type") == inbound_signatures.CONFIRMATION:
		inbound_signatures.confirm_subscription(delivery.notification)
		return
	inbox.put(with_evidence(delivery, body).message)
	inbox.process_soon()


def accepted() -> str:
	"""Return the answer that everybody gets, whatever came in and whatever becomes of it."""
	return _("Thank you.")


def not_kept(error: Exception) -> str:
	"""Return the answer to somebody who should try again; what is logged names nobody."""
	frappe.db.rollback()
	frappe.clear_messages()
	frappe.local.response.http_status_code = NOT_KEPT
	frappe.logger().error(f"CRM Transparency: what came in was not kept ({type(error).__name__})")
	return _("This was not received. Please try again later.")


def came_from_our_provider(delivery: Delivery, known: dict[str, str]) -> bool:
	if delivery.notification is None:
		return inbound_signatures.is_genuine(delivery.proof, known)
	is_ours = inbound_signatures.is_of_our_topic(delivery.notification, known.get("sns_topic"))
	return (
		is_ours
		and inbound_signatures.is_signed_by_amazon(delivery.notification)
		and inbound_signatures.is_first_time(delivery.proof)
	)


def with_evidence(delivery: Delivery, body: bytes) -> Delivery:
	"""Keep what came: the mail, or what the provider made of it."""
	if delivery.raw:
		kept = evidence_files.store(evidence_files.RAW_MAIL, "mail.eml", delivery.raw, "message/rfc822")
	else:
		kept = evidence_files.store(evidence_files.PAYLOAD, "delivery.txt", body, "text/plain")
	delivery.message.evidence.append(kept)
	return delivery


def header(name: str) -> str:
	return frappe.get_request_header(name, "")


def keys() -> dict[str, str]:
	settings = frappe.get_doc(WEBHOOK_SETTINGS)
	return {key: decrypted(settings, key) for key in KEYS}


@frappe.whitelist(methods=["POST"])
@ringer_managers_only
def new_secret() -> str:
	"""Make a new shared secret, which replaces the one before at once, and return it: it's shown this once."""
	settings = frappe.get_doc(WEBHOOK_SETTINGS)
	return settings.renew_secret()
