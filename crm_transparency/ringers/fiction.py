"""Invented people and companies, their email addresses and phone numbers.

Names are in the language and country of the site, and nobody in the CRM has the same. Addresses follow the company's
patterns, so that what is sent there arrives at its own mailbox. Numbers are those that authorities keep for films and
books, which never ring at anybody's; by country: Ofcom (GB), NANPA (US, CA), ACMA (AU), ComReg (IE), Bundesnetzagentur
(DE), ARCEP (FR), PTS (SE).
"""

import re
import secrets
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

import frappe
import phonenumbers
from faker import Faker
from faker.config import AVAILABLE_LOCALES
from frappe import _
from frappe.utils import validate_email_address

from crm_transparency.ringers import identities
from crm_transparency.ringers.exceptions import CannotPlant
from crm_transparency.ringers.fingerprints import home_region

# People and companies

FALLBACK_LOCALE = "en_US"
NAME_TRIES = 200


class Person(NamedTuple):
	first_name: str
	last_name: str
	#: "Female" or "Male", as Frappe's DocType Gender has them
	gender: str

	@property
	def full_name(self) -> str:
		return f"{self.first_name} {self.last_name}"


def locale_of_site() -> str:
	"""Return the locale that Faker has for the site's language in the site's country, or for one of the two."""
	language = (frappe.db.get_single_value("System Settings", "language") or "en").split("-")[0]
	region = home_region()
	full = sorted(locale for locale in AVAILABLE_LOCALES if "_" in locale)
	wanted = (
		lambda locale: locale == f"{language}_{region}",
		lambda locale: locale.endswith(f"_{region}"),
		lambda locale: locale == f"{language}_{language.upper()}",
		lambda locale: locale.startswith(f"{language}_"),
	)
	for is_wanted in wanted:
		for locale in full:
			if is_wanted(locale):
				return locale
	return FALLBACK_LOCALE


def inventor(locale: str | None = None) -> Faker:
	faker = Faker(locale or locale_of_site())
	faker.seed_instance(secrets.randbits(64))
	return faker


def invent_person(faker: Faker, taken: set[str]) -> Person:
	"""Return somebody whose name isn't in `taken`, and who isn't called like anybody in the CRM."""
	for _attempt in range(NAME_TRIES):
		person = some_person(faker)
		if person.full_name not in taken and not exists_in(
			("Contact", "full_name"), ("User", "full_name"), ("Lead", "lead_name"), value=person.full_name
		):
			return person
	frappe.throw(
		frappe._("No more names could be invented: all of them are in the CRM already."), exc=CannotPlant
	)


def some_person(faker: Faker) -> Person:
	is_female = secrets.randbelow(2)
	first_name = faker.first_name_female() if is_female else faker.first_name_male()
	return Person(first_name, faker.last_name(), "Female" if is_female else "Male")


def invent_company(faker: Faker, taken: set[str]) -> str:
	for _attempt in range(NAME_TRIES):
		company = faker.company()
		if company not in taken and not is_a_company_here(company):
			return company
	frappe.throw(
		frappe._("No more companies could be invented: all of them are in the CRM already."), exc=CannotPlant
	)


def is_a_company_here(company: str) -> bool:
	return exists_in(
		("Customer", "customer_name"), ("Lead", "company_name"), ("Contact", "company_name"), value=company
	) or frappe.db.exists("Customer Group", company)


def exists_in(*fields: tuple[str, str], value: str) -> bool:
	return any(
		frappe.db.exists(doctype, {field: value})
		for doctype, field in fields
		if frappe.db.exists("DocType", doctype, cache=True) and frappe.get_meta(doctype).has_field(field)
	)


# E-mail addresses

PLACEHOLDERS = ("first", "last", "initial", "year", "code")
#: how often a pattern may give an address that is taken
ADDRESS_TRIES = 50


def lines(text: str | None) -> list[str]:
	return [line.strip() for line in (text or "").splitlines() if line.strip()]


def refuse_useless(pattern: str) -> None:
	"""Refuse a pattern that makes no addresses, or always the same one."""
	example = filled_pattern(pattern, "Ada", "Byron")
	if not validate_email_address(example) or "{" in example:
		frappe.throw(
			_("{0} isn't a pattern for email addresses.").format(frappe.bold(pattern)), exc=CannotPlant
		)
	if not any(f"{{{placeholder}}}" in pattern for placeholder in PLACEHOLDERS):
		frappe.throw(
			_("{0} is a single address. Each ringer needs its own: add {1} or {2}.").format(
				frappe.bold(pattern), "{first}", "{code}"
			),
			exc=CannotPlant,
		)


def address_for(patterns: list[str], first_name: str, last_name: str, taken: Iterable[str]) -> str:
	"""Return an address that nobody in the CRM has."""
	if not patterns:
		frappe.throw(
			_(
				"Enter address patterns in Ringer Settings first: mail to ringers has to arrive at a mailbox of "
				"your company."
			),
			exc=CannotPlant,
		)
	taken = set(taken)
	for attempt in range(ADDRESS_TRIES):
		address = filled_pattern(secrets.choice(patterns), first_name, last_name)
		if attempt > ADDRESS_TRIES // 2:
			local, _at, domain = address.partition("@")
			address = f"{local}{secrets.randbelow(90) + 10}@{domain}"
		if address not in taken and not is_address_taken(address):
			return address
	frappe.throw(_("All addresses that the patterns in Ringer Settings allow are taken."), exc=CannotPlant)


