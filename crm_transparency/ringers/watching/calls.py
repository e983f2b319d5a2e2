"""Calls: ERPNext's telephony writes a Call Log for each; one that came in for a ringer's number is a sighting."""

import frappe
from frappe.model.document import Document

from crm_transparency.ringers import identities
from crm_transparency.ringers.watching import tray
from crm_transparency.ringers.watching.tip import CALL_LOG, Tip

INCOMING = "Incoming"


def look_at(call: Document) -> None:
	"""Put an incoming call into the tray if it was for a ringer; have the tray looked through either way."""
	if call.get("type") and call.type != INCOMING:
		return
	called = call.get("to")
	if called and identities.by_phone(called):
		tray.put(as_tip(call, called))
	tray.ask_for_a_look()


def as_tip(call: Document, called: str) -> Tip:
	return Tip(
		came_by=CALL_LOG,
		channel="Phone",
		seen_on=str(call.get("start_time") or frappe.utils.now()),
		numbers=[called],
		sender_phone=call.get("from"),
		text=call.get("summary"),
		message_id=f"call {call.name}",
	)
