"""A tip: what came in by a door, before anybody looked at it."""

from dataclasses import dataclass, field

from frappe.utils import now

from crm_transparency.ringers.attribution.senders import Sender
from crm_transparency.ringers.fingerprints import international, plain_address
from crm_transparency.ringers.watching.evidence_files import Evidence

MAILBOX, WEBHOOK, PERSONAL_LINK, CALL_LOG, BY_HAND = (
	"Mailbox",
	"Webhook",
	"Personal Link",
	"Call Log",
	"Ringer Manager",
)
CHANNELS = ("Email", "Phone", "Post", "Message", "Other")


@dataclass
class Tip:
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
