"""Our own company writes to its contacts, ringers among them: that is no sighting."""

import frappe

from crm_transparency.ringers.attribution.senders import registrable_domain
from crm_transparency.ringers.fingerprints import plain_address
from crm_transparency.ringers.watching.tip import Tip


def wrote(tip: Tip) -> bool:
	"""Say whether a mail comes from one of our mailboxes or users, from our domain, or answers a mail of ours."""
	address = plain_address(tip.sender)
	if address and (is_own_address(address) or is_own_domain(address)):
		return True
	return bool(tip.in_reply_to) and is_own_mail(tip.in_reply_to)


def is_own_address(address: str) -> bool:
	return bool(
		frappe.db.exists("Email Account", {"email_id": address})
		or frappe.db.exists("User", {"email": address, "enabled": 1, "user_type": "System User"})
	)


def is_own_domain(address: str) -> bool:
	"""Say whether an address belongs to a domain that we send mail from; free mailboxes belong to nobody."""
	domain = registrable_domain(address.rpartition("@")[2])
	return domain is not None and domain in own_domains()


def own_domains() -> set[str]:
	senders = frappe.get_all("Email Account", filters={"enable_outgoing": 1}, pluck="email_id")
	domains = {registrable_domain((sender or "").rpartition("@")[2]) for sender in senders}
	return domains - {None}


def is_own_mail(message_id: str) -> bool:
	sent = {"message_id": message_id, "sent_or_received": "Sent"}
	return bool(
		frappe.db.exists("Email Queue", {"message_id": message_id}) or frappe.db.exists("Communication", sent)
	)
