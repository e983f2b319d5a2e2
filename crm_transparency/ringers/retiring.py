"""Retiring a ringer: it stays in the CRM, or is taken out without a trace. It goes on ringing: old exports hold it."""

import click
import frappe
from frappe import _
from frappe.model.delete_doc import check_if_doc_is_dynamically_linked, check_if_doc_is_linked
from frappe.model.document import Document
from frappe.utils.global_search import delete_for_document

from crm_transparency.ringers import identities, record_changes
from crm_transparency.ringers.exceptions import CannotPlant
from crm_transparency.ringers.secrecy import decrypted

BEFORE_ERASING = "before_erasing_a_ringer"


def retire(ringer: str, take_out: bool) -> None:
	"""Retire a planted ringer; raises CannotPlant if it is to be taken out and somebody's work hangs on it."""
	document = frappe.get_doc(identities.RINGER, ringer)
	if document.status != "Planted":
		frappe.throw(_("Only planted ringers can be retired."), exc=CannotPlant)
	if take_out:
		take_out_of_the_crm(document)
	document.status = "Retired"
	document.save(ignore_permissions=True)


def take_out_of_the_crm(ringer: Document) -> None:
	"""Delete a ringer's records as if they had never been: no version, no copy in the bin, no message."""
	records = existing_records(ringer)
	frappe.db.savepoint(BEFORE_ERASING)
	try:
		for record in records:
			erase(record)
		for record in records:
			refuse_if_used(record)
	except CannotPlant:
		frappe.db.rollback(save_point=BEFORE_ERASING)
		raise
	unsubscribe(decrypted(ringer, "email"))


def existing_records(ringer: Document) -> list[Document]:
	"""Return the contact, address and own customer or lead of a ringer, as far as they are still there."""
	today = [
		("Contact", decrypted(ringer, "contact")),
		("Address", decrypted(ringer, "address")),
		(decrypted(ringer, "party_type"), decrypted(ringer, "party")),
	]
	return [
		frappe.get_doc(doctype, name)
		for doctype, name in today
		if doctype and name and frappe.db.exists(doctype, name)
	]


def refuse_if_used(record: Document) -> None:
	"""Refuse to take out what a colleague has linked to something: an opportunity, a mail, a task."""
	frappe.local.dynamic_link_map = None
	try:
		check_if_doc_is_linked(record)
		check_if_doc_is_dynamically_linked(record)
	except frappe.LinkExistsError:
		frappe.clear_last_message()
		frappe.throw(
			_("{0} is used by others, so it can't be removed without a trace.").format(record.name),
			exc=CannotPlant,
		)


def erase(record: Document) -> None:
	for table in record.meta.get_table_fields():
		frappe.db.delete(table.options, {"parenttype": record.doctype, "parent": record.name})
	frappe.db.delete(record.doctype, {"name": record.name})
	delete_for_document(record)
	frappe.clear_document_cache(record.doctype, record.name)


def unsubscribe(email: str | None) -> None:
	if email and frappe.db.exists("DocType", "Email Group Member"):
		groups = frappe.get_all("Email Group Member", filters={"email": email}, pluck="email_group")
		frappe.db.delete("Email Group Member", {"email": email})
		for group in groups:
			total = frappe.db.count("Email Group Member", {"email_group": group})
			frappe.db.set_value("Email Group", group, "total_subscribers", total, update_modified=False)


def take_out_all() -> int:
	"""Delete all records of planted ringers without a trace; return how many ringers others work with, so they stay.

	Real people who watch are no inventions: their contacts stay. So do all ringers of a site that has lost its encryption
	key, where nobody can tell any more which contacts they are.
	"""
	try:
		record_changes.find_changes()
		planted = identities.in_the_crm()
	except frappe.ValidationError:
		# what Frappe raises where the key doesn't fit
		frappe.clear_last_message()
		click.secho(
			"Invented contacts stay in the CRM: the site's encryption key isn't the one they were recorded with. To remove "
			"them, put the key back into site_config.json, install the app again and restore its data.",
			fg="yellow",
		)
		return 0
	used = [ringer for ringer in planted if not is_taken_out(ringer)]
	if used:
		click.secho(
			f"{len(used)} invented contacts stay in the CRM, because others' work hangs on them. Ringer Managers can "
			"see which while the app is installed.",
			fg="yellow",
		)
	return len(used)


def is_taken_out(ringer: str) -> bool:
	document = frappe.get_doc(identities.RINGER, ringer)
	if not identities.contact_of(ringer).placement.get("planted_by"):
		return True
	try:
		take_out_of_the_crm(document)
	except CannotPlant:
		frappe.clear_last_message()
		return False
	return True
