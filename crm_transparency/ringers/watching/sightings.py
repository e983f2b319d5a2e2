"""Writing sightings: one ledger entry for each ringer that something came for."""

import json
import secrets
from typing import NamedTuple

import frappe

from crm_transparency.ledger import entries
from crm_transparency.ringers import drill_marks
from crm_transparency.ringers.attribution import senders
from crm_transparency.ringers.attribution.senders import Person, Sender
from crm_transparency.ringers.documents import SIGHTING
from crm_transparency.ringers.fingerprints import fingerprint
from crm_transparency.ringers.sealed_document import in_clear
from crm_transparency.ringers.watching import noise, own_company
from crm_transparency.ringers.watching.tip import Tip

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


def take(tip: Tip, ringer: str, who_left: list[Person]) -> Sighting | None:
	"""Write the entry for a tip about a ringer; None if our own company wrote, or if it's in the ledger already."""
	key = key_of(identity_of(tip), ringer)
	if frappe.db.exists(SIGHTING, {"sighting_key": key}):
		return None
	is_drill = drill_marks.is_genuine(tip.drill)
	if not is_drill and own_company.wrote(tip):
		return None
	sender = tip.as_sender()
	closest = closest_person(sender, who_left)
	kind = None if is_drill else noise.kind(tip, has_link=closest is not None)
	verdict = DRILL if is_drill else NOISE if kind else OPEN
	entry = entries.add(
		SIGHTING,
		ringer=ringer,
		seen_on=tip.seen_on,
		channel=tip.channel,
		came_by=tip.came_by,
		sender=sender.address or sender.phone,
		sender_name=sender.name,
		sender_domain=sender.domain,
		content=tip.content,
		evidence=json.dumps(tip.evidence),
		matched_offboarding=closest.offboarding if closest else None,
		verdict=verdict,
		noise_kind=kind,
		is_drill=int(is_drill),
		sighting_key=key,
		sender_key=key_of_sender(sender),
	)
	return Sighting(
		entry.name,
		ringer,
		str(tip.seen_on),
		tip.channel,
		verdict,
		entry.sender_key,
		in_words(sender),
		closest.offboarding if closest else None,
	)


def key_of(identity: str, ringer: str) -> str:
	return fingerprint("sighting", f"{identity}\n{ringer}")


def identity_of(tip: Tip) -> str:
	"""Return what is the same when the same thing comes in again, by another door perhaps."""
	return (tip.message_id or "").strip(" <>") or secrets.token_hex(16)


def closest_person(sender: Sender, who_left: list[Person]) -> Person | None:
	"""Return who has most in common with the sender, those who are watched first; None if nobody has enough."""
	best, most = None, 0.0
	for person in who_left:
		weight = sum(tie.weight for tie in senders.ties(sender, person))
		if weight >= WEIGHT_OF_A_LINK and (weight + person.is_watched) > most:
			best, most = person, weight + person.is_watched
	return best


def key_of_sender(sender: Sender) -> str:
	"""Return by what sightings from the same sender are put together: the company, or the mailbox, number or name."""
	return fingerprint(
		"sender", sender.domain or sender.address or sender.phone or sender.name or secrets.token_hex(8)
	)


def in_words(sender: Sender) -> str:
	shown = sender.address or sender.phone
	return f"{sender.name} ({shown})" if sender.name and shown else sender.name or shown or "?"


def noise_of_a_campaign(sender_key: str) -> list[Sighting]:
	"""Return a sender's sightings that were taken for newsletters, once they have reached several ringers."""
	rows = frappe.get_all(
		SIGHTING,
		filters={"sender_key": sender_key, "verdict": NOISE, "noise_kind": noise.NEWSLETTER},
		fields=["name", "ringer", "seen_on", "channel", "verdict", "sender_key"],
		order_by="seen_on",
	)
	if len({row.ringer for row in rows}) < RINGERS_OF_A_CAMPAIGN:
		return []
	return [of_entry(row.name) for row in rows]


def of_entry(name: str) -> Sighting:
	"""Return what `cases` has to know of an entry of the ledger."""
	entry = frappe.get_doc(SIGHTING, name)
	sender = Sender(address=in_clear(entry, "sender"), name=in_clear(entry, "sender_name"))
	return Sighting(
		entry.name,
		entry.ringer,
		str(entry.seen_on),
		entry.channel,
		entry.verdict,
		entry.sender_key,
		in_words(sender),
		in_clear(entry, "matched_offboarding"),
	)
