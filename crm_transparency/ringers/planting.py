"""Planting: drafts become contacts, customers and leads of the CRM.

Rows are written directly, as if that had been done when the document says that it was made. Saving documents would run
whatever others attached to them, and leave its traces: a version, a message to everybody's open lists, a mail of a
Notification, a job of a Webhook, all at a moment that doesn't fit the record's dates. What Frappe and ERPNext make of the
fields of a new document is made here as they do.
"""

import base64
import json
import re
import secrets
import time
from datetime import datetime
from zoneinfo import ZoneInfo

import frappe
from frappe.contacts.address_and_contact import set_link_title
from frappe.contacts.doctype.address.address import get_address_display
from frappe.model import naming
from frappe.model.document import Document
from frappe.utils import get_datetime, get_system_timezone, nowdate
from frappe.utils.global_search import update_global_search

from crm_transparency.ringers import drafts, record_changes, surroundings
from crm_transparency.ringers.secrecy import decrypted
from crm_transparency.ringers.surroundings import CUSTOMER, LIST, Looks, Place, owner_field

TITLE_FIELDS = {"Customer": "customer_name", "Lead": "lead_name"}
#: where versions of Frappe write the moment into random names, and in how many characters: tenths of seconds, which
#: begin anew after so many; before it may stand a character that all names of one request share
PLACES_OF_THE_MOMENT = ((0, 4), (1, 3), (0, 3))
OF_REQUESTS = "0123456789abcdef"
TITLES = ("customer_name", "lead_name", "address_title", "full_name", "first_name")


def plant(ringers: list[str]) -> list[str]:
	"""Plant drafts and return their names. All or none: whatever goes wrong leaves the CRM as it was."""
	for ringer in ringers:
		plant_one(drafts.get_draft(ringer))
	return ringers


def plant_one(ringer: Document) -> None:
	placement = json.loads(decrypted(ringer, "placement"))
	party = plant_party(ringer, placement) if ringer.planted_as != "Contact" else None
	address = plant_address(party, placement) if party and placement.get("address") else None
	contact = plant_contact(ringer, placement, party)
	if party:
		introduce(party, contact, address)
	for name in placement["lists"]:
		subscribe(decrypted(ringer, "email"), name)
	for document in filter(None, (party, address, contact)):
		update_global_search(document)
	ringer.update(
		{
			"status": "Planted",
			"planted_on": nowdate(),
			"contact": contact.name,
			"party_type": party and party.doctype,
			"party": party and party.name,
			"address": address and address.name,
			"placement": json.dumps({**placement, "planted_by": frappe.session.user}),
		}
	)
	record_changes.remember(ringer)
	ringer.save(ignore_permissions=True)


def plant_party(ringer: Document, placement: dict) -> Document:
	"""Write the customer or lead of a ringer, without an account owner."""
	doctype, place = ringer.planted_as, Place.of(placement)
	around = surroundings.records_around(doctype, place)
	model = surroundings.any_of(around) if doctype == CUSTOMER else surroundings.any_with_an_address(around)
	party = new_document(doctype)
	party.update(surroundings.fields_alike(doctype, model))
	party.update(
		{"customer_name": placement["company"], "customer_type": "Company"}
		if doctype == CUSTOMER
		else lead_values(ringer, placement, model, around)
	)
	party.update({field: value for field, value in chosen(place).items() if party.meta.has_field(field)})
	party.set(owner_field(doctype), None)
	surroundings.leave_empty_alike(party, model)
	give_name(party)
	since = surroundings.earliest(placement)
	looks = (
		surroundings.looks_of_the_newest(around, doctype)
		if is_numbered(party)
		else surroundings.looks_like(around, since) or surroundings.looks_of_the_newest(around, doctype)
	)
	write_rows(party, looks)
	return party


def chosen(place: Place) -> dict:
	return {
		field: value
		for field, value in (("territory", place.territory), ("customer_group", place.customer_group))
		if value
	}


def lead_values(ringer: Document, placement: dict, model: frappe._dict, around: list[frappe._dict]) -> dict:
	person = placement["person"]
	address = placement.get("address") or {}
	return {
		"first_name": person["first_name"],
		"last_name": person["last_name"],
		"lead_name": decrypted(ringer, "full_name"),
		"title": placement["company"],
		"company_name": placement["company"],
		"job_title": placement.get("designation") if model and model.get("job_title") else None,
		"email_id": decrypted(ringer, "email"),
		surroundings.number_field(around): decrypted(ringer, "phone"),
		"gender": gender_of(person, model),
		"unsubscribed": int(not ringer.in_newsletters),
		**{field: address[field] for field in ("city", "state", "country") if address.get(field)},
	}


def gender_of(person: dict, model: frappe._dict | None) -> str | None:
	gender = person.get("gender")
	return gender if model and model.get("gender") and frappe.db.exists("Gender", gender) else None


def plant_address(party: Document, placement: dict) -> Document:
	address = new_document("Address")
	address.update(
		{
			"address_title": party.get("company_name") or party.get(TITLE_FIELDS[party.doctype]),
			"address_type": "Office" if party.doctype == CUSTOMER else "Billing",
			**placement["address"],
		}
	)
	add_link(address, party.doctype, party.name)
	address.is_primary_address = 1
	surroundings.leave_empty_alike(
		address, surroundings.any_of(surroundings.records_around("Address", Place()))
	)
	give_name(address)
	write_rows(address, surroundings.looks_after(looks_of(party)))
	return address


