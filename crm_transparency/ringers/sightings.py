"""Writing sightings: one ledger entry for each ringer that something came for.

What our own company sends is none. What arrives in every mailbox and tells nothing (bounces, spam, newsletters of companies
that nothing links to a former colleague) is noise: it is kept, out of the way, and a Ringer Manager can make a case of it.
"""

import json
import re
import secrets
from typing import NamedTuple

import frappe

from crm_transparency.ledger import entries
from crm_transparency.ringers import fingerprints, senders
from crm_transparency.ringers.documents import SIGHTING
from crm_transparency.ringers.fingerprints import fingerprint, plain_address
from crm_transparency.ringers.inbound_messages import InboundMessage
from crm_transparency.ringers.secrecy import decrypted
from crm_transparency.ringers.senders import Person, Sender, registrable_domain

OPEN, NOISE, DRILL = "Open", "Noise", "Drill"
#: how much a sender and a person must have in common to call it a link
WEIGHT_OF_A_LINK = 1.0
#: a newsletter that reaches so many ringers came by our data
RINGERS_OF_A_CAMPAIGN = 2


class Sighting(NamedTuple):
	"""What `cases` has to know about an entry that was just written."""

	name: str
	ringer: str
	seen_on: str
	channel: str
	verdict: str
	sender_key: str
	sender_in_words: str
	matched_offboarding: str | None


def record_sighting(message: InboundMessage, ringer: str, who_left: list[Person]) -> Sighting | None:
	"""Write the ledger entry for a message to a ringer; return None if our own company sent it, or if it is there already."""
	key = key_of((message.message_id or "").strip(" <>") or secrets.token_hex(16), ringer)
	if frappe.db.exists(SIGHTING, {"sighting_key": key}):
		return None
	is_drill = fingerprints.is_drill_mark(message.drill)
	if not is_drill and is_from_own_company(message):
		return None
	sender = message.as_sender()
	closest = closest_person(sender, who_left)
	kind = None if is_drill else kind_of_noise(message, has_link=closest is not None)
	verdict = DRILL if is_drill else NOISE if kind else OPEN
	entry = entries.add(
		SIGHTING,
		ringer=ringer,
		seen_on=message.seen_on,
		channel=message.channel,
		came_by=message.came_by,
		sender=sender.address or sender.phone,
		sender_name=sender.name,
		sender_domain=sender.domain,
		content=message.content,
		evidence=json.dumps(message.evidence),
		matched_offboarding=closest.offboarding if closest else None,
		verdict=verdict,
		noise_kind=kind,
		is_drill=int(is_drill),
		sighting_key=key,
		sender_key=fingerprint(
			"sender", sender.domain or sender.address or sender.phone or sender.name or secrets.token_hex(8)
		),
	)
	return Sighting(
		entry.name,
		ringer,
		str(message.seen_on),
		message.channel,
		verdict,
		entry.sender_key,
		shown_sender(sender),
		closest.offboarding if closest else None,
	)


def key_of(identity: str, ringer: str) -> str:
	return fingerprint("sighting", f"{identity}\n{ringer}")


def closest_person(sender: Sender, who_left: list[Person]) -> Person | None:
	"""Return who has most in common with the sender, those who are watched first; None if nobody has enough."""
	best, most = None, 0.0
	for person in who_left:
		weight = sum(tie.weight for tie in senders.ties(sender, person))
		if weight >= WEIGHT_OF_A_LINK and (weight + person.is_watched) > most:
			best, most = person, weight + person.is_watched
	return best


def shown_sender(sender: Sender) -> str:
	shown = sender.address or sender.phone
	return f"{sender.name} ({shown})" if sender.name and shown else sender.name or shown or "?"


def noise_of_a_campaign(sender_key: str) -> list[Sighting]:
	"""Return a sender's sightings that were taken for newsletters, once they have reached several ringers."""
	rows = frappe.get_all(
		SIGHTING,
		filters={"sender_key": sender_key, "verdict": NOISE, "noise_kind": NEWSLETTER},
		fields=["name", "ringer", "seen_on", "channel", "verdict", "sender_key"],
		order_by="seen_on",
	)
	if len({row.ringer for row in rows}) < RINGERS_OF_A_CAMPAIGN:
		return []
	return [read_sighting(row.name) for row in rows]


