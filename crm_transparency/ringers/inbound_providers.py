"""What mail providers send, each in their own way, read as one: an inbound message, and the proof of where it comes from.

Known by their fields: Mailgun (a route's form or JSON), Postmark (inbound JSON), SES (a notification of SNS with the mail in
it), and ours: `{"recipients": ["ada@…"], "raw": "<base64 of the mail>"}`, or `recipients`, `from`, `subject`, `text` and
`message_id` instead of `raw`.
"""

import base64
import json
from collections.abc import Callable, Iterable
from typing import NamedTuple

from crm_transparency.ringers import inbound_messages
from crm_transparency.ringers.inbound_messages import WEBHOOK, InboundMessage
from crm_transparency.ringers.inbound_signatures import Proof, password_in

LONGEST = 1000


class Delivery(NamedTuple):
	"""`raw` is the mail as it arrived, if the provider sent it."""

	message: InboundMessage
	proof: Proof
	raw: bytes | None = None
	notification: dict | None = None


def read_delivery(body: bytes, form: dict, headers: Callable[[str], str], authorization: str) -> Delivery:
	"""Read a delivery, whatever it is; what makes no sense becomes an empty message without proof. Raises nothing."""
	try:
		return _read_delivery(body, form, headers, authorization)
	except Exception:
		return Delivery(InboundMessage(WEBHOOK), Proof())


def _read_delivery(body: bytes, form: dict, headers: Callable[[str], str], authorization: str) -> Delivery:
	data = form or json.loads(body)
	if not isinstance(data, dict):
		raise ValueError("not an object")
	if "TopicArn" in data:
		return from_ses(data)
	if "OriginalRecipient" in data or "ToFull" in data:
		return from_postmark(data, authorization)
	if "signature" in data and ("token" in data or isinstance(data["signature"], dict)):
		return from_mailgun(data)
	return from_ourselves(data, body, headers)


def from_ourselves(data: dict, body: bytes, headers: Callable[[str], str]) -> Delivery:
	proof = Proof("hmac", headers("X-Transparency-Timestamp"), headers("X-Transparency-Signature"), body)
	recipients = [short_text(recipient) for recipient in as_list(data.get("recipients"))]
	if data.get("raw"):
		return with_mail(base64.b64decode(data["raw"]), recipients, proof)
	name, address = inbound_messages.parseaddr(short_text(data.get("from")))
	return Delivery(
		InboundMessage(
			WEBHOOK,
			addresses=inbound_messages.addresses_in(*recipients),
			sender=address,
			sender_name=name,
			subject=short_text(data.get("subject")),
			text=inbound_messages.plain_text(long_text(data.get("text"))),
			headers=telling(as_dict(data.get("headers")).items()),
			message_id=short_text(data.get("message_id")),
			drill=short_text(as_dict(data.get("headers")).get(inbound_messages.DRILL_HEADER)),
		),
		proof,
	)


def from_mailgun(data: dict) -> Delivery:
	"""Read what a route posts: the fields of the parsed mail, or the whole one in `body-mime`."""
	signature = data["signature"]
	signed = signature if isinstance(signature, dict) else data
	data = as_dict(data.get("event-data")) or data
	proof = Proof(
		"mailgun",
		short_text(signed.get("timestamp")),
		short_text(signed.get("signature")),
		short_text(signed.get("token")).encode("utf-8", "replace"),
	)
	recipients = [short_text(data.get("recipient")), short_text(data.get("To")), short_text(data.get("Cc"))]
	if data.get("body-mime"):
		return with_mail(str(data["body-mime"]).encode("utf-8", "surrogateescape"), recipients, proof)
	headers = [
		pair
		for pair in as_list(from_json(data.get("message-headers")))
		if isinstance(pair, list | tuple) and len(pair) == 2
	]
	name, address = inbound_messages.parseaddr(short_text(data.get("from")))
	return Delivery(
		InboundMessage(
			WEBHOOK,
			addresses=inbound_messages.addresses_in(*recipients),
			sender=address or short_text(data.get("sender")),
			sender_name=name,
			subject=short_text(data.get("subject")),
			text=inbound_messages.plain_text(long_text(data.get("body-plain") or data.get("body-html"))),
			headers=telling(headers),
			message_id=short_text(data.get("Message-Id")),
			in_reply_to=short_text(data.get("In-Reply-To")),
		),
		proof,
	)