def plant_contact(ringer: Document, placement: dict, party: Document | None) -> Document:
	person, phone = placement["person"], decrypted(ringer, "phone")
	around = surroundings.contacts_around(Place.of(placement))
	model = surroundings.any_with_an_address(around)
	contact = new_document("Contact")
	contact.update(surroundings.fields_alike("Contact", model))
	add_link(contact, *((party.doctype, party.name) if party else (CUSTOMER, placement["host"])))
	contact.update(
		{
			"first_name": person["first_name"],
			"last_name": person["last_name"],
			"full_name": decrypted(ringer, "full_name"),
			"designation": placement.get("designation"),
			"gender": gender_of(person, model),
			"company_name": contact.links[0].link_title if model and model.company_name else None,
			"is_primary_contact": int(bool(party)),
			"unsubscribed": int(not ringer.in_newsletters),
			"email_ids": [{"email_id": decrypted(ringer, "email"), "is_primary": 1}],
		}
	)
	if phone:
		contact.append("phone_nos", {"phone": phone, f"is_primary_{surroundings.number_field(around)}": 1})
	contact.set_primary_email()
	contact.set_primary("phone")
	contact.set_primary("mobile_no")
	surroundings.leave_empty_alike(contact, model)
	give_name(contact)
	write_rows(contact, looks_of_contact(around, placement, party))
	return contact


def looks_of_contact(around: list[frappe._dict], placement: dict, party: Document | None) -> Looks:
	"""Return looks of a contact that was made after its customer or lead."""
	if party:
		return surroundings.looks_after(looks_of(party))
	host = frappe.get_doc(CUSTOMER, placement["host"])
	since = max(filter(None, (frappe.utils.get_datetime(host.creation), surroundings.earliest(placement))))
	return surroundings.looks_like(around, since) or surroundings.looks_after(looks_of(host))


def looks_of(document: Document) -> frappe._dict:
	return frappe._dict(owner=document.owner, creation=document.creation)


def add_link(document: Document, doctype: str, name: str) -> None:
	document.append("links", {"link_doctype": doctype, "link_name": name})
	set_link_title(document)


def introduce(party: Document, contact: Document, address: Document | None) -> None:
	"""Tell a customer who its first contact is and where it is, as ERPNext does."""
	values = {
		"mobile_no": contact.mobile_no,
		"email_id": contact.email_id,
		"customer_primary_contact": contact.name,
	}
	if address:
		values["customer_primary_address"] = address.name
		values["primary_address"] = get_address_display(address.as_dict())
	known = {field: value for field, value in values.items() if party.meta.has_field(field)}
	if party.doctype == CUSTOMER and known:
		party.update(known)
		frappe.db.set_value(CUSTOMER, party.name, known, update_modified=False)


def subscribe(email: str, name: str) -> None:
	"""Put an address on a list of addresses."""
	member = new_document("Email Group Member")
	member.update({"email_group": name, "email": email})
	members = frappe.get_all(
		"Email Group Member",
		filters={"email_group": name},
		fields=["owner", "creation", "modified_by", "modified"],
	)
	give_name(member)
	for record in members:
		record.is_traced = True
	write_rows(member, surroundings.looks_like(members) or surroundings.looks_of_the_newest(members, LIST))
	if frappe.get_meta(LIST).has_field("total_subscribers"):
		total = frappe.db.count("Email Group Member", {"email_group": name})
		frappe.db.set_value(LIST, name, "total_subscribers", total, update_modified=False)


# Rows


def new_document(doctype: str) -> Document:
	"""Return a new document with the defaults that are the same for everybody."""
	document = frappe.get_doc(doctype=doctype)
	for field in document.meta.fields:
		default = field.default
		if default and not default.startswith(("__", ":")) and default not in ("Today", "Now", "now"):
			document.set(field.fieldname, default)
	return document


def give_name(document: Document) -> None:
	"""Name a new document as Frappe would: by its fields, its series, a rule, or at random."""
	document.set("__islocal", 1)
	naming.set_new_name(document)


def is_numbered(document: Document) -> bool:
	"""Return whether the name counts up, so that it tells when the document was made."""
	titles = [document.get(title) for title in TITLES if document.get(title)]
	return bool(re.search(r"\d+$", str(document.name))) and not any(
		title in str(document.name) for title in titles
	)


def write_rows(document: Document, looks: Looks) -> None:
	"""Insert a named document and its tables, without hooks, with the looks in every row."""
	request = secrets.choice(OF_REQUESTS)
	document.update(looks._asdict())
	if is_random(document):
		document.name = random_name(looks.creation, request)
	document.db_insert()
	for row in document.get_all_children():
		row.update({**looks._asdict(), "parent": document.name, "parenttype": document.doctype})
		row.name = random_name(looks.creation, request)
		row.db_insert()
	document.set("__islocal", 0)


def is_random(document: Document) -> bool:
	is_made_of_fields = any(document.get(title) == document.name for title in TITLES)
	return bool(re.fullmatch(r"[0-9a-v]{10}", str(document.name))) and not is_made_of_fields


def random_name(moment: datetime, request: str) -> str:
	"""Return a random name, as this version of Frappe would have made it at a moment."""
	name = naming.make_autoname("hash")
	just_now = int(time.time() * 10)
	for start, length in PLACES_OF_THE_MOMENT:
		moments = {encoded(just_now - back, length) for back in range(20)}
		if name[start : start + length] in moments:
			return request[:start] + encoded(tenths(moment), length) + name[start + length :]
	return name


def tenths(moment: datetime) -> int:
	"""Return how many tenths of seconds a moment in the site's time zone is after 1970."""
	local = get_datetime(moment).replace(tzinfo=ZoneInfo(get_system_timezone()))
	return int(local.timestamp() * 10)


def encoded(tenths: int, length: int) -> str:
	return base64.b32hexencode((tenths % 32**4).to_bytes(5, "big")).decode()[-length:].lower()
