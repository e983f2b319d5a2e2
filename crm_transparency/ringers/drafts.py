"""Drafts: ringers that were invented and not planted yet, so that a person can look at them first.

A draft is a Ringer with the status Planned; nothing of it is in the CRM. Its placement says where it is to go.
"""

import json
import secrets
from typing import NamedTuple

import frappe
from faker import Faker
from frappe import _

from crm_transparency.ringers import fiction, fingerprints, identities, surroundings
from crm_transparency.ringers.doctype.ringer_settings import ringer_settings
from crm_transparency.ringers.exceptions import CannotPlant
from crm_transparency.ringers.secrecy import decrypted
from crm_transparency.ringers.surroundings import CUSTOMER, Place, customers_in, owner_field

KINDS = ("Contact", "Customer", "Lead")
MOST_AT_ONCE = 100
#: a customer or lead without an account owner hides only where at least one in so many has none
ONE_IN = 5
EDITABLE = ("full_name", "email", "phone", "story", "watched_by")


class Wish(NamedTuple):
	"""What somebody asks the wizard for."""

	count: int
	planted_as: str = "Contact"
	place: Place = Place()
	in_newsletters: bool = True
	with_address: bool = True
	watched_by: str | None = None
	only_recent: bool = False
	#: the customer that the contacts are to belong to; None for any of the place
	host: str | None = None


class Taken(NamedTuple):
	"""What other drafts have already, which the CRM knows nothing of."""

	names: set[str]
	addresses: set[str]
	numbers: set[str]

	@classmethod
	def by_drafts(cls) -> "Taken":
		found = [identities.contact_of(ringer) for ringer in planned()]
		return cls(
			{identity.full_name for identity in found},
			{identity.email for identity in found},
			{fingerprints.international(identity.phone) for identity in found if identity.phone},
		)


def draft(wish: Wish) -> list[str]:
	"""Invent ringers as wished and return their names; raises CannotPlant if they couldn't hide there."""
	refuse_impossible(wish)
	faker, taken = fiction.inventor(), Taken.by_drafts()
	around = surroundings.contacts_around(wish.place)
	return [draft_one(wish, faker, taken, around, host) for host in hosts_for(wish)]


def planned() -> list[str]:
	return frappe.get_all(identities.RINGER, filters={"status": "Planned"}, pluck="name", order_by="name")


def refuse_impossible(wish: Wish) -> None:
	if wish.planted_as not in KINDS:
		frappe.throw(_("A ringer is planted as a contact, a customer or a lead."), exc=CannotPlant)
	if not 1 <= wish.count <= MOST_AT_ONCE:
		frappe.throw(_("Create between 1 and {0} ringers at once.").format(MOST_AT_ONCE), exc=CannotPlant)
	if wish.planted_as != "Contact" and wish.place.account_owner:
		frappe.throw(
			_(
				"For an account owner, plant contacts: assigning a customer or lead to somebody would be recorded "
				"like every change of account owners, with who did it and when."
			),
			exc=CannotPlant,
		)
	if wish.planted_as != "Contact" and not can_be_without_owner(wish):
		frappe.throw(
			_(
				"Nearly every {0} there has an account owner, and a ringer is planted without one, so it would "
				"stand out. Plant a contact instead."
			).format(_(wish.planted_as)),
			exc=CannotPlant,
		)


def can_be_without_owner(wish: Wish) -> bool:
	records = surroundings.records_around(wish.planted_as, wish.place)
	ownerless = [record for record in records if not record.get(owner_field(wish.planted_as))]
	return len(ownerless) * ONE_IN >= len(records)


def hosts_for(wish: Wish) -> list[str | None]:
	"""Return, for each ringer, the customer that its contact will belong to; None if it gets its own or a lead."""
	if wish.planted_as != "Contact":
		return [None] * wish.count
	if wish.host:
		return [wish.host] * wish.count
	used = {
		identities.contact_of(ringer).placement.get("host")
		for ringer in [*planned(), *identities.in_the_crm()]
	}
	customers = customers_in(wish.place)
	fresh = [customer for customer in customers if customer not in used]
	hosts = (fresh + [customer for customer in customers if customer in used])[: wish.count]
	if not hosts:
		frappe.throw(
			_("No customer matches, so there is none that a contact could belong to."), exc=CannotPlant
		)
	return [hosts[number % len(hosts)] for number in range(wish.count)]


