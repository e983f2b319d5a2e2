"""Whom does a sender resemble? Compares what a mail or call shows with what is known of a person who left."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from publicsuffixlist import PublicSuffixList
from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

from crm_transparency.crm_transparency.mail import DOMAIN, FREE_DOMAINS
from crm_transparency.ringers.scoring import Tie

SAME_ADDRESS, SAME_PHONE = 4.0, 4.0
SAME_COMPANY_DOMAIN = 2.0
RESEMBLING_COMPANY = 1.3
SAME_NAME, RESEMBLING_NAME = 2.0, 1.0
NAME_IN_THE_TEXT = 0.7

#: of 100; below, names of strangers begin to match
ALIKE = 88
SHORTEST_NAME = 5
LONGEST_TEXT = 20_000
LEGAL_FORMS = re.compile(
	r"\b(ag|bv|co|company|corp|corporation|gmbh|group|gruppe|holding|inc|kg|limited|llc|ltd|nv|oy|plc|pvt|sa|sarl|se|spa|srl)\b"
)


@dataclass(frozen=True)
class Sender:
	address: str | None = None
	name: str | None = None
	phone: str | None = None
	text: str | None = None

	@property
	def domain(self) -> str | None:
		"""Return the domain that a company registered; None for a mailbox that anybody can have."""
		return registrable_domain((self.address or "").rpartition("@")[2])


@dataclass
class Person:
	"""Somebody who left, or is about to. `key` is the user, or the employee where there is no user."""

	key: str
	name: str | None = None
	user: str | None = None
	emails: set[str] = field(default_factory=set)
	phones: set[str] = field(default_factory=set)
	employers: list[str] = field(default_factory=list)
	left_on: datetime | None = None
	is_watched: bool = False
	offboarding: str | None = None


@cache
def suffixes() -> PublicSuffixList:
	return PublicSuffixList()


def is_free(domain: str) -> bool:
	return domain.lower() in FREE_DOMAINS


def registrable_domain(domain: str | None) -> str | None:
	"""Return what one can register of a domain (`shop.rival.co.uk`: `rival.co.uk`); None for free mailboxes."""
	domain = (domain or "").strip(" .").lower()
	if not DOMAIN.fullmatch(domain) or is_free(domain):
		return None
	registered = suffixes().privatesuffix(domain) or domain
	return None if is_free(registered) else registered


def ties(sender: Sender, person: Person) -> tuple[Tie, ...]:
	"""Return what a sender and a person have in common, with how much it weighs."""
	return tuple(
		found for look in (by_address, by_phone, by_company, by_name) for found in look(sender, person)
	)


def by_address(sender: Sender, person: Person) -> Iterator[Tie]:
	if sender.address and sender.address.lower() in person.emails:
		yield Tie("address", SAME_ADDRESS, (sender.address, person.name))


def by_phone(sender: Sender, person: Person) -> Iterator[Tie]:
	if sender.phone and sender.phone in person.phones:
		yield Tie("phone", SAME_PHONE, (sender.phone, person.name))


def by_company(sender: Sender, person: Person) -> Iterator[Tie]:
	for employer in person.employers:
		domains = {registrable_domain(found.removeprefix("www.")) for found in DOMAIN.findall(employer)}
		if sender.domain and sender.domain in domains:
			yield Tie("company domain", SAME_COMPANY_DOMAIN, (sender.domain, employer))
			continue
		likeness = likeness_of_company(sender, company_name(employer))
		if likeness >= ALIKE:
			shown = sender.domain or sender.name or ""
			yield Tie("company name", RESEMBLING_COMPANY, (shown, employer), likeness)


def company_name(employer: str) -> str:
	"""Return the telling part of a company's name: without domains, legal form and punctuation."""
	without_domains = DOMAIN.sub(" ", employer)
	return " ".join(LEGAL_FORMS.sub(" ", default_process(without_domains)).split())


def likeness_of_company(sender: Sender, company: str) -> float:
	if len(company) < SHORTEST_NAME:
		return 0
	label = (sender.domain or "").split(".")[0]
	of_label = fuzz.ratio(company.replace(" ", ""), label.replace("-", "")) if label else 0
	shown = default_process(sender.name or "")
	of_name = fuzz.token_set_ratio(company, shown) if len(shown) >= SHORTEST_NAME else 0
	return max(of_label, of_name)


def by_name(sender: Sender, person: Person) -> Iterator[Tie]:
	name = default_process(person.name)
	if len(name) < SHORTEST_NAME or " " not in name:
		return
	for shown in (sender.name, name_in_address(sender.address)):
		likeness = fuzz.token_sort_ratio(name, default_process(shown or ""))
		if likeness == 100:
			yield Tie("name", SAME_NAME, (shown, person.name))
		elif likeness >= ALIKE:
			yield Tie("name", RESEMBLING_NAME, (shown, person.name), likeness)
	if f" {name} " in f" {' '.join(default_process((sender.text or '')[:LONGEST_TEXT]).split())} ":
		yield Tie("name in text", NAME_IN_THE_TEXT, (person.name, person.name))


def name_in_address(address: str | None) -> str | None:
	"""Return the name that an address seems to give: `ada.byron@rival.example` is "ada byron"."""
	words = re.findall(r"[^\W\d_]+", (address or "").partition("@")[0])
	return " ".join(words) if len(words) > 1 else None
