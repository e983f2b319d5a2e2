"""Customers, leads, prospects and opportunities: who they are, when they came, whose they were at first."""

from __future__ import annotations

from dataclasses import dataclass, field

from embedded.demo_data.plan import catalogue, places, staff
from embedded.demo_data.plan.places import TERRITORIES, Town
from embedded.demo_data.plan.source import Source, slug
from embedded.demo_data.plan.workdays import FIRST_WORKDAY

CUSTOMERS, CONTACTS, LEADS, PROSPECTS, OPPORTUNITIES = 400, 600, 300, 30, 150
MOVED_FROM_THE_OLD_LIST = 250
FIRST_DAYS = FIRST_WORKDAY - 3
CONVERTED_LEADS = 50


@dataclass
class Contact:
	first_name: str
	last_name: str
	gender: str
	job_title: str
	email: str
	phone: str
	mobile: str

	@property
	def full_name(self) -> str:
		return f"{self.first_name} {self.last_name}"


@dataclass
class Account:
	"""Someone to sell to.

	`back` and `minute` say when the account was entered, `owners` whose it was since which day.
	"""

	title: str
	group: str
	industry: str | None
	territory: str
	town: Town
	back: int
	minute: int
	entered_by: str
	owners: list[tuple[int, str]]
	document_name: str = field(default="", compare=False)

	@property
	def is_from_old_list(self) -> bool:
		"""Imported in the first days; before that, customers were in a spreadsheet."""
		return self.back >= FIRST_DAYS

	def owner_on(self, back: int) -> str:
		"""The employee who had the account `back` working days ago."""
		return next((owner for since, owner in reversed(self.owners) if since >= back), self.owners[0][1])


@dataclass
class Customer(Account):
	contacts: list[Contact] = field(default_factory=list)
	street: str = ""
	postcode: str = ""
	segment: str = "Local"
	is_person: bool = False
	lead: Lead | None = None
	doctype = "Customer"
	owner_field = "account_manager"

	@property
	def advertises(self) -> bool:
		return self.group in catalogue.ADVERTISERS


@dataclass
class Lead(Account):
	person: Contact | None = None
	status: str = "Lead"
	lead_source: str = ""
	doctype = "Lead"
	owner_field = "lead_owner"


@dataclass
class Prospect(Account):
	lead: Lead | None = None
	doctype = "Prospect"
	owner_field = "prospect_owner"


@dataclass
class Opportunity:
	party: Customer | Lead | Prospect
	back: int
	minute: int
	status: str
	stage: str
	probability: int
	closes_in: int
	lines: list[tuple[str, int, int]]
	lost_reason: str | None = None
	document_name: str = field(default="", compare=False)

	@property
	def owner(self) -> str:
		"""Whoever had the party at that time, or has it now where that was someone who has left."""
		owner = self.party.owner_on(self.back)
		return self.party.owner_on(0) if staff.BY_NAME[owner].left else owner


