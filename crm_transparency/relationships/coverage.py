"""Relationship coverage: which colleagues really know which customer, from what they did together.

	coverage.of_accounts([("Customer", "CUST-2026-00001")])

The answer is about the customer. It is never added up per colleague: that would count busywork.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

import frappe
from frappe.utils import add_to_date, cstr, now_datetime

from crm_transparency.crm_transparency import registry
from crm_transparency.crm_transparency.database import batches, by_doctype, is_one_of
from crm_transparency.relationships import encounters, strength
from crm_transparency.relationships.colleagues import Colleagues
from crm_transparency.relationships.encounters import Encounter, Question

ACCOUNTS_AT_ONCE = 5000
YEARS_LOOKED_AT = 3

Account = tuple[str, str]


class Way(NamedTuple):
	"""A way in which a colleague met a customer: how often, and when last."""

	kind: str
	count: int
	last: datetime


class Acquaintance(NamedTuple):
	"""A colleague who knows a customer. `strength` is in the points of `strength.POINTS`."""

	user: str
	strength: float
	last_contact: datetime
	ways: tuple[Way, ...]

	def in_words(self) -> str:
		"""Return what the strength is made of: "3 mails, 1 order, last on 12-05-2026"."""
		ways = [strength.way_in_words(way.kind, way.count) for way in self.ways]
		return ", ".join([*ways, strength.last_in_words(self.last_contact)])


def of_accounts(
	accounts: Iterable[Account], colleagues: Colleagues | None = None
) -> dict[Account, list[Acquaintance]]:
	"""Return who knows each of the accounts, who knows it best first; accounts that nobody knows have an empty list.

	Colleagues are enabled users of the Desk, the account's owner included. What is known is of the last three years.
	An opportunity is known to whoever knows the customer or lead it is with, and a customer to whoever knew the lead
	it was. Asks for no permission. Give `colleagues` when asking about many accounts page by page.
	"""
	accounts = [(doctype, cstr(name)) for doctype, name in accounts]
	colleagues = colleagues or Colleagues()
	since = add_to_date(now_datetime(), years=-YEARS_LOOKED_AT)
	before = earlier_selves(accounts)
	found: dict[Account, list[Encounter]] = {}
	for doctype, names in by_doctype(sorted({*accounts, *before.values()})).items():
		for page in batches(names, ACCOUNTS_AT_ONCE):
			for encounter in encounters.of(Question(doctype, page, since, colleagues)):
				found.setdefault((doctype, encounter.account), []).append(encounter)
	now = now_datetime()
	return {
		account: acquaintances([*found.get(account, ()), *found.get(before.get(account), ())], now)
		for account in accounts
	}


def earlier_selves(accounts: list[Account]) -> dict[Account, Account]:
	"""Return whom opportunities are with, and which leads customers were."""
	names = by_doctype(sorted(accounts))
	found: dict[Account, Account] = {}
	for name, doctype, party in values("Opportunity", names, "opportunity_from", "party_name"):
		if doctype:
			found["Opportunity", cstr(name)] = (doctype, cstr(party))
	for name, lead in values("Customer", names, "lead_name"):
		found["Customer", cstr(name)] = ("Lead", cstr(lead))
	return found


def values(doctype: str, names: dict[str, list[str]], *fields: str) -> Iterator[tuple]:
	"""Yield name and fields of those documents of a DocType that are meant and have the last of the fields filled in.

	Yields nothing where the DocType isn't there or has no such fields.
	"""
	if doctype not in names or not all(registry.has_column(doctype, field) for field in fields):
		return
	table = frappe.qb.DocType(doctype)
	query = frappe.qb.from_(table).select(table.name, *(table[field] for field in fields))
	query = query.where(table[fields[-1]] != "")
	for page in batches(names[doctype], ACCOUNTS_AT_ONCE):
		yield from query.where(is_one_of(table.name, page)).run()


def acquaintances(met: list[Encounter], now: datetime) -> list[Acquaintance]:
	"""Sum encounters with one account up by colleague, whoever knows it best first."""
	ways: dict[str, dict[str, Way]] = {}
	for encounter in met:
		known = ways.setdefault(encounter.user, {})
		before = known.get(encounter.kind)
		known[encounter.kind] = Way(
			encounter.kind,
			encounter.count + (before.count if before else 0),
			max(encounter.last, before.last) if before else encounter.last,
		)
	people = [acquaintance(user, list(known.values()), now) for user, known in ways.items()]
	return sorted(people, key=lambda person: (-person.strength, person.user))


def acquaintance(user: str, ways: list[Way], now: datetime) -> Acquaintance:
	most_telling_first = sorted(ways, key=lambda way: -strength.POINTS[way.kind])
	return Acquaintance(
		user=user,
		strength=round(sum(strength.points(*way, now) for way in ways), 1),
		last_contact=max(way.last for way in ways),
		ways=tuple(most_telling_first),
	)
