"""Which mail addresses are the company's own: those of its users, and all at the domains that it sends and gets mail with."""

from typing import NamedTuple

import frappe

from crm_transparency.export_audit.alerts.private_addresses import FREE_DOMAINS, addresses_in


class Own(NamedTuple):
	addresses: frozenset[str]
	domains: frozenset[str]


def own() -> Own:
	users = frappe.get_all("User", filters={"enabled": 1, "user_type": "System User"}, pluck="email")
	accounts = frappe.get_all("Email Account", filters={"email_id": ("is", "set")}, pluck="email_id")
	addresses = frozenset(address.lower() for address in (*users, *accounts) if address)
	return Own(addresses, frozenset(map(domain_of, accounts)) - FREE_DOMAINS)


def domain_of(address: str) -> str:
	return address.rpartition("@")[2].lower()


def outside(recipients: str | None, own: Own) -> list[str]:
	"""Return those of the recipients, one a line, who aren't the company's own."""
	return [
		address
		for address in addresses_in(recipients or "")
		if address not in own.addresses and domain_of(address) not in own.domains
	]
