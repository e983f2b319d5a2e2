"""Mail that Frappe's Email Accounts pull: every received Communication is compared with the ringers' addresses.

Frappe keeps of a mail whom its To and Cc name. A mailing's blind copies stand only in what the mail servers added
(Delivered-To and the like), so the mail itself is looked at too, while Frappe makes a Communication of it, and kept if it
was for a ringer.

The mail sync waits for one look-up by fingerprint, whoever the mail is for.
"""

from collections.abc import Callable

import frappe
from frappe.model.document import Document

from crm_transparency.crm_transparency.patching import Patch, replace
from crm_transparency.ringers import fingerprints
from crm_transparency.ringers.identities import RINGER, RINGING
from crm_transparency.ringers.watching import evidence_files, mails, tray
from crm_transparency.ringers.watching.tip import MAILBOX, Tip

RECEIVED, EMAIL = "Received", "Email"
LOCAL = "crm_transparency_incoming_mail"
MAIL_PROCESSED = Patch(
	target="frappe.email.receive.InboundMail.process",
	replacement="crm_transparency.ringers.watching.incoming._watch",
	needed_for="",
	reason="No hook sees the mail itself, which alone names blind copies.",
	tried_on="15.72, 16.10",
)


def attend() -> None:
	"""Let mails pass by here while Frappe makes Communications of them; called before jobs and requests."""
	replace(MAIL_PROCESSED)


def _watch(process: Callable) -> Callable:
	def watched(mail, *args, **kwargs):
		setattr(frappe.local, LOCAL, mail)
		try:
			return process(mail, *args, **kwargs)
		finally:
			setattr(frappe.local, LOCAL, None)

	return watched


def look_at(communication: Document) -> None:
	"""Put a received mail into the tray if it was for a ringer; have the tray looked through either way."""
	if communication.sent_or_received != RECEIVED or communication.communication_medium != EMAIL:
		return
	inbound = getattr(frappe.local, LOCAL, None)
	mail = inbound.mail if inbound else None
	addresses = addresses_of(communication, mail)
	if is_for_a_ringer(addresses):
		tray.put(as_tip(communication, inbound, addresses))
	tray.ask_for_a_look()


def addresses_of(communication: Document, mail: object) -> list[str]:
	named = mails.addresses_in(communication.recipients, communication.cc, communication.bcc)
	return mails.unique([*named, *(mails.recipients(mail) if mail else [])])


def is_for_a_ringer(addresses: list[str]) -> bool:
	"""Compare all addresses of a mail with one look-up."""
	found = [
		fingerprint
		for address in addresses
		for fingerprint in fingerprints.of_email_and_its_shorter_forms(address)
	]
	filters = {"email_fingerprint": ("in", found), "status": ("in", RINGING)}
	return bool(found) and bool(frappe.db.exists(RINGER, filters))


def as_tip(communication: Document, inbound: object, addresses: list[str]) -> Tip:
	tip = Tip(
		came_by=MAILBOX,
		addresses=addresses,
		sender=communication.sender,
		sender_name=communication.sender_full_name,
		subject=communication.subject,
		text=mails.plain(communication.text_content or communication.content)[: mails.LONGEST_TEXT],
		message_id=communication.message_id or communication.name,
	)
	if inbound:
		add_raw_mail(tip, inbound)
	return tip


def add_raw_mail(tip: Tip, inbound: object) -> None:
	raw = inbound.raw_message
	content = raw if isinstance(raw, bytes) else raw.encode("utf-8", "surrogateescape")
	tip.headers = mails.telling_headers(inbound.mail)
	tip.in_reply_to = inbound.in_reply_to
	tip.drill = inbound.mail.get(mails.DRILL_HEADER)
	tip.evidence.append(evidence_files.store(evidence_files.RAW_MAIL, "mail.eml", content, "message/rfc822"))
