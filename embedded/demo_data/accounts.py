"""Plans the demo company's accounts without touching a site: who they are, when they came, whose they were."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from embedded.demo_data import people
from embedded.demo_data.clock import FIRST_WORKDAY
from embedded.demo_data.people import DATA, Source, slug

CUSTOMERS, CONTACTS, LEADS, PROSPECTS, OPPORTUNITIES = 400, 600, 300, 30, 150
MOVED_FROM_THE_OLD_LIST = 250
FIRST_DAYS = FIRST_WORKDAY - 3
CONVERTED_LEADS = 50
RECENTLY = 85
"""Working days: about four months. Since then Marcus Ellery has been taking accounts over."""

OWNER_FIELDS = {"Customer": "account_manager", "Lead": "lead_owner", "Prospect": "prospect_owner"}


@dataclass
class Contact:
	"""A person. The fields are called as in a Lead."""

	first_name: str
	last_name: str
	gender: str
	job_title: str
	email_id: str
	phone: str
	mobile_no: str

	@property
	def full_name(self) -> str:
		return f"{self.first_name} {self.last_name}"


@dataclass
class Account:
	"""A customer, lead or prospect.

	`back` and `minute` say when it was entered, `owners` whose it was since which day; `name` is its document's.
	"""

	doctype: str
	title: str
	group: str
	industry: str | None
	territory: str
	town: str
	back: int
	minute: int
	entered_by: str
	owners: list[tuple[int, str]]
	contacts: list[Contact] = field(default_factory=list)
	status: str = ""
	segment: str = "Regional"
	lead: Account | None = None
	name: str = field(default="", compare=False)

	@property
	def is_person(self) -> bool:
		return self.group == "Individual"

	@property
	def advertises(self) -> bool:
		return self.group in DATA["advertisers"]

	@property
	def was_imported(self) -> bool:
		"""Whether it came in the first days from the spreadsheet that customers were in before."""
		return self.back >= FIRST_DAYS

	def owner_on(self, back: int) -> str:
		"""Return the employee who had the account `back` working days ago."""
		return next((owner for since, owner in reversed(self.owners) if since >= back), self.owners[0][1])


@dataclass
class Opportunity:
	"""`items` are rows for the document's items: so many issues at a price in pounds."""

	party: Account
	back: int
	minute: int
	status: str
	stage: str
	items: list[dict]
	lost_reason: str | None = None
	name: str = field(default="", compare=False)
	doctype = "Opportunity"

	@property
	def owner(self) -> str:
		"""Return who had the party at that time, or has it now where that was someone who has left."""
		owner = self.party.owner_on(self.back)
		return self.party.owner_on(0) if people.BY_NAME[owner].left else owner


@dataclass
class Change:
	"""On the day `back`, `changed_by` sets `field` of `account` to `value`: for an owner, a name."""

	account: Account
	back: int
	minute: int
	changed_by: str
	field: str
	value: str


