"""What Frappe and ERPNext made of mails and calls that came in: Communications and Call Logs.

Every received Communication is compared with the ringers' addresses. Frappe keeps of a mail whom its To and Cc name. A
mailing's blind copies stand only in what the mail servers added (Delivered-To and the like), so the mail itself is
looked at too, while Frappe makes a Communication of it, and kept if it was for a ringer. The mail sync waits for one
look-up by fingerprint.
"""

from collections.abc import Callable

import frappe
from frappe.model.document import Document

from crm_transparency.ringers import evidence_files, fingerprints, identities, inbound_messages, inbox
from crm_transparency.ringers.identities import RINGER, RINGING
from crm_transparency.ringers.inbound_messages import CALL_LOG, MAILBOX, InboundMessage

RECEIVED, EMAIL = "Received", "Email"
INCOMING = "Incoming"
RUNNING_MAIL = "crm_transparency_incoming_mail"


def remembering_mail(process: Callable) -> Callable:
	"""Replace `InboundMail.process`: have the mail at hand while Frappe makes a Communication of it."""

	def processed(mail, /, *args, **kwargs):
		setattr(frappe.local, RUNNING_MAIL, mail)
		try:
			return process(mail, *args, **kwargs)
		finally:
			setattr(frappe.local, RUNNING_MAIL, None)

	return processed


def after_insert_of_communication(communication: Document, method: str | None = None) -> None:
	"""Put a received mail into the inbox if it was for a ringer; have the inbox processed either way."""
	if communication.sent_or_received != RECEIVED or communication.communication_medium != EMAIL:
		return
	inbound = getattr(frappe.local, RUNNING_MAIL, None)
	mail = inbound.mail if inbound else None
	addresses = addresses_of(communication, mail)
	if is_for_a_ringer(addresses):
		inbox.put(message_from_mail(communication, inbound, addresses))
	inbox.process_soon()


def addresses_of(communication: Document, mail: object) -> list[str]:
	named = inbound_messages.addresses_in(communication.recipients, communication.cc, communication.bcc)
	return inbound_messages.unique_addresses(
		[*named, *(inbound_messages.recipients_of(mail) if mail else [])]
	)


def is_for_a_ringer(addresses: list[str]) -> bool:
	"""Compare all addresses of a mail with one look-up."""
	found = [
		fingerprint
		for address in addresses
		for fingerprint in fingerprints.of_email_and_its_shorter_forms(address)
	]
	filters = {"email_fingerprint": ("in", found), "status": ("in", RINGING)}
	return bool(found) and bool(frappe.db.exists(RINGER, filters))


def message_from_mail(communication: Document, inbound: object, addresses: list[str]) -> InboundMessage:
	message = InboundMessage(
		came_by=MAILBOX,
		addresses=addresses,
		sender=communication.sender,
		sender_name=communication.sender_full_name,
		subject=communication.subject,
		text=inbound_messages.plain_text(communication.text_content or communication.content)[
			: inbound_messages.LONGEST_TEXT
		],
		message_id=communication.message_id or communication.name,
	)
	if inbound:
		add_raw_mail(message, inbound)
	return message


def add_raw_mail(message: InboundMessage, inbound: object) -> None:
	raw = inbound.raw_message
	content = raw if isinstance(raw, bytes) else raw.encode("utf-8", "surrogateescape")
	message.headers = inbound_messages.telling_headers(inbound.mail)
	message.in_reply_to = inbound.in_reply_to
	message.drill = inbound.mail.get(inbound_messages.DRILL_HEADER)
	message.evidence.append(
		evidence_files.store(evidence_files.RAW_MAIL, "mail.eml", content, "message/rfc822")
	)


def after_insert_of_call_log(call: Document, method: str | None = None) -> None:
	"""Put an incoming call into the inbox if it was for a ringer; have the inbox processed either way."""
	if call.get("type") and call.type != INCOMING:
		return
	called = call.get("to")
	if called and identities.by_phone(called):
		inbox.put(message_from_call(call, called))
	inbox.process_soon()


def message_from_call(call: Document, called: str) -> InboundMessage:
	return InboundMessage(
		came_by=CALL_LOG,
		channel="Phone",
		seen_on=str(call.get("start_time") or frappe.utils.now()),
		numbers=[called],
		sender_phone=call.get("from"),
		text=call.get("summary"),
		message_id=f"call {call.name}",
	)
