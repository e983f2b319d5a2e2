"""Drills: a leak is simulated by the real path, to show that the alarm works; and reminders when none was for long.

A drill's mail looks like any other, so that nobody who sees it learns of a ringer: a mark that only this site can make
tells it apart afterwards. Its sightings are marked as a drill and make one case of their own.
"""

import base64
import json
import secrets
import time
from collections.abc import Iterable
from datetime import datetime
from email.message import EmailMessage
from typing import TypedDict

import frappe
from frappe import _
from frappe.email.receive import InboundMail
from frappe.query_builder.functions import Max
from frappe.utils import add_months, get_datetime, now_datetime

from crm_transparency.crm_transparency import formatting, requested
from crm_transparency.ringers import (
	announcements,
	cases,
	fingerprints,
	identities,
	inbound_messages,
	inbound_providers,
	inbound_signatures,
	inbound_webhook,
	inbox,
	secrecy,
	sightings,
)
from crm_transparency.ringers.documents import SIGHTING
from crm_transparency.ringers.identities import Identity
from crm_transparency.ringers.secrecy import job_without_details, ringer_managers_only

BY_WEBHOOK, BY_MAILBOX = "Webhook", "Mailbox"
MONTHS_BETWEEN_DRILLS = 6
MOST_RINGERS = 20


class Outcome(TypedDict):
	ringer: str
	rang: bool
	case: str | None
	seconds: float


@frappe.whitelist(methods=["POST"])
@ringer_managers_only
def simulate_leak(ringers: str | list | None = None, way: str = BY_WEBHOOK) -> list[Outcome]:
	"""Send a test mail to ringers by the webhook or a mailbox, and say for each whether the alarm rang, and how soon.

	Without `ringers` those are tested that were longest without. Commits, as the path does in earnest.
	"""
	chosen = (
		(requested.names(ringers) if ringers else None)
		or overdue()[:MOST_RINGERS]
		or identities.active()[:MOST_RINGERS]
	)
	people = [identities.contact_of(ringer) for ringer in chosen[:MOST_RINGERS]]
	people = [identity for identity in people if identity.email]
	if not people:
		frappe.throw(_("There is no ringer with an email address to test."))
	send = by_mailbox if way == BY_MAILBOX else by_webhook
	started = time.monotonic()
	# mails from one domain make one case
	domain = f"{secrets.token_hex(6)}.example"
	message_ids = {identity.ringer: send(identity, domain) for identity in people}
	# usually the inbox is processed by a job of its own
	frappe.db.commit()  # nosemgrep: frappe-manual-commit
	inbox.process()
	seconds = round(time.monotonic() - started, 1)
	outcomes = [outcome(identity, message_ids[identity.ringer], seconds) for identity in people]
	remove_drill_mails(message_ids.values())
	return outcomes


def outcome(identity: Identity, message_id: str, seconds: float) -> Outcome:
	key = {"sighting_key": sightings.key_of(message_id, identity.ringer), "is_drill": 1}
	sighting = frappe.db.get_value(SIGHTING, key)
	case = cases.case_of(sighting) if sighting else None
	return Outcome(ringer=identity.ringer, rang=bool(case), case=case, seconds=seconds)


def by_webhook(identity: Identity, domain: str) -> str:
	"""Sign a delivery with the shared secret, have it handled like any other and return the mail's id."""
	known = inbound_webhook.keys()
	if not known.get("secret"):
		frappe.throw(_("Create a shared secret in Ringer Webhook first."))
	message = make_mail(identity.email, domain)
	content = {"recipients": [identity.email], "raw": base64.b64encode(message.as_bytes()).decode()}
	body, timestamp = json.dumps(content).encode(), str(int(time.time()))
	signed = timestamp.encode() + b"." + body
	headers = {
		"X-Transparency-Timestamp": timestamp,
		"X-Transparency-Signature": f"sha256={inbound_signatures.hex_hmac(known['secret'], signed)}",
	}
	inbound_webhook.handle(
		inbound_providers.read_delivery(body, {}, lambda name: headers.get(name, ""), ""), body
	)
	return message_id_of(message)


def by_mailbox(identity: Identity, domain: str) -> str:
	"""Have Frappe receive a mail as if an Email Account had pulled it; return the mail's id."""
	account = frappe.db.get_value("Email Account", {"enable_incoming": 1})
	if not account:
		frappe.throw(_("There is no Email Account that receives mail."))
	message = make_mail(identity.email, domain)
	account = frappe.get_doc("Email Account", account)
	account.append_to = None
	InboundMail(message.as_bytes(), account).process()
	return message_id_of(message)


def make_mail(recipient: str, domain: str) -> EmailMessage:
	message = EmailMessage()
	message["From"] = f"Autumn list <news@{domain}>"
	message["To"] = recipient
	message["Subject"] = _("Our new list")
	message["Message-ID"] = f"<{secrets.token_hex(6)}@{domain}>"
	message[inbound_messages.DRILL_HEADER] = fingerprints.new_drill_mark()
	message.set_content(_("Dear reader, please find what is new on our pages."))
	return message


def message_id_of(message: EmailMessage) -> str:
	return message["Message-ID"].strip("<>")


def remove_drill_mails(message_ids: Iterable[str]) -> None:
	"""Take away what the drill's mails left in the CRM, where everybody would see them. The sightings stay."""
	for message_id in message_ids:
		for name in frappe.get_all("Communication", filters={"message_id": message_id}, pluck="name"):
			frappe.delete_doc(
				"Communication", name, force=True, ignore_permissions=True, delete_permanently=True
			)
		sender = f"news@{message_id.partition('@')[2]}"
		for contact in frappe.get_all("Contact Email", filters={"email_id": sender}, pluck="parent"):
			frappe.delete_doc(
				"Contact", contact, force=True, ignore_permissions=True, delete_permanently=True
			)


# Reminders


def overdue() -> list[str]:
	"""Return the ringers that nothing came in for since half a year, longest first: neither a drill nor anything else."""
	limit = add_months(now_datetime(), -MONTHS_BETWEEN_DRILLS)
	last = last_sightings()
	since = {ringer: last.get(ringer) or planted_on(ringer) for ringer in identities.active()}
	return sorted(
		(ringer for ringer, moment in since.items() if moment and moment < limit),
		key=lambda ringer: since[ringer],
	)


def last_sightings() -> dict[str, datetime]:
	table = frappe.qb.DocType(SIGHTING)
	rows = frappe.qb.from_(table).select(table.ringer, Max(table.seen_on)).groupby(table.ringer).run()
	return {ringer: get_datetime(moment) for ringer, moment in rows}


def planted_on(ringer: str) -> datetime | None:
	moment = identities.contact_of(ringer).planted_on
	return get_datetime(moment) if moment else None


@job_without_details
def remind() -> None:
	"""Once a month: tell Ringer Managers when ringers weren't tested for half a year."""
	if not overdue():
		return
	for user in secrecy.ringer_managers():
		subject = _("It's time to run a test in CRM Transparency", lang=formatting.language_of(user))
		announcements.tell(user, subject, "/app/ringer-case")
