"""Contact data mailed to a private address: a free mailbox, a colleague's own, or where a former colleague works now.

What a customer gets about themselves is theirs: a single document that goes to the address in it is no finding. Nor are
the addresses that colleagues log in with: in a small company these may be free mailboxes, too.
"""

from collections import Counter
from collections.abc import Iterator
from functools import cached_property

import frappe
from frappe import _
from frappe.utils import add_days

from crm_transparency.crm_transparency import employees
from crm_transparency.crm_transparency.mail import DOMAIN, FREE_DOMAINS, addresses_in, domain_of
from crm_transparency.export_audit import alert_findings, manifests
from crm_transparency.export_audit.alert_findings import (
	PRIVATE,
	Finding,
	Group,
	Window,
	day_text,
	number,
	people,
	some,
)
from crm_transparency.export_audit.exceptions import ManifestAltered
from crm_transparency.export_audit.exports import EMAIL_ATTACHMENT, SCHEDULED_REPORT

DAYS_COMPARED = 90


def mails_to_private_addresses(window: Window) -> Iterator[Finding]:
	mails = mails_with_contact_data(window)
	if not mails:
		return
	book = AddressBook()
	for mail in mails:
		mail.private = ", ".join(private_addresses(mail, book))
	private = [mail for mail in mails if mail.private]
	for group in alert_findings.grouped(private, "private", "channel"):
		yield finding(group, book)


def mails_with_contact_data(window: Window) -> list[frappe._dict]:
	"""Return the mailed files that hold contact data, or that are the very file of an export that did."""
	log = alert_findings.ledger()
	mails = alert_findings.in_window(window, log.channel.isin((EMAIL_ATTACHMENT, SCHEDULED_REPORT)))
	files = {mail.file_sha256 for mail in mails if mail.file_sha256 and not mail.contact_data}
	exported = (
		set(
			frappe.get_all(
				alert_findings.LEDGER,
				filters={"file_sha256": ("in", files), "contact_data": 1},
				pluck="file_sha256",
				distinct=True,
				order_by=None,
			)
		)
		if files
		else set()
	)
	return [mail for mail in mails if mail.recipients and (mail.contact_data or mail.file_sha256 in exported)]


class AddressBook:
	"""What is known about addresses, read once for all the mails that are looked at."""

	@cached_property
	def personal(self) -> dict[str, str]:
		"""Employees by the private address in their record."""
		rows = employees.employees(personal_email=("is", "set"))
		return {row.personal_email.strip().lower(): row.get("employee_name") or row.name for row in rows}

	@cached_property
	def logins(self) -> set[str]:
		rows = frappe.get_all("User", filters={"enabled": 1, "user_type": "System User"}, pluck="email")
		return {email.lower() for email in rows if email}

	@cached_property
	def new_companies(self) -> frozenset[str]:
		"""The domains in what the records say about where former colleagues work now.

		Of those only who have left: whoever mailed reads the alert, and where a colleague goes may not be known yet.
		"""
		left = [row for row in employees.employees(new_workplace=("is", "set")) if employees.has_left(row)]
		completed = employees.offboardings(leaving_for=("is", "set"), status=employees.COMPLETED)
		texts = [*(row.new_workplace for row in left), *(row.leaving_for for row in completed)]
		domains = (domain for text in texts for domain in DOMAIN.findall(text or ""))
		return frozenset(domain.lower().removeprefix("www.") for domain in domains) - FREE_DOMAINS

	def why_private(self, address: str) -> str | None:
		"""Return a sentence that says why an address is private; None if it isn't, as far as is known."""
		domain = domain_of(address)
		if employee := self.personal.get(address):
			return _("{0} is the private address in the employee record of {1}.").format(address, employee)
		if address in self.logins:
			return None
		for company_domain in self.new_companies:
			if domain == company_domain or domain.endswith(f".{company_domain}"):
				return _(
					"{0} belongs to a company where a former colleague works now, by our records."
				).format(domain)
		if domain in FREE_DOMAINS:
			return _("{0} is an address of {1}, which gives mailboxes to anybody.").format(address, domain)
		return None


def private_mails_by_user(window: Window) -> Counter:
	"""Return how many files with contact data each user mailed to private addresses."""
	mails = mails_with_contact_data(window)
	book = AddressBook()
	return Counter(mail.user for mail in mails if private_addresses(mail, book))


def private_addresses(mail: frappe._dict, book: AddressBook) -> list[str]:
	private = [address for address in addresses_in(mail.recipients) if book.why_private(address)]
	if not private or mail.record_count > 1:
		return private
	own = addresses_of_the_record(mail) - set(book.personal)
	return [address for address in private if address not in own]


def addresses_of_the_record(mail: frappe._dict) -> set[str]:
	"""Return the addresses of the one record that a mail holds, and of the contacts that belong to it."""
	try:
		records = manifests.unpack(mail.name, mail.manifest_sha256)
	except ManifestAltered:
		return set()
	if len(records) != 1 or not frappe.db.exists(*records[0]):
		return set()
	record = frappe.get_doc(*records[0])
	values = [record.get(field.fieldname) for field in record.meta.fields if field.options == "Email"]
	links = {"link_doctype": record.doctype, "link_name": record.name, "parenttype": "Contact"}
	contacts = frappe.get_all("Dynamic Link", filters=links, pluck="parent")
	if record.doctype == "Contact":
		contacts.append(record.name)
	values += (
		frappe.get_all("Contact Email", filters={"parent": ("in", contacts)}, pluck="email_id")
		if contacts
		else []
	)
	return {value.strip().lower() for value in values if value}


def finding(group: Group, book: AddressBook) -> Finding:
	export = group.largest
	return Finding(
		PRIVATE,
		group.user,
		group.impersonated_by,
		group.day,
		figure=max(group.rows, len(group.entries)),
		explanation=what_happened(group),
		reason=" ".join(book.why_private(address) for address in export.private.split(", ")[:2]),
		normal=what_is_normal(group, book),
		export_log=export.name,
		kind=(export.private, export.report_name or ""),
		is_daily=export.channel != SCHEDULED_REPORT,
	)


def what_happened(group: Group) -> str:
	export = group.largest
	addresses, day = some(export.private.split(", ")), day_text(group.day)
	who = people(group.user, group.impersonated_by)
	if export.channel == SCHEDULED_REPORT:
		return _("A scheduled email of {0} sent contact data to {1} on {2}; rows: {3}.").format(
			who, addresses, day, number(export.row_count)
		)
	if len(group.entries) == 1:
		return _("{0} emailed a file with contact data to {1} on {2}; rows: {3}.").format(
			who, addresses, day, number(group.rows)
		)
	return _("{0} emailed {1} files with contact data to {2} on {3}; rows in all: {4}.").format(
		who, number(len(group.entries)), addresses, day, number(group.rows)
	)


def what_is_normal(group: Group, book: AddressBook) -> str:
	before = Window(add_days(group.day, -DAYS_COMPARED), add_days(group.day, -1), group.user)
	mails = mails_with_contact_data(before)
	private = [mail for mail in mails if private_addresses(mail, book)]
	return _(
		"In the {0} days before, files with contact data emailed by {1}: {2}; of these to private addresses: {3}."
	).format(DAYS_COMPARED, people(group.user, None), number(len(mails)), number(len(private)))