class Plan:
	"""All accounts and what changed on them. The same seed gives the same plan."""

	def __init__(self, seed: int = people.SEED):
		self.source = Source(seed)
		self.taken: set[str] = set()
		self.leads = [self.lead(number) for number in range(LEADS)]
		self.customers = [self.customer(number) for number in range(CUSTOMERS)]
		self.give_second_contacts()
		self.prospects = [self.prospect() for _ in range(PROSPECTS)]
		self.opportunities = self.plan_opportunities()
		self.changes: list[Change] = []
		self.changed: set[int] = set()
		self.plan_changes()

	# Accounts.

	def lead(self, number: int) -> Account:
		"""Plan a lead. The first fifty will become customers, so they have to be some weeks old."""
		becomes_customer = number < CONVERTED_LEADS
		back = self.source.randint(40 if becomes_customer else 1, FIRST_WORKDAY - 4)
		lead = self.account("Lead", self.source.choice(DATA["advertisers"] + DATA["subscribers"]), back)
		lead.contacts = [self.contact(lead)]
		older = {"Open": 4, "Replied": 5, "Interested": 4, "Opportunity": 5, "Lost Quotation": 3}
		status = self.source.weighted({"Lead": 5, "Open": 4, "Replied": 2} if back < 25 else older)
		lead.status = "Converted" if becomes_customer else status
		return lead

	def customer(self, number: int) -> Account:
		lead = self.leads[number] if number < CONVERTED_LEADS else None
		group = lead.group if lead else self.source.weighted(DATA["group_shares"])
		if lead:
			back = lead.back - self.source.randint(5, 30)
		elif number < CONVERTED_LEADS + MOVED_FROM_THE_OLD_LIST:
			back = self.source.randint(FIRST_DAYS, FIRST_WORKDAY - 1)
		else:
			back = self.source.randint(2, FIRST_WORKDAY - 5)
		customer = self.account("Customer", group, back)
		if lead:
			for name in ("title", "industry", "territory", "town", "contacts"):
				setattr(customer, name, getattr(lead, name))
			customer.contacts = list(lead.contacts)
			customer.entered_by = lead.owner_on(back)
			customer.owners = [(back, customer.entered_by)]
			customer.lead = lead
		else:
			customer.contacts = [self.contact(customer)]
		if customer.was_imported:
			customer.entered_by = people.MANAGER
		segments = {"Key accounts": 1, "Regional": 3, "Local": 5}
		customer.segment = "Readers" if customer.is_person else self.source.weighted(segments)
		return customer

	def prospect(self) -> Account:
		back = self.source.randint(10, FIRST_WORKDAY - 10)
		prospect = self.account("Prospect", self.source.choice(DATA["advertisers"]), back)
		prospect.entered_by = people.MANAGER
		return prospect

	def account(self, doctype: str, group: str, back: int) -> Account:
		"""Plan what every account has. Most belong to the rep of their territory, some to another rep."""
		territory = self.source.weighted({name: one["share"] for name, one in DATA["territories"].items()})
		town = self.source.choice(list(DATA["territories"][territory]["towns"]))
		title, industry = self.new_title(group, town)
		owner = people.rep_for(territory, back)
		if self.source.chance(15):
			owner = self.source.choice(people.REPS_STILL_HERE)
		minute, owners = self.source.minute(), [(back, owner)]
		return Account(doctype, title, group, industry, territory, town, back, minute, owner, owners)

	def new_title(self, group: str, town: str) -> tuple[str, str | None]:
		while True:
			if group == "Individual":
				title, industry = " ".join(self.source.person()[:2]), None
			else:
				industry = self.source.choice(sorted(DATA["businesses"][group]))
				title = self.source.choice(DATA["businesses"][group][industry]).format(
					surname=self.source.faker.last_name(),
					surname2=self.source.faker.last_name(),
					town=town,
					colour=self.source.choice(DATA["colours"]),
					thing=self.source.choice(DATA["things"]),
				)
			if slug(title) not in self.taken:
				self.taken.add(slug(title))
				return title, industry

	def contact(self, account: Account) -> Contact:
		"""Plan someone at a business, or the customer themselves when it is a person."""
		first_name, last_name, gender = self.source.person()
		domain = f"{slug(account.title)}.example"
		if account.is_person:
			first_name, last_name = account.title.split(" ", 1)
			domain = f"mail-{self.source.randint(1, 9)}.example"
		_, prefix = DATA["territories"][account.territory]["towns"][account.town]
		return Contact(
			first_name,
			last_name,
			gender,
			"" if account.is_person else self.source.choice(DATA["job_titles"]),
			f"{slug(first_name)}.{slug(last_name)}@{domain}",
			f"{prefix}{self.source.randint(0, 999):03}",
			f"+44 7700 900{self.source.randint(0, 999):03}",
		)

	def give_second_contacts(self) -> None:
		"""Bring the customers' contacts to their full number: most businesses have one or two, some more."""
		businesses = [customer for customer in self.customers if not customer.is_person]
		missing = CONTACTS - len(self.customers)
		while missing:
			customer = self.source.choice(businesses)
			contact = self.contact(customer)
			known = {other.email_id for other in customer.contacts}
			if contact.email_id not in known and len(known) < 4:
				customer.contacts.append(contact)
				missing -= 1

	def plan_opportunities(self) -> list[Opportunity]:
		statuses = ("Opportunity", "Lost Quotation")
		interested = [lead for lead in self.leads if lead.status in statuses and lead.back > 15]
		parties = [*self.source.sample(interested, 35), *self.source.sample(self.prospects, 10)]
		advertisers = [customer for customer in self.customers if customer.advertises and customer.back > 15]
		parties += self.source.sample(advertisers, OPPORTUNITIES - len(parties))
		return [self.opportunity(party) for party in parties]

	def opportunity(self, party: Account) -> Opportunity:
		back = self.source.randint(2, party.back - 3)
		closed, states = {"Converted": 5, "Lost": 3, "Closed": 1}, {"Open": 6, "Quotation": 4, "Replied": 2}
		states = states if back < 55 or party.doctype != "Customer" else closed
		status = "Lost" if party.status == "Lost Quotation" else self.source.weighted(states)
		stage = "Booked" if status == "Converted" else self.source.choice(DATA["sales_stages"][:-1])
		lost_reason = self.source.choice(DATA["lost_reasons"]) if status == "Lost" else None
		booked = item_rows(self.source, party)
		return Opportunity(party, back, self.source.minute(), status, stage, booked, lost_reason)

	# Changes. They keep each account's `owners` in step.

	def plan_changes(self) -> None:
		self.reassign_the_leavers_accounts()
		for customer in self.untouched(25, older_than=60):
			back = self.source.randint(RECENTLY, customer.back - 20) if customer.back > RECENTLY + 40 else 30
			self.change_owner(customer, back, people.MANAGER, self.another_rep(customer))
		for customer in self.untouched(9, older_than=120):
			back = self.source.randint(10, customer.back - 60)
			self.change_owner(customer, back, customer.owner_on(back), self.another_rep(customer))
		# Colleagues who took one account over each, long ago: not a pattern.
		takers = [people.NORA, people.PRIYA, people.CALLUM, people.SIAN]
		for customer, taker in zip(self.untouched(4, older_than=300, not_of=takers), takers, strict=True):
			self.change_owner(customer, self.source.randint(150, 280), taker, taker)
		self.let_marcus_take_over({people.NORA: 6, people.PRIYA: 4, people.TOM: 3, people.SIAN: 2})
		self.correct_details(110)

	def reassign_the_leavers_accounts(self) -> None:
		"""Daniel Frost hands three accounts over himself; the manager reassigns the others."""
		left = people.BY_NAME[people.DANIEL].left
		accounts = [*self.customers, *self.leads, *self.prospects]
		his = [account for account in accounts if account.owners[-1][1] == people.DANIEL]
		for number, account in enumerate(his):
			changed_by = people.DANIEL if number < 3 else people.MANAGER
			back = min(account.back - 1, left + self.source.randint(1, 8))
			successor = self.source.choice([people.CALLUM, people.TOM, people.SIAN])
			self.change_owner(account, back, changed_by, successor)

	def let_marcus_take_over(self, from_reps: dict[str, int]) -> None:
		for rep, count in from_reps.items():
			others = [name for name in people.REPS if name != rep]
			theirs = self.untouched(None, older_than=200, not_of=others)
			for customer in self.source.sample([one for one in theirs if one.advertises], count):
				self.change_owner(customer, self.source.randint(4, RECENTLY), people.MARCUS, people.MARCUS)

	def correct_details(self, count: int) -> None:
		"""Plan everyday corrections, often by a colleague who isn't the account manager."""
		editors = [*people.REPS_STILL_HERE, people.READER_SERVICE]
		businesses = [one for one in self.customers if one.back > 20 and not one.is_person]
		for customer in self.source.sample(businesses, count):
			editor, text = self.source.choice(editors), self.source.choice(DATA["corrections"])
			back, minute = self.source.randint(1, customer.back - 3), self.source.minute()
			self.changes.append(Change(customer, back, minute, editor, "customer_details", text))

	def change_owner(self, account: Account, back: int, changed_by: str, owner: str) -> None:
		self.changed.add(id(account))
		owner_field = OWNER_FIELDS[account.doctype]
		self.changes.append(Change(account, back, self.source.minute(), changed_by, owner_field, owner))
		account.owners.append((back, owner))

	def untouched(self, count: int | None, older_than: int, not_of: Sequence[str] = ()) -> list[Account]:
		choices = [
			customer
			for customer in self.customers
			if customer.back > older_than
			and id(customer) not in self.changed
			and customer.owners[-1][1] not in not_of
		]
		return self.source.sample(choices, count) if count else choices

	def another_rep(self, account: Account) -> str:
		owner = account.owners[-1][1]
		return self.source.choice([name for name in people.REPS_STILL_HERE if name != owner])


def items() -> Iterator[tuple[str, str, str, int]]:
	"""Yield code, name, item group and price of everything for sale."""
	for magazine, weight in DATA["magazines"].items():
		for form, price in DATA["adverts"].items():
			yield f"{magazine} {form}", f"{form} in {magazine}", magazine, round(price * weight)
	for magazine in DATA["magazines"]:
		for form, price in DATA["subscriptions"].items():
			yield f"{magazine} {form}", f"{form} to {magazine}", magazine, price


def item_rows(source: Source, party: Account) -> list[dict]:
	"""Return rows for one to three adverts to book, or for a subscription."""
	choices = [item for item in items() if ("subscription" in item[0]) != party.advertises]
	booked = source.sample(choices, source.choice([1, 1, 1, 2, 3]) if party.advertises else 1)
	issues = (1, 1, 2, 3, 4, 6)
	return [
		{"item_code": code, "item_name": code, "uom": "Nos", "rate": price, "qty": source.choice(issues)}
		for code, _, _, price in booked
	]