def nearly_unique_address(patterns: list[str], first_name: str, last_name: str) -> str:
	"""Return an address that nobody has, as far as chance can tell, without asking the database."""
	local, _at, domain = filled_pattern(secrets.choice(patterns), first_name, last_name).partition("@")
	return f"{local}{secrets.randbelow(9000) + 1000}@{domain}"


def filled_pattern(pattern: str, first_name: str, last_name: str) -> str:
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


def is_address_taken(address: str) -> bool:
	"""Return whether somebody in the CRM, a real person or a ringer, has the address."""
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


def warnings_about(patterns: list[str]) -> list[str]:
	"""Return sentences about what in the patterns would give ringers away."""
	domains = {pattern.rpartition("@")[2] for pattern in patterns}
	found = []
	for doctype in ("Email Account", "User"):
		field = "email_id" if doctype == "Email Account" else "email"
		known = {(address or "").rpartition("@")[2] for address in frappe.get_all(doctype, pluck=field)}
		for domain in sorted(domains & known):
			found.append(
				_("{0} is also the domain of a {1} here, so whoever sees that can recognize ringers.").format(
					domain, _(doctype)
				)
			)
	if len(domains) == 1 and patterns:
		found.append(_("All ringers share one domain: whoever finds one finds all. Use several domains."))
	return found


# Phone numbers


class Range(NamedTuple):
	"""`count` numbers that begin with `prefix`, in international form, from the one that ends in `first`."""

	prefix: str
	first: int
	count: int
	digits: int
	is_mobile: bool = False


def _landlines(prefixes: str, first: int, count: int, digits: int) -> tuple[Range, ...]:
	return tuple(Range(prefix, first, count, digits) for prefix in prefixes.split())


def _mobiles(prefixes: str, first: int, count: int, digits: int) -> tuple[Range, ...]:
	return tuple(Range(prefix, first, count, digits, is_mobile=True) for prefix in prefixes.split())


# in North America a mobile looks like every other number
_NORTH_AMERICA_US = _landlines("+1212555 +1312555 +1415555 +1206555 +1617555 +1303555", 100, 100, 4)
_NORTH_AMERICA_CA = _landlines("+1416555 +1514555 +1604555 +1403555", 100, 100, 4)

RANGES: dict[str, tuple[Range, ...]] = {
	"GB": (
		*_mobiles("+447700900", 0, 1000, 3),
		*_landlines("+441632960 +441134960 +441144960 +441154960 +441174960 +441214960", 0, 1000, 3),
		*_landlines("+441314960 +441414960 +441514960 +441614960 +442079460", 0, 1000, 3),
	),
	"US": (*_NORTH_AMERICA_US, *(number._replace(is_mobile=True) for number in _NORTH_AMERICA_US)),
	"CA": (*_NORTH_AMERICA_CA, *(number._replace(is_mobile=True) for number in _NORTH_AMERICA_CA)),
	"AU": (
		*_landlines("+6125550 +6127010 +6135550 +6137010 +6175550 +6177010 +6185550 +6187010", 0, 10_000, 4),
		*_mobiles("+61491570", 156, 4, 3),
	),
	"IE": _landlines("+3532091", 0, 100_000, 5),
	"DE": (
		*_landlines("+493023125 +496990009 +494066969 +498999998", 0, 1000, 3),
		*_landlines("+492214710", 0, 1000, 3),
		*_mobiles("+4917139200 +49176040690", 0, 100, 2),
	),
	"FR": (
		*_landlines("+3319900 +3326191 +3335301 +3346571 +3353649", 0, 10_000, 4),
		*_mobiles("+3363998", 0, 10_000, 4),
	),
	"SE": (
		*_mobiles("+46701740", 605, 95, 3),
		*_landlines("+46313900", 600, 100, 3),
		*_landlines("+46406280", 400, 100, 3),
		*_landlines("+46846500", 400, 100, 3),
	),
}


def fictional_number(region: str | None, is_mobile: bool) -> str | None:
	"""Return a number as E.164 writes it; None where a country keeps none for fiction, or none of this kind."""
	ranges = [found for found in RANGES.get(region or "", ()) if found.is_mobile == is_mobile]
	if not ranges:
		return None
	chosen = secrets.choice(ranges)
	return f"{chosen.prefix}{chosen.first + secrets.randbelow(chosen.count):0{chosen.digits}d}"


def number_written_like(number: str, example: str | None) -> str:
	"""Return a number in international or national form, with or without spaces, as the example is."""
	parsed = phonenumbers.parse(number)
	is_international = not example or example.strip().startswith(("+", "00"))
	form = phonenumbers.PhoneNumberFormat
	written = phonenumbers.format_number(parsed, form.INTERNATIONAL if is_international else form.NATIONAL)
	if example and "-" in example and " " not in example:
		return written.replace(" ", "-")
	if example and " " not in example and "(" not in example:
		return written.replace(" ", "").replace("-", "").replace("(", "").replace(")", "")
	return written