class Accounts:
	"""Plans all accounts of the demo company."""

	def __init__(self, source: Source):
		self.source = source
		self.taken: set[str] = set()
		self.leads = [self.lead(number) for number in range(LEADS)]
		self.customers = [self.customer(number) for number in range(CUSTOMERS)]
		self.give_second_contacts()
		self.prospects = [self.prospect() for _ in range(PROSPECTS)]
		self.opportunities = self.plan_opportunities()

	def lead(self, number: int) -> Lead:
		"""The first fifty leads will become customers, so they have to be some weeks old."""
		becomes_customer = number < CONVERTED_LEADS
		back = self.source.between(40 if becomes_customer else 1, FIRST_WORKDAY - 4)
		details = self.who_and_where(self.source.pick(catalogue.ADVERTISERS + catalogue.SUBSCRIBERS), back)
		return Lead(
			**details,
			person=self.contact(details["title"], details["town"]),
			status="Converted" if becomes_customer else self.lead_status(back),
			lead_source=self.source.pick(catalogue.LEAD_SOURCES),
		)

	def lead_status(self, back: int) -> str:
		if back < 25:
			return self.source.weighted({"Lead": 5, "Open": 4, "Replied": 2})
		return self.source.weighted(
			{
				"Open": 4,
				"Replied": 5,
				"Interested": 4,
				"Opportunity": 5,
				"Lost Quotation": 3,
				"Do Not Contact": 1,
			}
		)

	def customer(self, number: int) -> Customer:
		lead = self.leads[number] if number < CONVERTED_LEADS else None
		group = lead.group if lead else self.source.weighted(catalogue.GROUP_SHARES)
		if lead:
			back = lead.back - self.source.between(5, 30)
		elif number < CONVERTED_LEADS + MOVED_FROM_THE_OLD_LIST:
			back = self.source.between(FIRST_DAYS, FIRST_WORKDAY - 1)
		else:
			back = self.source.between(2, FIRST_WORKDAY - 5)
		details = self.who_and_where(group, back)
		if lead:
			details |= {name: getattr(lead, name) for name in ("title", "industry", "territory", "town")}
			details["entered_by"] = lead.owner_on(back)
			details["owners"] = [(back, lead.owner_on(back))]
		if back >= FIRST_DAYS:
			details["entered_by"] = staff.MANAGER
		return Customer(
			**details,
			contacts=[
				lead.person
				if lead
				else self.contact(details["title"], details["town"], group == "Individual")
			],
			street=places.street(self.source),
			postcode=places.postcode(self.source, details["town"]),
			segment="Readers"
			if group == "Individual"
			else self.source.weighted({"Key accounts": 1, "Regional": 3, "Local": 5}),
			is_person=group == "Individual",
			lead=lead,
		)

	def prospect(self) -> Prospect:
		back = self.source.between(10, FIRST_WORKDAY - 10)
		return Prospect(
			**(
				self.who_and_where(self.source.pick(catalogue.ADVERTISERS), back)
				| {"entered_by": staff.MANAGER}
			)
		)

	def who_and_where(self, group: str, back: int) -> dict:
		"""What every account has. Most belong to the rep of their territory, some to another rep."""
		territory = self.source.weighted(places.SHARES)
		town = self.source.pick(TERRITORIES[territory])
		title, industry = self.new_title(group, town)
		owner = staff.rep_for(territory, back)
		if self.source.chance(15):
			owner = self.source.pick(staff.REPS_STILL_HERE)
		return {
			"title": title,
			"group": group,
			"industry": industry,
			"territory": territory,
			"town": town,
			"back": back,
			"minute": self.source.between(20, 560),
			"entered_by": owner,
			"owners": [(back, owner)],
		}

	def new_title(self, group: str, town: Town) -> tuple[str, str | None]:
		while True:
			if group == "Individual":
				title, industry = " ".join(self.source.person()[:2]), None
			else:
				title, industry = catalogue.business(self.source, group, town.name)
			if slug(title) not in self.taken:
				self.taken.add(slug(title))
				return title, industry

	def contact(self, title: str, town: Town, is_person: bool = False) -> Contact:
		"""Someone at the business `title`, or the customer themselves when it's a person."""
		first_name, last_name, gender = self.source.person()
		if is_person:
			first_name, last_name = title.split(" ", 1)
		domain = f"mail-{self.source.between(1, 9)}.example" if is_person else f"{slug(title)}.example"
		return Contact(
			first_name,
			last_name,
			gender,
			"" if is_person else self.source.pick(catalogue.JOB_TITLES),
			f"{slug(first_name)}.{slug(last_name)}@{domain}",
			places.phone(self.source, town),
			places.mobile(self.source),
		)

	def give_second_contacts(self) -> None:
		"""Bring the customers' contacts to their full number: most businesses have one or two, some more."""
		businesses = [customer for customer in self.customers if not customer.is_person]
		missing = CONTACTS - len(self.customers)
		while missing:
			customer = self.source.pick(businesses)
			contact = self.contact(customer.title, customer.town)
			if (
				all(contact.email != other.email for other in customer.contacts)
				and len(customer.contacts) < 4
			):
				customer.contacts.append(contact)
				missing -= 1

	def plan_opportunities(self) -> list[Opportunity]:
		interested = [
			lead for lead in self.leads if lead.status in ("Opportunity", "Lost Quotation") and lead.back > 15
		]
		parties = [*self.source.some(interested, 35), *self.source.some(self.prospects, 10)]
		advertisers = [customer for customer in self.customers if customer.advertises and customer.back > 15]
		parties += self.source.some(advertisers, OPPORTUNITIES - len(parties))
		return [self.opportunity(party) for party in parties]

	def opportunity(self, party: Customer | Lead | Prospect) -> Opportunity:
		back = self.source.between(2, party.back - 3)
		open_states = {"Open": 6, "Quotation": 4, "Replied": 2}
		closed_states = {"Converted": 5, "Lost": 3, "Closed": 1}
		status = self.source.weighted(
			open_states if back < 55 or not isinstance(party, Customer) else closed_states
		)
		if isinstance(party, Lead) and party.status == "Lost Quotation":
			status = "Lost"
		stage = "Booked" if status == "Converted" else self.source.pick(catalogue.SALES_STAGES[:-1])
		return Opportunity(
			party=party,
			back=back,
			minute=self.source.between(20, 560),
			status=status,
			stage=stage,
			probability={"Converted": 100, "Lost": 0, "Closed": 0}.get(
				status, self.source.pick([20, 40, 50, 60, 80])
			),
			closes_in=self.source.between(10, 90),
			lines=adverts(self.source),
			lost_reason=self.source.pick(catalogue.LOST_REASONS) if status == "Lost" else None,
		)


def adverts(source: Source) -> list[tuple[str, int, int]]:
	"""One to three adverts to book: item code, number of issues, price an issue in pounds."""
	choices = [item for item in catalogue.items() if "subscription" not in item[0].lower()]
	return [
		(code, source.pick([1, 1, 2, 3, 4, 6]), price)
		for code, _, _, price in source.some(choices, source.pick([1, 1, 1, 2, 3]))
	]