def from_postmark(data: dict, authorization: str) -> Delivery:
	proof = Proof(
		"basic", signature=password_in(authorization), details={"id": short_text(data.get("MessageID"))}
	)
	headers = [
		(header.get("Name"), header.get("Value"))
		for header in as_list(data.get("Headers"))
		if isinstance(header, dict)
	]
	recipients = [short_text(data.get("OriginalRecipient"))]
	for field in ("ToFull", "CcFull", "BccFull"):
		recipients += [short_text(as_dict(recipient).get("Email")) for recipient in as_list(data.get(field))]
	full = as_dict(data.get("FromFull"))
	of_mail = {str(name).lower(): short_text(value) for name, value in headers}
	return Delivery(
		InboundMessage(
			WEBHOOK,
			addresses=inbound_messages.addresses_in(*recipients),
			sender=short_text(full.get("Email") or data.get("From")),
			sender_name=short_text(full.get("Name") or data.get("FromName")),
			subject=short_text(data.get("Subject")),
			text=inbound_messages.plain_text(long_text(data.get("TextBody") or data.get("HtmlBody"))),
			headers=telling(headers),
			message_id=of_mail.get("message-id") or short_text(data.get("MessageID")),
			in_reply_to=of_mail.get("in-reply-to"),
		),
		proof,
	)


def from_ses(data: dict) -> Delivery:
	"""Read a notification that holds a received mail, in base64 or as it is."""
	proof = Proof("sns", details={"id": short_text(data.get("MessageId"))})
	if data.get("Type") != "Notification":
		return Delivery(InboundMessage(WEBHOOK), proof, notification=data)
	message = as_dict(from_json(data.get("Message")))
	receipt, mail = as_dict(message.get("receipt")), as_dict(message.get("mail"))
	recipients = [
		short_text(recipient) for recipient in as_list(receipt.get("recipients") or mail.get("destination"))
	]
	content = str(message.get("content") or "")
	is_encoded = as_dict(receipt.get("action")).get("encoding") == "BASE64"
	raw = base64.b64decode(content) if is_encoded else content.encode("utf-8", "surrogateescape")
	return with_mail(raw, recipients, proof)._replace(notification=data)


def with_mail(raw: bytes, recipients: Iterable[str], proof: Proof) -> Delivery:
	"""Return a delivery that brought the whole mail."""
	mail = inbound_messages.parse_mail(raw)
	name, address = inbound_messages.sender_of(mail)
	return Delivery(
		InboundMessage(
			WEBHOOK,
			addresses=inbound_messages.unique_addresses(
				[*inbound_messages.addresses_in(*recipients), *inbound_messages.recipients_of(mail)]
			),
			sender=address,
			sender_name=name,
			subject=inbound_messages.decoded_header(mail.get("subject")),
			text=inbound_messages.text_of(mail),
			headers=inbound_messages.telling_headers(mail),
			message_id=short_text(mail.get("message-id")),
			in_reply_to=short_text(mail.get("in-reply-to")),
			drill=short_text(mail.get(inbound_messages.DRILL_HEADER)),
		),
		proof,
		raw,
	)


def telling(headers: Iterable) -> dict[str, str]:
	return {
		str(name).lower(): short_text(value)
		for name, value in headers
		if str(name).lower() in inbound_messages.TELLING_HEADERS
	}


def short_text(value: object) -> str:
	return str(value)[:LONGEST] if isinstance(value, str | int | float) else ""


def long_text(value: object) -> str:
	return value[: inbound_messages.LONGEST_TEXT] if isinstance(value, str) else ""


def as_list(value: object) -> list:
	return value[: inbound_messages.MOST_ADDRESSES] if isinstance(value, list) else []


def as_dict(value: object) -> dict:
	return value if isinstance(value, dict) else {}


def from_json(value: object) -> object:
	return json.loads(value) if isinstance(value, str) else value
