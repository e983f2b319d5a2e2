"""A small company whose CRM ringers are planted in."""

import secrets

import frappe

from crm_transparency.ringers import drafts, identities, planting
from crm_transparency.ringers.drafts import Wish
from tests.people_and_accounts import make_user

PATTERNS = ("{first}.{last}@letters-by-hand.example", "studio+{code}@quiet-harbour.example")


def set_patterns():
	document = frappe.get_doc("Ringer Settings")
	document.address_patterns = "\n".join(PATTERNS)
	document.save()


def make_company(count):
	"""Make customers without account owners, in a site where the others have none either."""
	frappe.db.sql("update `tabCustomer` set account_manager = null")
	makers = [make_user("Maya"), make_user("Nils")]
	territories = [make_territory("North"), make_territory("South")]
	customers = []
	for number in range(count):
		maker, day = makers[number % 2], f"2026-0{1 + number}-1{number} 1{number}:20:3{number}.123456"
		customer = frappe.get_doc(
			doctype="Customer",
			customer_name=f"Quayside {number} {secrets.token_hex(3)}",
			customer_type="Company",
			customer_group=frappe.get_all("Customer Group", filters={"is_group": 0}, pluck="name", limit=1)[
				0
			],
			territory=territories[number % 2],
		).insert()
		contact = frappe.get_doc(
			doctype="Contact",
			first_name=f"Person{number}",
			last_name=secrets.token_hex(3),
			designation="Buyer",
			email_ids=[{"email_id": f"buyer{number}.{secrets.token_hex(3)}@example.com", "is_primary": 1}],
			phone_nos=[{"phone": f"+44 20 7946 01{number:02}", "is_primary_mobile_no": 1}],
			links=[{"link_doctype": "Customer", "link_name": customer.name}],
		).insert()
		backdate(customer, maker, day)
		backdate(contact, maker, day.replace(":20:", ":45:"))
		customers.append(customer)
	return customers


def make_territory(name):
	name = f"{name} {secrets.token_hex(3)}"
	root = frappe.get_all("Territory", filters={"is_group": 1}, pluck="name", limit=1)[0]
	return frappe.get_doc(doctype="Territory", territory_name=name, parent_territory=root).insert().name


def backdate(document, user, moment):
	values = {"owner": user, "modified_by": user, "creation": moment, "modified": moment}
	frappe.db.set_value(document.doctype, document.name, values, update_modified=False)
	for row in document.get_all_children():
		frappe.db.set_value(row.doctype, row.name, values, update_modified=False)


def plant_one(**wish):
	[ringer] = planting.plant(drafts.draft(Wish(1, **wish)))
	return identities.contact_of(ringer)
