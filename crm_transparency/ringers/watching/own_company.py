"""Our own company writes to its contacts, ringers among them: that is no sighting."""

import re

import frappe

from crm_transparency.ringers.attribution.senders import registrable_domain
from crm_transparency.ringers.fingerprints import plain_address
from crm_transparency.ringers.watching.tip import Tip

COMPANY = "Company"
#: in `https://www.ours.example/shop` or `ours.example`
HOST = re.compile(r"^(?:\w+://)?(?P<host>[^/:?#\s]+)")


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
	"""Say whether an address belongs to a domain of ours; free mailboxes belong to nobody."""
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
