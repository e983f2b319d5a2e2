"""E-mail addresses of ringers: after the patterns of the company, so that what is sent there arrives at its own mailbox."""

import re
import secrets
import unicodedata
from collections.abc import Iterable

import frappe
from frappe import _
from frappe.utils import validate_email_address

from crm_transparency.ringers import identities
from crm_transparency.ringers.exceptions import CannotPlant

PLACEHOLDERS = ("first", "last", "initial", "year", "code")
#: how often a pattern may give an address that is taken
TRIES = 50


def lines(text: str | None) -> list[str]:
	return [line.strip() for line in (text or "").splitlines() if line.strip()]


def refuse_useless(pattern: str) -> None:
	"""Refuse a pattern that makes no addresses, or always the same one."""
	example = filled(pattern, "Ada", "Byron")
	if not validate_email_address(example) or "{" in example:
		frappe.throw(
			_("{0} isn't a pattern for e-mail addresses.").format(frappe.bold(pattern)), exc=CannotPlant
		)
	if not any(f"{{{placeholder}}}" in pattern for placeholder in PLACEHOLDERS):
		frappe.throw(
			_("{0} is one address. Each ringer needs its own: please put {1} or {2} into it.").format(
				frappe.bold(pattern), "{first}", "{code}"
			),
			exc=CannotPlant,
		)


def for_person(patterns: list[str], first_name: str, last_name: str, taken: Iterable[str]) -> str:
	"""Return an address that nobody in the CRM has."""
	if not patterns:
		frappe.throw(
			_(
				"Please say in Ringer Settings first what the addresses of ringers look like: mail to them has "
				"to arrive at a mailbox of the company's own."
			),
			exc=CannotPlant,
		)
	taken = set(taken)
	for attempt in range(TRIES):
		address = filled(secrets.choice(patterns), first_name, last_name)
		if attempt > TRIES // 2:
			local, _at, domain = address.partition("@")
			address = f"{local}{secrets.randbelow(90) + 10}@{domain}"
		if address not in taken and not is_taken(address):
			return address
	frappe.throw(_("The patterns in Ringer Settings give no more addresses that are free."), exc=CannotPlant)


def nearly_unique(patterns: list[str], first_name: str, last_name: str) -> str:
	"""Return an address that nobody has, as far as chance can tell, without asking the database."""
	local, _at, domain = filled(secrets.choice(patterns), first_name, last_name).partition("@")
	return f"{local}{secrets.randbelow(9000) + 1000}@{domain}"


def filled(pattern: str, first_name: str, last_name: str) -> str:
	first, last = local_part(first_name), local_part(last_name)
	values = {
		"first": first,
		"last": last,
		"initial": first[:1],
		"year": str(1960 + secrets.randbelow(45)),
		"code": secrets.token_hex(3),
	}
	for placeholder, value in values.items():
		pattern = pattern.replace(f"{{{placeholder}}}", value)
	return pattern.lower()


def local_part(name: str) -> str:
	"""Return a name as people write it in addresses: "Müller" as "mueller", "O'Neil" as "oneil"."""
	name = name.lower().translate(
		str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "æ": "ae", "ł": "l"})
	)
	plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
	return re.sub(r"[^a-z0-9]", "", plain) or secrets.token_hex(3)


def is_taken(address: str) -> bool:
	"""Say whether somebody in the CRM, a real one or a ringer, has the address."""
	if identities.by_email(address):
		return True
	holders = (
		("Contact Email", "email_id"),
		("Contact", "email_id"),
		("Lead", "email_id"),
		("User", "email"),
	)
	return any(
		frappe.db.exists(doctype, {field: address})
		for doctype, field in holders
		if frappe.db.exists("DocType", doctype, cache=True)
	)


def warnings(patterns: list[str]) -> list[str]:
	"""Say in words what about the patterns would give ringers away."""
	domains = {pattern.rpartition("@")[2] for pattern in patterns}
	found = []
	for doctype in ("Email Account", "User"):
		field = "email_id" if doctype == "Email Account" else "email"
		known = {(address or "").rpartition("@")[2] for address in frappe.get_all(doctype, pluck=field)}
		for domain in sorted(domains & known):
			found.append(
				_("{0} is the domain of a {1} here. Who reads those sees whose addresses these are.").format(
					domain, _(doctype)
				)
			)
	if len(domains) == 1 and patterns:
		found.append(_("All ringers share one domain. Whoever finds one of them finds all. Better several."))
	return found
