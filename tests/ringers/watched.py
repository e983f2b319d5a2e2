"""Ringers, what comes in for them, and exports that held them: real documents, made as short as can be."""

import secrets
from email.message import EmailMessage

import frappe
from frappe.email.receive import InboundMail
from frappe.utils import now_datetime

from crm_transparency import frappe_patches
from crm_transparency.export_audit import exports, manifest_index
from crm_transparency.export_audit.exports import LIST_EXPORT, Export
from crm_transparency.ringers import inbox
from crm_transparency.ringers.documents import CASE, SIGHTING
from tests.people_and_accounts import acting_as, make_user

RINGER_MANAGER = "Ringer Manager"


def make_reader(first_name: str = "Rita") -> str:
	return make_user(first_name, RINGER_MANAGER)


def plant(first_name: str = "Marina", phone: str | None = None) -> frappe._dict:
	"""Make a contact that is a ringer; return `ringer`, `contact`, `email` and `phone`."""
	email = f"{first_name.lower()}.{secrets.token_hex(4)}@ringers.example"
	contact = frappe.get_doc(
		doctype="Contact",
		first_name=first_name,
		last_name=secrets.token_hex(4),
		email_ids=[{"email_id": email, "is_primary": 1}],
	).insert()
	ringer = frappe.get_doc(
		doctype="Ringer",
		status="Planted",
		planted_as="Contact",
		planted_on=str(now_datetime()),
		email=email,
		phone=phone,
		contact=contact.name,
		full_name=contact.full_name,
	).insert()
	return frappe._dict(ringer=ringer.name, contact=contact.name, email=email, phone=phone)


def export_of(user: str, *contacts: str, rows: int | None = None, exported_on=None, contact_data=True) -> str:
	"""Record that a user exported contacts; return the Export Log entry."""
	with acting_as(user):
		entry = exports.record(
			Export(
				LIST_EXPORT,
				doctype="Contact",
				row_count=rows or len(contacts),
				contact_data=contact_data,
				records=[("Contact", contact) for contact in contacts],
			)
		)
	if exported_on:
		frappe.db.sql("update `tabExport Log` set exported_on=%s where name=%s", (exported_on, entry.name))
	return entry.name


def mail(
	to: str, sender: str = "Sales <sales@rival.example>", subject: str = "Our offer", **headers
) -> EmailMessage:
	message = EmailMessage()
	message["From"], message["To"], message["Subject"] = sender, to, subject
	message["Message-ID"] = f"<{secrets.token_hex(8)}@mail.example>"
	for name, value in headers.items():
		message[name.replace("_", "-")] = value
	message.set_content("Dear reader,\nwe have books for you.")
	return message


def receive(message: EmailMessage, account=None) -> object:
	"""Have Frappe make a Communication of a mail, as its Email Accounts do."""
	return InboundMail(message.as_bytes(), account or email_account()).process()


def email_account() -> object:
	"""Return the mailbox that the ringers' domain delivers to. It's never connected to."""
	frappe_patches.install()
	if not frappe.db.exists("Email Account", "Inbox"):
		account = frappe.get_doc(
			doctype="Email Account", name="Inbox", email_account_name="Inbox", email_id="inbox@ours.example"
		)
		account.db_insert()
	return frappe.get_doc("Email Account", "Inbox")


def look() -> None:
	inbox.process()


def sightings(ringer: str) -> list:
	names = frappe.get_all(SIGHTING, filters={"ringer": ringer}, pluck="name", order_by="seen_on, name")
	return [frappe.get_doc(SIGHTING, name) for name in names]


def cases_of(ringer: str) -> list:
	names = frappe.get_all("Ringer Case Sighting", filters={"ringer": ringer}, pluck="parent")
	return [frappe.get_doc(CASE, name) for name in sorted(set(names))]


def index_exports() -> None:
	for export in frappe.get_all("Export Manifest", filters={"indexed": 0}, pluck="name", order_by="name"):
		manifest_index.index(export)
