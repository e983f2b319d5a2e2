"""The people at the customers, and where the customers are."""

from datetime import date

import frappe
from frappe.model.document import Document

from embedded.demo_data import bulk
from embedded.demo_data.addresses import as_lines
from embedded.demo_data.plan.accounts import Contact, Customer
from embedded.demo_data.plan.everything import Plan
from embedded.demo_data.plan.staff import user_of
from embedded.demo_data.plan.workdays import moment


def write(plan: Plan, today: date) -> dict[str, str]:
	"""Insert contacts and addresses. Returns the contacts' names by their e-mail addresses."""
	names: dict[str, str] = {}
	documents, primary = [], {}
	for customer in plan.accounts.customers:
		contacts = [new_contact(customer, contact, today) for contact in customer.contacts]
		contacts[0].is_primary_contact = 1
		address = new_address(customer, today)
		documents += [*contacts, address]
		names |= {contact.email_id: contact.name for contact in contacts}
		primary[customer.document_name] = {
			"customer_primary_contact": contacts[0].name,
			"mobile_no": contacts[0].mobile_no,
			"email_id": contacts[0].email_id,
			"customer_primary_address": address.name,
			"primary_address": as_lines(address),
		}
	bulk.insert(documents, plan.source)
	frappe.db.bulk_update("Customer", primary, update_modified=False)
	return names


def new_contact(customer: Customer, contact: Contact, today: date) -> Document:
	document = bulk.new(
		"Contact",
		moment(today, customer.back, customer.minute + 5),
		user_of(customer.entered_by),
		first_name=contact.first_name,
		last_name=contact.last_name,
		gender=contact.gender,
		designation=contact.job_title,
		company_name="" if customer.is_person else customer.title,
		status="Passive",
	)
	document.append("email_ids", {"email_id": contact.email, "is_primary": 1})
	document.append("phone_nos", {"phone": contact.phone, "is_primary_phone": 1})
	document.append("phone_nos", {"phone": contact.mobile, "is_primary_mobile_no": 1})
	document.append("links", {"link_doctype": "Customer", "link_name": customer.document_name})
	document.name = f"{contact.full_name}-{customer.document_name}"
	document.validate()
	return document


def new_address(customer: Customer, today: date) -> Document:
	address_type = "Personal" if customer.is_person else "Office"
	document = bulk.new(
		"Address",
		moment(today, customer.back, customer.minute + 6),
		user_of(customer.entered_by),
		name=f"{customer.title}-{address_type}",
		address_title=customer.title,
		address_type=address_type,
		address_line1=customer.street,
		city=customer.town.name,
		pincode=customer.postcode,
		country="United Kingdom",
		is_primary_address=1,
	)
	document.append(
		"links",
		{"link_doctype": "Customer", "link_name": customer.document_name, "link_title": customer.title},
	)
	return document
