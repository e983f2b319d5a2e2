"""Ringers for exports: a contact that exists in one exported file only, and tells which file that was.

The export audit asks for one when a file of contacts is made and its setting says so. What is kept is a Ringer without
records in the CRM. When it rings, its name leads to the export: `export_of`.

This runs in the session of whoever exports, and Frappe's Recorder may keep their statements: so none of them holds what
identifies the ringer. Its address is nearly unique by itself, and the database isn't asked whether it is taken.
"""

import json

import frappe
from frappe.utils import nowdate

from crm_transparency.export_audit import exports
from crm_transparency.ringers import drafts, fiction, identities, surroundings
from crm_transparency.ringers.doctype.ringer_settings import ringer_settings
from crm_transparency.ringers.surroundings import CUSTOMER, Place


def provide(doctype: str, columns: list[str]) -> tuple[dict, str] | None:
	"""`transparency_export_ringers`: make a contact for a file with these columns; None if it could never ring."""
	patterns = ringer_settings.address_patterns()
	if doctype != "Contact" or not patterns or not any(can_ring(column) for column in columns):
		return None
	around = surroundings.records_around("Contact", Place())
	person = fiction.some_person(fiction.inventor())
	email = fiction.nearly_unique_address(patterns, person.first_name, person.last_name)
	phone = drafts.phone_for(around, set())
	ringer = frappe.get_doc(
		doctype=identities.RINGER,
		status="Planted",
		planted_as=identities.EXPORT_ROW,
		planted_on=nowdate(),
		full_name=person.full_name,
		email=email,
		phone=phone,
		placement=json.dumps({"exported_by": frappe.session.user}),
	).insert(ignore_permissions=True)
	return values_of(person, email, phone, around), ringer.name


def can_ring(column: str) -> bool:
	"""Return whether a column can hold an address or a number."""
	return column.rpartition(".")[2] in ("email_id", "email_ids", "email", "phone", "phone_nos", "mobile_no")


def values_of(person: fiction.Person, email: str, phone: str | None, around: list[frappe._dict]) -> dict:
	model = surroundings.any_of(around)
	link = link_of(model)
	return {
		"first_name": person.first_name,
		"last_name": person.last_name,
		"name": f"{person.full_name}-{link['link_name']}" if link else person.full_name,
		"email_id": email,
		"designation": drafts.usual(around, "designation"),
		"company_name": company_of(link) if model.company_name else None,
		**({"mobile_no" if model.mobile_no or not model.phone else "phone": phone} if phone else {}),
		**({"links": [link]} if link else {}),
	}


def link_of(model: frappe._dict) -> dict | None:
	"""Return the customer that a real contact belongs to: the invented one belongs there too."""
	link = {"parenttype": "Contact", "parent": model.name, "link_doctype": CUSTOMER}
	customer = frappe.db.get_value("Dynamic Link", link, "link_name")
	return {"link_doctype": CUSTOMER, "link_name": customer} if customer else None


def company_of(link: dict | None) -> str | None:
	return frappe.db.get_value(CUSTOMER, link["link_name"], "customer_name") if link else None


def export_of(ringer: str) -> str | None:
	"""Return the Export Log entry of the file that a ringer was made for."""
	return exports.export_of_ringer(ringer)