def draft_one(wish: Wish, faker: Faker, taken: Taken, around: list[frappe._dict], host: str | None) -> str:
	person = fiction.invent_person(faker, taken.names)
	email = fiction.address_for(
		ringer_settings.address_patterns(), person.first_name, person.last_name, taken.addresses
	)
	phone = phone_for(around, taken.numbers)
	taken.names.add(person.full_name)
	taken.addresses.add(email)
	taken.numbers.add(fingerprints.international(phone))
	placement = {
		**wish.place.as_dict(),
		"host": host,
		"person": person._asdict(),
		"designation": usual(around, "designation"),
		"only_recent": wish.only_recent,
		"planned_by": frappe.session.user,
		**(company_and_address(wish, faker) if host is None else {}),
	}
	ringer = frappe.get_doc(
		doctype=identities.RINGER,
		status="Planned",
		planted_as=wish.planted_as,
		full_name=person.full_name,
		email=email,
		phone=phone,
		watched_by=wish.watched_by,
		in_newsletters=int(wish.in_newsletters),
		placement=json.dumps(placement),
	)
	ringer.story = story_of(person, placement)
	return ringer.insert(ignore_permissions=True).name


def company_and_address(wish: Wish, faker: Faker) -> dict:
	"""Return the company and address of a ringer that gets its own customer or lead."""
	made = {"company": fiction.invent_company(faker, set())}
	if not wish.with_address:
		return made
	models = [
		row
		for row in surroundings.records_around("Address", Place())
		if row.city and row.country and not row.is_traced
	]
	if models:
		model = secrets.choice(models)
		made["address"] = {
			"address_line1": faker.street_address().split("\n")[0],
			**{field: model.get(field) for field in ("city", "county", "state", "pincode", "country")},
		}
	return made


def phone_for(around: list[frappe._dict], taken: set[str]) -> str | None:
	"""Return a number written as people here do: one of the company's own, or one kept for fiction; None if there is none."""
	example = usual(around, "mobile_no") or usual(around, "phone")
	for own in ringer_settings.phone_numbers():
		if fingerprints.international(own) not in taken and not identities.by_phone(own):
			return own
	is_mobile = bool(usual(around, "mobile_no"))
	region = fingerprints.home_region()
	number = fiction.fictional_number(region, is_mobile) or fiction.fictional_number(region, not is_mobile)
	return fiction.number_written_like(number, example) if number else None


def usual(records: list[frappe._dict], field: str) -> str | None:
	"""Return what a field holds in one of the records, None as often as it's empty there."""
	return secrets.choice(records).get(field) or None if records else None


def story_of(person: fiction.Person, placement: dict) -> str:
	where = placement.get("host") or placement.get("company")
	title = (
		(frappe.db.get_value(CUSTOMER, where, "customer_name") or where) if placement.get("host") else where
	)
	sentences = [
		_("{0} is invented. Whoever answers for this person works at {1}.").format(person.full_name, title)
	]
	if placement.get("designation"):
		sentences.append(_("Job: {0}.").format(placement["designation"]))
	return " ".join(sentences)


def change(ringer: str, values: dict) -> None:
	"""Change what somebody didn't find believable in a draft."""
	document = get_draft(ringer)
	document.update({field: values[field] for field in EDITABLE if field in values})
	if "full_name" in values:
		first_name, _space, last_name = (values["full_name"] or "").strip().partition(" ")
		if not first_name or not last_name:
			frappe.throw(_("Enter a first and a last name."), exc=CannotPlant)
		placement = json.loads(decrypted(document, "placement"))
		placement["person"].update(first_name=first_name, last_name=last_name)
		document.placement = json.dumps(placement)
	if values.get("email") and fiction.is_address_taken(values["email"]):
		frappe.throw(_("Somebody in the CRM already has this address."), exc=CannotPlant)
	document.save(ignore_permissions=True)


def discard(ringer: str) -> None:
	"""Forget a draft, without a copy in the bin."""
	frappe.db.delete(identities.RINGER, {"name": get_draft(ringer).name})


def get_draft(ringer: str):
	document = frappe.get_doc(identities.RINGER, ringer)
	if document.status != "Planned":
		frappe.throw(_("This ringer is already planted."), exc=CannotPlant)
	return document
