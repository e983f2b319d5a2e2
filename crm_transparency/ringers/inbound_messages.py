"""An inbound message: what came in, before anybody looked at it. And reading mails: to whom, from whom, what they say."""

import email
import email.policy
import re
from dataclasses import dataclass, field
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parseaddr

from frappe.utils import now, strip_html

from crm_transparency.ringers.evidence_files import Evidence
from crm_transparency.ringers.fingerprints import international, plain_address
from crm_transparency.ringers.senders import Sender

MAILBOX, WEBHOOK, PERSONAL_LINK, CALL_LOG = "Mailbox", "Webhook", "Personal Link", "Call Log"
CHANNELS = ("Email", "Phone", "Post", "Message", "Other")


@dataclass
class InboundMessage:
	"""What came in. For which ringers, `ringers` says, or the addresses and numbers that it was meant for."""

	came_by: str
	channel: str = "Email"
	seen_on: str = field(default_factory=now)
	ringers: list[str] = field(default_factory=list)
	addresses: list[str] = field(default_factory=list)
	numbers: list[str] = field(default_factory=list)
	sender: str | None = None
	sender_name: str | None = None
	sender_phone: str | None = None
	subject: str | None = None
	text: str | None = None
	#: those that tell what kind of mail it is, by their names in lower case
	headers: dict[str, str] = field(default_factory=dict)
	#: by which the same thing is known when it comes again
	message_id: str | None = None
	in_reply_to: str | None = None
	evidence: list[Evidence] = field(default_factory=list)
	drill: str | None = None
	#: the Ringer Watch Link by which it was reported
	link: str | None = None

	@property
	def content(self) -> str:
		return "\n\n".join(filter(None, (self.subject, self.text)))

	def as_sender(self) -> Sender:
		return Sender(
			address=plain_address(self.sender) or None,
			name=self.sender_name or None,
			phone=international(self.sender_phone) or None if self.sender_phone else None,
			text=self.content,
		)


# Reading mails

#: where mail servers write down for whom a mail was, those that name blind copies among them
RECIPIENT_HEADERS = (
	"to",
	"cc",
	"bcc",
	"delivered-to",
	"x-original-to",
	"envelope-to",
	"x-envelope-to",
	"x-delivered-to",
	"x-rcpt-to",
	"resent-to",
)
#: which tell a person's mail from a bounce, a newsletter or spam
TELLING_HEADERS = (
	"auto-submitted",
	"content-type",
	"list-id",
	"list-unsubscribe",
	"precedence",
	"return-path",
	"x-auto-response-suppress",
	"x-failed-recipients",
	"x-forefront-antispam-report",
	"x-ms-exchange-organization-scl",
	"x-spam",
	"x-spam-flag",
	"x-spam-status",
)
MOST_ADDRESSES = 200
LONGEST_TEXT = 50_000
LONGEST_HEADER = 1000
DRILL_HEADER = "X-Campaign-Reference"
FOR_IN_RECEIVED = re.compile(r"\bfor\s+<?([^\s<>;]+@[^\s<>;]+)>?")


def parse_mail(raw: bytes) -> Message:
	return email.message_from_bytes(raw, policy=email.policy.compat32)


def recipients_of(mail: Message) -> list[str]:
	"""Return the addresses that a mail was delivered to, as far as its headers tell, blind copies included."""
	values = [str(value) for header in RECIPIENT_HEADERS for value in mail.get_all(header, [])]
	addresses = addresses_in(*values)
	for received in mail.get_all("received", []):
		addresses += FOR_IN_RECEIVED.findall(str(received))
	return unique_addresses(addresses)


def addresses_in(*texts: str | None) -> list[str]:
	"""Return the bare addresses in what recipient fields hold, at most a few hundred."""
	texts = [text[: 100 * MOST_ADDRESSES] for text in texts if text]
	return unique_addresses([address for _name, address in getaddresses(texts) if "@" in address])


def unique_addresses(addresses: list[str]) -> list[str]:
	return list(dict.fromkeys(address.strip().lower() for address in addresses))[:MOST_ADDRESSES]


def sender_of(mail: Message) -> tuple[str, str]:
	"""Return name and address of who sent a mail."""
	name, address = parseaddr(decoded_header(mail.get("from")))
	return name, address.lower()


def decoded_header(value: object) -> str:
	"""Return a header's text; what can't be decoded stays as it is."""
	text = str(value or "")[:LONGEST_HEADER]
	try:
		return str(make_header(decode_header(text)))
	except (LookupError, ValueError, UnicodeError):
		return text


def telling_headers(mail: Message) -> dict[str, str]:
	return {name: str(mail[name])[:LONGEST_HEADER] for name in TELLING_HEADERS if mail.get(name) is not None}


def text_of(mail: Message) -> str:
	"""Return what a mail says, without markup: its plain text, or that of its page."""
	parts = {"text/plain": "", "text/html": ""}
	for part in mail.walk():
		kind = part.get_content_type()
		if kind in parts and not part.get_filename() and not parts[kind]:
			parts[kind] = text_of_part(part)
	return (parts["text/plain"] or plain_text(parts["text/html"]))[:LONGEST_TEXT]


def text_of_part(part: Message) -> str:
	payload = part.get_payload(decode=True) or b""
	try:
		return payload.decode(part.get_content_charset() or "utf-8", "replace")
	except LookupError:
		return payload.decode("utf-8", "replace")


def plain_text(html: str | None) -> str:
	"""Return the text of a page, without scripts and styles."""
	without_code = re.sub(r"<(script|style)\b.*?</\1\s*>", " ", html or "", flags=re.DOTALL | re.IGNORECASE)
	return re.sub(r"\s*\n\s*", "\n", strip_html(without_code)).strip()