def read_sighting(name: str) -> Sighting:
	"""Return what `cases` has to know of an entry of the ledger."""
	entry = frappe.get_doc(SIGHTING, name)
	sender = Sender(address=decrypted(entry, "sender"), name=decrypted(entry, "sender_name"))
	return Sighting(
		entry.name,
		entry.ringer,
		str(entry.seen_on),
		entry.channel,
		entry.verdict,
		entry.sender_key,
		shown_sender(sender),
		decrypted(entry, "matched_offboarding"),
	)


# Noise

BOUNCE, SPAM, NEWSLETTER = "Bounce", "Spam", "Newsletter"
BOUNCING = re.compile(r"^(mailer-daemon|postmaster|mail-daemon|bounces?)([-+.@]|$)", re.IGNORECASE)
SPAM_LEVEL = 5


def kind_of_noise(message: InboundMessage, has_link: bool) -> str | None:
	"""Return what kind of noise a message is; None if it is none. `has_link`: the sender resembles somebody who left."""
	if is_bounce(message):
		return BOUNCE
	if is_spam(message):
		return SPAM
	if is_newsletter(message) and not has_link:
		return NEWSLETTER
	return None


def is_bounce(message: InboundMessage) -> bool:
	headers = message.headers
	return (
		bool(BOUNCING.match(message.sender or ""))
		or headers.get("return-path", "").strip() == "<>"
		or headers.get("auto-submitted", "no").strip().lower().split(";")[0] not in ("no", "")
		or "x-failed-recipients" in headers
		or headers.get("content-type", "").lower().startswith("multipart/report")
		or headers.get("precedence", "").strip().lower() == "auto_reply"
	)


def is_spam(message: InboundMessage) -> bool:
	headers = message.headers
	level = headers.get("x-ms-exchange-organization-scl", "").strip()
	return (
		headers.get("x-spam-flag", "").strip().lower() in ("yes", "true")
		or headers.get("x-spam", "").strip().lower() in ("yes", "true")
		or headers.get("x-spam-status", "").strip().lower().startswith("yes")
		or "SFV:SPM" in headers.get("x-forefront-antispam-report", "")
		or (level.isdigit() and int(level) >= SPAM_LEVEL)
	)


def is_newsletter(message: InboundMessage) -> bool:
	headers = message.headers
	return (
		"list-unsubscribe" in headers
		or "list-id" in headers
		or headers.get("precedence", "").strip().lower() in ("bulk", "list", "junk")
	)


# Our own company

COMPANY = "Company"
#: in `https://www.ours.example/shop` or `ours.example`
HOST = re.compile(r"^(?:\w+://)?(?P<host>[^/:?#\s]+)")


def is_from_own_company(message: InboundMessage) -> bool:
	"""Return whether a mail comes from one of our mailboxes, users or domains, or answers a mail of ours."""
	address = plain_address(message.sender)
	if address and (is_own_address(address) or is_own_domain(address)):
		return True
	return bool(message.in_reply_to) and is_own_mail(message.in_reply_to)


def is_own_address(address: str) -> bool:
	return bool(
		frappe.db.exists("Email Account", {"email_id": address})
		or frappe.db.exists("User", {"email": address, "enabled": 1, "user_type": "System User"})
	)


def is_own_domain(address: str) -> bool:
	"""Return whether an address belongs to a domain of ours; free mailboxes belong to nobody."""
	domain = registrable_domain(address.rpartition("@")[2])
	return domain is not None and domain in own_domains()


def own_domains() -> set[str]:
	"""Return the domains that we send mail from, and those of our companies: their mailings may go by other tools."""
	senders = frappe.get_all("Email Account", filters={"enable_outgoing": 1}, pluck="email_id")
	hosts = [(sender or "").rpartition("@")[2] for sender in senders] + hosts_of_companies()
	return {registrable_domain(host) for host in hosts} - {None}


def hosts_of_companies() -> list[str]:
	if not frappe.db.exists("DocType", COMPANY):
		return []
	known = {field for field in ("email", "website") if frappe.get_meta(COMPANY).has_field(field)}
	rows = frappe.get_all(COMPANY, fields=["name", *sorted(known)])
	websites = [HOST.search(row.website or "") for row in rows]
	return [
		*((row.email or "").rpartition("@")[2] for row in rows),
		*(website["host"] for website in websites if website),
	]


def is_own_mail(message_id: str) -> bool:
	sent = {"message_id": message_id, "sent_or_received": "Sent"}
	return bool(
		frappe.db.exists("Email Queue", {"message_id": message_id}) or frappe.db.exists("Communication", sent)
	)
