"""Invented people and companies, in the language and country of the site. Nobody in the CRM is called the same."""

import secrets
from typing import NamedTuple

import frappe
from faker import Faker
from faker.config import AVAILABLE_LOCALES

from crm_transparency.ringers.exceptions import CannotPlant
from crm_transparency.ringers.fingerprints import home_region

FALLBACK_LOCALE = "en_US"
TRIES = 200


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
	for _attempt in range(TRIES):
		person = some_person(faker)
		if person.full_name not in taken and not is_somebodys(person.full_name):
			return person
	frappe.throw(frappe._("No more names could be invented that nobody in the CRM has."), exc=CannotPlant)


def some_person(faker: Faker) -> Person:
	is_female = secrets.randbelow(2)
	first_name = faker.first_name_female() if is_female else faker.first_name_male()
	return Person(first_name, faker.last_name(), "Female" if is_female else "Male")


def invent_company(faker: Faker, taken: set[str]) -> str:
	for _attempt in range(TRIES):
		company = faker.company()
		if company not in taken and not is_a_company_here(company):
			return company
	frappe.throw(frappe._("No more companies could be invented that the CRM doesn't have."), exc=CannotPlant)


def is_somebodys(full_name: str) -> bool:
	return exists(("Contact", "full_name"), ("User", "full_name"), ("Lead", "lead_name"), value=full_name)


def is_a_company_here(company: str) -> bool:
	return exists(
		("Customer", "customer_name"), ("Lead", "company_name"), ("Contact", "company_name"), value=company
	) or frappe.db.exists("Customer Group", company)


def exists(*fields: tuple[str, str], value: str) -> bool:
	return any(
		frappe.db.exists(doctype, {field: value})
		for doctype, field in fields
		if frappe.db.exists("DocType", doctype, cache=True) and frappe.get_meta(doctype).has_field(field)
	)
