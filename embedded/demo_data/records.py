"""What nobody watches being saved, in bulk: contacts, addresses, quotations, orders, mails, notes."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from html import escape

import frappe
from frappe.model.document import Document

from embedded.demo_data import people
from embedded.demo_data.accounts import Account, Contact, Opportunity, Plan, item_rows
from embedded.demo_data.clock import at, moment, workday
from embedded.demo_data.people import DATA, Source, user_of

CUSTOMER_THREADS, LEAD_THREADS = 620, 240
CUSTOMER_NOTES, PIPELINE_NOTES, DIRECT_ORDERS = 330, 170, 210
STILL_RUNNING = 25
"""Working days after which an order has been delivered and a quotation has expired."""

STREETS = ("Street", "Road", "Lane", "Quay", "Square", "Hill", "Terrace", "Wharf")
ROWS_AT_ONCE = 100


class Records:
	"""Writes the records around the accounts of `plan`, which are in the site already."""

	def __init__(self, plan: Plan, today: date):
		self.plan = plan
		self.today = today
		self.source: Source = plan.source
		self.contacts: dict[str, str] = {}
		self.customers = [customer for customer in plan.customers if customer.back > 12]
		pipeline = (*plan.leads, *plan.prospects, *plan.opportunities)
		self.pipeline = [entry for entry in pipeline if entry.back > 3]

	def write(self) -> None:
		self.write_contacts()
		self.write_sales()
		self.insert(mail for _ in range(CUSTOMER_THREADS) for mail in self.customer_thread())
		self.insert(mail for _ in range(LEAD_THREADS) for mail in self.lead_thread())
		self.write_customer_notes()
		self.insert(sorted((self.note() for _ in range(PIPELINE_NOTES)), key=lambda note: note.creation))

	def new(self, doctype: str, back: int, minute: int, user: str, /, **values) -> Document:
		"""Return a document with its defaults, as if `user` had made it at that time. Not saved yet."""
		document = frappe.new_doc(doctype)
		document.update({**DATA["always"].get(doctype, {}), **values})
		document.owner = document.modified_by = user
		document.creation = document.modified = moment(self.today, back, minute)
		return document

	def insert(self, documents: Iterable[Document]) -> None:
		"""Write documents and their child rows without running hooks."""
		rows: dict[str, list[dict]] = {}
		for document in documents:
			document.name = document.name or self.source.key()
			rows.setdefault(document.doctype, []).append(document.get_valid_dict())
			for child in document.get_all_children():
				child.name = self.source.key()
				child.parent, child.parenttype = document.name, document.doctype
				for field in ("docstatus", "owner", "modified_by", "creation", "modified"):
					child.set(field, document.get(field))
				rows.setdefault(child.doctype, []).append(child.get_valid_dict())
		for doctype, values in rows.items():
			columns = [column for column in values[0] if any(row[column] is not None for row in values)]
			table = [[row[column] for column in columns] for row in values]
			frappe.db.bulk_insert(doctype, columns, table, chunk_size=ROWS_AT_ONCE)

	# Contacts and addresses.

	def write_contacts(self) -> None:
		documents, primary = [], {}
		for customer in self.plan.customers:
			contacts = [self.contact(customer, contact) for contact in customer.contacts]
			contacts[0].is_primary_contact = 1
			address = self.address(customer)
			documents += [*contacts, address]
			self.contacts |= {contact.email_id: contact.name for contact in contacts}
			primary[customer.name] = {
				"customer_primary_contact": contacts[0].name,
				"mobile_no": contacts[0].mobile_no,
				"email_id": contacts[0].email_id,
				"customer_primary_address": address.name,
				"primary_address": address_text(address),
			}
		self.insert(documents)
		frappe.db.bulk_update("Customer", primary, update_modified=False)

	def contact(self, customer: Account, contact: Contact) -> Document:
		document = self.new(
			"Contact",
			customer.back,
			customer.minute + 5,
			user_of(customer.entered_by),
			name=f"{contact.full_name}-{customer.name}",
			first_name=contact.first_name,
			last_name=contact.last_name,
			gender=contact.gender,
			designation=contact.job_title,
			company_name="" if customer.is_person else customer.title,
			email_ids=[{"email_id": contact.email_id, "is_primary": 1}],
			phone_nos=[
				{"phone": contact.phone, "is_primary_phone": 1},
				{"phone": contact.mobile_no, "is_primary_mobile_no": 1},
			],
			links=[{"link_doctype": "Customer", "link_name": customer.name}],
		)
		document.validate()
		return document

	def address(self, customer: Account) -> Document:
		address_type = "Personal" if customer.is_person else "Office"
		area, _ = DATA["territories"][customer.territory]["towns"][customer.town]
		letters = "".join(self.source.sample("ABDEFGHJLNPQRSTUWXYZ", 2))
		street = f"{self.source.faker.last_name()} {self.source.choice(STREETS)}"
		return self.new(
			"Address",
			customer.back,
			customer.minute + 6,
			user_of(customer.entered_by),
			name=f"{customer.title}-{address_type}",
			address_title=customer.title,
			address_type=address_type,
			address_line1=f"{self.source.randint(1, 180)} {street}",
			city=customer.town,
			pincode=f"{area}{self.source.randint(1, 20)} {self.source.randint(1, 9)}{letters}",
			links=[{"link_doctype": "Customer", "link_name": customer.name, "link_title": customer.title}],
		)

	# Quotations and orders.

	def write_sales(self) -> None:
		quotations = [found for deal in self.plan.opportunities if (found := self.quotation(deal))]
		self.insert(named([document for document, _ in quotations], submitted=True))
		orders = [
			self.order(deal.party, back - self.source.randint(3, 15), deal, quotation.name)
			for quotation, (deal, back) in quotations
			if quotation.status == "Ordered"
		]
		orders += [self.direct_order() for _ in range(DIRECT_ORDERS)]
		orders += [
			self.order(change.account, change.back - self.source.randint(2, 6))
			for change in self.plan.changes
			if change.value == change.changed_by == people.MARCUS
		]
		self.insert(named(orders, submitted=True))

	def quotation(self, deal: Opportunity) -> tuple[Document, tuple[Opportunity, int]] | None:
		back = max(1, deal.back - self.source.randint(2, 8))
		is_open = "Open" if back <= STILL_RUNNING else "Expired"
		was_quoted = "Lost" if self.source.chance(50) else None
		status = {"Quotation": is_open, "Converted": "Ordered", "Lost": was_quoted}.get(deal.status)
		if not status:
			return None
		day = workday(self.today, back)
		document = self.new(
			"Quotation",
			back,
			self.source.minute(),
			user_of(deal.party.owner_on(back)),
			quotation_to=deal.party.doctype,
			party_name=deal.party.name,
			opportunity=deal.name,
			transaction_date=day,
			valid_till=day + timedelta(days=35),
			status=status,
			territory=deal.party.territory,
			items=deal.items,
			**self.contact_of(deal.party),
		)
		return document, (deal, back)

	def direct_order(self) -> Document:
		customer = self.source.choice([customer for customer in self.plan.customers if customer.back > 8])
		return self.order(customer, self.source.randint(1, customer.back - 4))

	def order(
		self, customer: Account, back: int, deal: Opportunity | None = None, quotation: str | None = None
	):
		back = max(1, back)
		rows = deal.items if deal else item_rows(self.source, customer)
		completed = back > STILL_RUNNING
		day = workday(self.today, back)
		delivery = day + timedelta(days=30)
		details = {"delivery_date": delivery, "prevdoc_docname": quotation}
		return self.new(
			"Sales Order",
			back,
			self.source.minute(),
			user_of(customer.owner_on(back)),
			customer=customer.name,
			customer_name=customer.title,
			transaction_date=day,
			delivery_date=delivery,
			status="Completed" if completed else "To Deliver and Bill",
			delivery_status="Fully Delivered" if completed else "Not Delivered",
			billing_status="Fully Billed" if completed else "Not Billed",
			customer_group=customer.group,
			territory=customer.territory,
			items=[row | details for row in rows],
			**self.contact_of(customer),
		)

	def contact_of(self, party: Account) -> dict:
		if party.doctype != "Customer":
			return {}
		contact = party.contacts[0]
		names = {"contact_person": self.contacts[contact.email_id], "contact_display": contact.full_name}
		return names | {"contact_email": contact.email_id, "contact_mobile": contact.mobile_no}

	# Mails.

	def customer_thread(self) -> Iterator[Document]:
		customer = self.source.choice(self.customers)
		back = self.source.randint(4, customer.back - 5)
		threads = DATA["advertiser_threads"] if customer.advertises else DATA["subscriber_threads"]
		contact = self.source.choice(customer.contacts)
		return self.thread(customer, contact, self.colleague_for(customer, back), back, threads)

	def lead_thread(self) -> Iterator[Document]:
		leads = [lead for lead in self.plan.leads if lead.status != "Lead" and lead.back > 5]
		lead = self.source.choice(leads)
		back = self.source.randint(max(4, lead.back - 12), lead.back - 1)
		return self.thread(lead, lead.contacts[0], lead.owner_on(back), back, DATA["lead_threads"])

	def thread(
		self, account: Account, contact: Contact, colleague: str, back: int, threads: list[dict]
	) -> Iterator[Document]:
		"""Yield the mails of one thread, half a day to a day apart."""
		thread = self.source.choice(threads)
		words = {
			"magazine": self.source.choice(sorted(DATA["magazines"])),
			"form": self.source.choice(["full page", "half page", "quarter page"]),
			"month": self.source.choice(DATA["months"]),
			"first": contact.first_name,
			"company": account.title,
			"rep": colleague.split()[0],
		}
		user, known = user_of(colleague), self.contacts.get(contact.email_id)
		for number, mail in enumerate(thread["mails"]):
			direction, text = mail.format(**words).split(": ", 1)
			received = direction == "from"
			when = max(1, back - number // 2), self.source.randint(20, 260) + 280 * (number % 2)
			sent_at = moment(self.today, *when)
			link = {"link_doctype": "Contact", "link_name": known, "communication_date": sent_at}
			yield self.new(
				"Communication",
				*when,
				"Administrator" if received else user,
				sent_or_received="Received" if received else "Sent",
				delivery_status="" if received else "Sent",
				subject=("Re: " if number else "") + thread["subject"].format(**words),
				content=html(text),
				text_content=text,
				sender=contact.email_id if received else user,
				sender_full_name=contact.full_name if received else colleague,
				recipients=user if received else contact.email_id,
				communication_date=sent_at,
				reference_doctype=account.doctype,
				reference_name=account.name,
				reference_owner=user_of(account.entered_by),
				user=user,
				timeline_links=[link] if known else [],
			)

	def colleague_for(self, customer: Account, back: int) -> str:
		"""Return mostly the account manager; sometimes a colleague, so that several people know the customer."""
		if self.source.chance(78):
			return customer.owner_on(back)
		colleagues = [people.READER_SERVICE, people.MANAGER, people.NORA, people.TOM, people.PRIYA]
		return self.source.choice(colleagues)

	# Notes.

	def write_customer_notes(self) -> None:
		"""Write notes on customers as comments on their forms; lists count the copies that a customer keeps."""
		comments = [self.comment() for _ in range(CUSTOMER_NOTES)]
		self.insert(comments)
		copies = defaultdict(list)
		for comment in sorted(comments, key=lambda comment: comment.creation):
			copy = {"name": comment.name, "comment": comment.content, "by": comment.owner}
			copies[comment.reference_name].append(copy)
		kept = {name: {"_comments": json.dumps(copied)} for name, copied in copies.items()}
		frappe.db.bulk_update("Customer", kept, update_modified=False)

	def comment(self) -> Document:
		customer = self.source.choice(self.customers)
		back = self.source.randint(1, customer.back - 2)
		author = self.colleague_for(customer, back)
		return self.new(
			"Comment",
			back,
			self.source.minute(),
			user_of(author),
			comment_email=user_of(author),
			comment_by=author,
			reference_name=customer.name,
			reference_owner=user_of(customer.entered_by),
			content=html(self.source.choice(DATA["customer_notes"])),
		)

	def note(self) -> Document:
		"""Return a note on a lead, a prospect or an opportunity: a row in its form."""
		about = self.source.choice(self.pipeline)
		back, minute = self.source.randint(max(1, about.back - 40), about.back - 1), self.source.minute()
		account = about.party if isinstance(about, Opportunity) else about
		author, text = user_of(account.owner_on(back)), html(self.source.choice(DATA["pipeline_notes"]))
		parent = {"parenttype": about.doctype, "parent": about.name, "parentfield": "notes"}
		written = {"note": text, "added_by": author, "added_on": moment(self.today, back, minute)}
		return self.new("CRM Note", back, minute, author, **written, **parent)


def named(documents: list[Document], submitted: bool = False) -> list[Document]:
	"""Return the documents in order of time, each with the name it would have got then, validated."""
	for document in sorted(documents, key=lambda document: document.creation):
		with at(document.creation, document.owner):
			document.set_new_name()
			document.validate()
		document.docstatus = int(submitted)
	return documents


def html(text: str) -> str:
	paragraphs = escape(text, quote=False).replace("\n\n", "\n").split("\n")
	return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


def address_text(address: Document) -> str:
	"""Return an Address as it stands on an envelope, as plain text."""
	lines = [address.address_line1, address.city, address.pincode, address.country]
	return "\n".join(filter(None, lines))
