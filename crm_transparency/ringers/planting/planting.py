"""Planting: drafts become contacts, customers and leads of the CRM.

Rows are written directly. Saving documents would run whatever others attached to them, and leave its traces: a version,
a message to everybody's open lists, a mail of a Notification, a job of a Webhook, all at a moment that doesn't fit the
record's dates. What Frappe and ERPNext make of the fields of a new document is made here as they do.
"""

import json

import frappe
from frappe.contacts.address_and_contact import set_link_title
from frappe.contacts.doctype.address.address import get_address_display
from frappe.model.document import Document
from frappe.utils import nowdate
from frappe.utils.global_search import update_global_search

from crm_transparency.ringers import secrecy
from crm_transparency.ringers.planting import drafts, neighbours, rows
from crm_transparency.ringers.planting.neighbours import Looks
from crm_transparency.ringers.planting.places import CUSTOMER, LIST, Place, owner_field
from crm_transparency.ringers.sealed_document import in_clear

TITLE_FIELDS = {"Customer": "customer_name", "Lead": "lead_name"}


def plant(ringers: list[str]) -> list[str]:
	"""Plant drafts and return their names. All or none: whatever goes wrong leaves the CRM as it was."""
	secrecy.refuse_while_recorded()
	for ringer in ringers:
		plant_one(drafts.get_draft(ringer))
	return ringers


def plant_one(ringer: Document) -> None:
	placement = json.loads(in_clear(ringer, "placement"))
	party = plant_party(ringer, placement) if ringer.planted_as != "Contact" else None
	address = plant_address(party, placement) if party and placement.get("address") else None
	contact = plant_contact(ringer, placement, party)
	if party:
		introduce(party, contact, address)
	for name in placement["lists"]:
		subscribe(in_clear(ringer, "email"), name)
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
	ringer.save(ignore_permissions=True)


def plant_party(ringer: Document, placement: dict) -> Document:
	"""Write the customer or lead of a ringer, without an account owner."""
	doctype, place = ringer.planted_as, Place.of(placement)
	around = neighbours.records_around(doctype, place)
	model = neighbours.any_of(around) if doctype == CUSTOMER else neighbours.any_with_an_address(around)
	party = rows.new(doctype)
	party.update(neighbours.fields_alike(doctype, model))
	party.update(
		customer_values(placement) if doctype == CUSTOMER else lead_values(ringer, placement, model, around)
	)
	party.update({field: value for field, value in chosen(place).items() if party.meta.has_field(field)})
	party.set(owner_field(doctype), None)
	neighbours.leave_empty_alike(party, model)
	rows.name(party)
	since = neighbours.earliest(placement)
	looks = (
		neighbours.looks_of_the_newest(around, doctype)
		if rows.is_numbered(party)
		else neighbours.looks_like(around, since) or neighbours.looks_of_the_newest(around, doctype)
	)
	rows.write(party, looks)
	return party


def chosen(place: Place) -> dict:
	return {
		field: value
		for field, value in (("territory", place.territory), ("customer_group", place.customer_group))
		if value
	}


def customer_values(placement: dict) -> dict:
	return {"customer_name": placement["company"], "customer_type": "Company"}


def lead_values(ringer: Document, placement: dict, model: frappe._dict, around: list[frappe._dict]) -> dict:
	person = placement["person"]
	address = placement.get("address") or {}
	return {
		"first_name": person["first_name"],
		"last_name": person["last_name"],
		"lead_name": in_clear(ringer, "full_name"),
		"title": placement["company"],
		"company_name": placement["company"],
		"job_title": placement.get("designation") if model and model.get("job_title") else None,
		"email_id": in_clear(ringer, "email"),
		neighbours.number_field(around): in_clear(ringer, "phone"),
		"gender": gender_of(person, model),
		"unsubscribed": int(not ringer.in_newsletters),
		**{field: address[field] for field in ("city", "state", "country") if address.get(field)},
	}


def gender_of(person: dict, model: frappe._dict | None) -> str | None:
	gender = person.get("gender")
	return gender if model and model.get("gender") and frappe.db.exists("Gender", gender) else None


def plant_address(party: Document, placement: dict) -> Document:
	address = rows.new("Address")
	address.update(
		{
			"address_title": party.get("company_name") or party.get(TITLE_FIELDS[party.doctype]),
			"address_type": "Office" if party.doctype == CUSTOMER else "Billing",
			**placement["address"],
		}
	)
	link(address, party.doctype, party.name)
	address.is_primary_address = 1
	neighbours.leave_empty_alike(address, neighbours.any_of(neighbours.records_around("Address", Place())))
	rows.name(address)
	rows.write(address, neighbours.looks_after(looks_of(party)))
	return address


def plant_contact(ringer: Document, placement: dict, party: Document | None) -> Document:
	person, phone = placement["person"], in_clear(ringer, "phone")
	around = neighbours.contacts_around(Place.of(placement))
	model = neighbours.any_with_an_address(around)
	contact = rows.new("Contact")
	contact.update(neighbours.fields_alike("Contact", model))
	link(contact, *((party.doctype, party.name) if party else (CUSTOMER, placement["host"])))
	contact.update(
		{
			"first_name": person["first_name"],
			"last_name": person["last_name"],
			"full_name": in_clear(ringer, "full_name"),
			"designation": placement.get("designation"),
			"gender": gender_of(person, model),
			"company_name": contact.links[0].link_title if model and model.company_name else None,
			"is_primary_contact": int(bool(party)),
			"unsubscribed": int(not ringer.in_newsletters),
			"email_ids": [{"email_id": in_clear(ringer, "email"), "is_primary": 1}],
		}
	)
	if phone:
		contact.append("phone_nos", {"phone": phone, f"is_primary_{neighbours.number_field(around)}": 1})
	contact.set_primary_email()
	contact.set_primary("phone")
	contact.set_primary("mobile_no")
	neighbours.leave_empty_alike(contact, model)
	rows.name(contact)
	rows.write(contact, looks_of_contact(around, placement, party))
	return contact


def looks_of_contact(around: list[frappe._dict], placement: dict, party: Document | None) -> Looks:
	"""Return looks of a contact that was made after its customer or lead."""
	if party:
		return neighbours.looks_after(looks_of(party))
	host = frappe.get_doc(CUSTOMER, placement["host"])
	since = max(filter(None, (frappe.utils.get_datetime(host.creation), neighbours.earliest(placement))))
	return neighbours.looks_like(around, since) or neighbours.looks_after(looks_of(host))


def looks_of(document: Document) -> frappe._dict:
	return frappe._dict(owner=document.owner, creation=document.creation)


def link(document: Document, doctype: str, name: str) -> None:
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
	member = rows.new("Email Group Member")
	member.update({"email_group": name, "email": email})
	members = frappe.get_all(
		"Email Group Member",
		filters={"email_group": name},
		fields=["owner", "creation", "modified_by", "modified"],
	)
	rows.name(member)
	for record in members:
		record.is_traced = True
	rows.write(member, neighbours.looks_like(members) or neighbours.looks_of_the_newest(members, LIST))
	if frappe.get_meta(LIST).has_field("total_subscribers"):
		total = frappe.db.count("Email Group Member", {"email_group": name})
		frappe.db.set_value(LIST, name, "total_subscribers", total, update_modified=False)
