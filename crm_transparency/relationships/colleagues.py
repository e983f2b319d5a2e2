"""Which colleague an address or a user name stands for."""

import re
from collections.abc import Iterable
from email.utils import getaddresses
from functools import lru_cache

import frappe
from frappe import STANDARD_USERS


class Colleagues:
	"""Everybody who can open the Desk now, by what mails and documents call them. Read once, asked very often."""

	def __init__(self) -> None:
		rows = frappe.get_all(
			"User", filters={"enabled": 1, "user_type": "System User"}, fields=["name", "email"]
		)
		people = [row for row in rows if row.name not in STANDARD_USERS]
		self.names = {row.name.lower(): row.name for row in people}
		self.by_address = {row.email.lower(): row.name for row in people if row.email} | self.names
		self.add_other_mailboxes()
		self.names_us = re.compile(any_of(self.by_address), re.IGNORECASE).search
		self.in_header = lru_cache(maxsize=100_000)(self._in_header)

	def add_other_mailboxes(self) -> None:
		"""Add the mail accounts that one person alone uses. One that several share stands for none of them."""
		users: dict[str, set[str]] = {}
		for row in frappe.get_all(
			"User Email", filters={"parenttype": "User"}, fields=["email_id", "parent"]
		):
			if row.email_id:
				users.setdefault(row.email_id.lower(), set()).add(row.parent)
		for address, people in users.items():
			if len(people) == 1 and (person := self.names.get(people.pop().lower())):
				self.by_address.setdefault(address, person)

	def named(self, user: str | None) -> str | None:
		"""Return the colleague who is this user, None for somebody who left, for customers and for the machine."""
		return self.names.get((user or "").lower())

	def _in_header(self, header: str) -> tuple[str, ...]:
		"""Return the colleagues in the From or To line of a mail."""
		# most headers name customers only, and taking them apart takes long
		if not self.names_us(header):
			return ()
		addresses = (address.lower() for _name, address in getaddresses([header.replace("\n", ",")]))
		return tuple({self.by_address[address] for address in addresses if address in self.by_address})

	def of_mail(self, headers: Iterable[str | None], user: str | None) -> set[str]:
		"""Return who of us wrote or got a mail; where the addresses don't tell, the user that Frappe notes."""
		found = {person for header in headers if header for person in self.in_header(header)}
		return found or {person for person in (self.named(user),) if person}


def any_of(addresses: Iterable[str]) -> str:
	"""Return the pattern of a text with an address of one of the domains that these addresses have."""
	domains = {domain for address in addresses for _name, at, domain in [address.rpartition("@")] if at}
	return f"@(?:{'|'.join(map(re.escape, sorted(domains)))})" if domains else r"(?!)"
