"""Mails, calls, notes and issues over the 18 months."""

from __future__ import annotations

from dataclasses import dataclass

from embedded.demo_data.plan import catalogue, phrases, staff
from embedded.demo_data.plan.accounts import Accounts, Contact, Customer, Lead, Opportunity, Prospect
from embedded.demo_data.plan.source import Source

CUSTOMER_THREADS, LEAD_THREADS, CALLS, ISSUES = 620, 240, 160, 45
CUSTOMER_NOTES, PIPELINE_NOTES = 330, 170
MONTHS = [
	"January",
	"February",
	"March",
	"April",
	"May",
	"June",
	"July",
	"August",
	"September",
	"October",
	"November",
	"December",
]


@dataclass
class Mail:
	account: Customer | Lead
	contact: Contact
	colleague: str
	received: bool
	back: int
	minute: int
	subject: str
	text: str


@dataclass
class Note:
	about: Customer | Lead | Prospect | Opportunity
	author: str
	back: int
	minute: int
	text: str


@dataclass
class Call:
	customer: Customer
	contact: Contact
	colleague: str
	incoming: bool
	back: int
	minute: int
	seconds: int
	summary: str


@dataclass
class Issue:
	customer: Customer
	contact: Contact
	issue_type: str
	subject: str
	text: str
	back: int
	minute: int
	status: str
	priority: str


class Conversations:
	"""Plans who spoke with whom, and what is worth knowing from it."""

	def __init__(self, source: Source, accounts: Accounts):
		self.source = source
		self.accounts = accounts
		self.customers = [customer for customer in accounts.customers if customer.back > 12]
		self.mails = [mail for _ in range(CUSTOMER_THREADS) for mail in self.customer_thread()]
		self.mails += [mail for _ in range(LEAD_THREADS) for mail in self.lead_thread()]
		self.notes = [self.customer_note() for _ in range(CUSTOMER_NOTES)]
		self.pipeline_notes = [self.pipeline_note() for _ in range(PIPELINE_NOTES)]
		self.calls = [self.call() for _ in range(CALLS)]
		self.issues = [self.issue() for _ in range(ISSUES)]

	def customer_thread(self) -> list[Mail]:
		customer = self.source.pick(self.customers)
		back = self.source.between(4, customer.back - 5)
		colleague = self.colleague_for(customer, back)
		threads = phrases.ADVERTISER_THREADS if customer.advertises else phrases.SUBSCRIBER_THREADS
		return self.thread(
			customer, self.source.pick(customer.contacts), colleague, back, self.source.pick(threads)
		)

	def lead_thread(self) -> list[Mail]:
		lead = self.source.pick(
			[lead for lead in self.accounts.leads if lead.status != "Lead" and lead.back > 5]
		)
		back = self.source.between(max(4, lead.back - 12), lead.back - 1)
		return self.thread(
			lead, lead.person, lead.owner_on(back), back, self.source.pick(phrases.LEAD_THREADS)
		)

	def thread(
		self, account: Customer | Lead, contact: Contact, colleague: str, back: int, phrase: tuple
	) -> list[Mail]:
		"""The mails of one thread, half a day to a day apart."""
		subject, messages = phrase
		words = self.words() | {
			"first": contact.first_name,
			"rep": colleague.split()[0],
			"company": account.title,
		}
		mails = []
		for number, (direction, text) in enumerate(messages):
			minute = self.source.between(20, 260) + 280 * (number % 2)
			mails.append(
				Mail(
					account,
					contact,
					colleague,
					direction == phrases.IN,
					max(1, back - number // 2),
					minute,
					("Re: " if number else "") + subject.format(**words),
					text.format(**words),
				)
			)
		return mails

	def words(self) -> dict[str, str]:
		return {
			"magazine": self.source.pick(sorted(catalogue.MAGAZINES)),
			"form": self.source.pick(["full page", "half page", "quarter page"]),
			"month": self.source.pick(MONTHS),
		}

	def colleague_for(self, customer: Customer, back: int) -> str:
		"""Mostly the account manager; sometimes a colleague, so that several people know the customer."""
		if self.source.chance(78):
			return customer.owner_on(back)
		return self.source.pick([staff.READER_SERVICE, staff.MANAGER, staff.NORA, staff.TOM, staff.PRIYA])

	def customer_note(self) -> Note:
		customer = self.source.pick(self.customers)
		back = self.source.between(1, customer.back - 2)
		author = self.colleague_for(customer, back)
		return Note(
			customer, author, back, self.source.between(30, 560), self.source.pick(phrases.CUSTOMER_NOTES)
		)

	def pipeline_note(self) -> Note:
		pipeline = [*self.accounts.leads, *self.accounts.prospects, *self.accounts.opportunities]
		about = self.source.pick([entry for entry in pipeline if entry.back > 3])
		back = self.source.between(max(1, about.back - 40), about.back - 1)
		account = about.party if isinstance(about, Opportunity) else about
		return Note(
			about,
			account.owner_on(back),
			back,
			self.source.between(30, 560),
			self.source.pick(phrases.PIPELINE_NOTES),
		)

	def call(self) -> Call:
		customer = self.source.pick(self.customers)
		back = self.source.between(1, customer.back - 2)
		return Call(
			customer,
			self.source.pick(customer.contacts),
			self.colleague_for(customer, back),
			self.source.chance(60),
			back,
			self.source.between(30, 540),
			self.source.between(40, 1500),
			self.source.pick(phrases.CALL_SUMMARIES),
		)

	def issue(self) -> Issue:
		customer = self.source.pick(self.customers)
		back = self.source.between(1, min(customer.back - 2, 250))
		issue_type, subject, text = self.source.pick(phrases.ISSUES)
		words = self.words()
		return Issue(
			customer,
			self.source.pick(customer.contacts),
			issue_type,
			subject.format(**words),
			text.format(**words),
			back,
			self.source.between(20, 560),
			"Closed" if back > 15 else self.source.pick(["Open", "Replied", "Resolved"]),
			self.source.weighted({"Low": 3, "Medium": 5, "High": 1}),
		)
