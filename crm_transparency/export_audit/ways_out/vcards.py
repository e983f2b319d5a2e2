"""Contacts as vCards."""

import frappe

from crm_transparency.export_audit.exports import VCARD, Export
from crm_transparency.export_audit.ways_out import content


def downloaded(response) -> Export:
	form = frappe.form_dict
	contacts = frappe.parse_json(form.contacts) if form.get("contacts") else [form.contact]
	file = content.of_response(response)
	return Export(
		VCARD,
		doctype="Contact",
		file_name=file.name,
		file_format="vCard",
		content=file.content,
		row_count=len(contacts),
		contact_data=True,
		records=[("Contact", str(contact)) for contact in contacts],
	)
