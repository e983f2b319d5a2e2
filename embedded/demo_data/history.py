"""18 months of accounts, in the order in which they happened: each saved by its user, at its time.

Accounts are saved, not inserted in bulk, so that the app records what it would have recorded.
"""

from datetime import date, timedelta
from functools import partial

import frappe

from embedded.demo_data import company
from embedded.demo_data.accounts import Account, Change, Opportunity, Plan
from embedded.demo_data.clock import at, by_import, in_a_form, moment, workday
from embedded.demo_data.people import DATA, PEOPLE, user_of

END_OF_DAY = 590


def write(plan: Plan, today: date) -> None:
	for back, minute, user, happen, saving in sorted(
		events(plan, today), key=lambda event: (-event[0], event[1])
	):
		with at(moment(today, back, minute), user), saving():
			happen()


def events(plan: Plan, today: date) -> list[tuple]:
	"""Return what happened: working days before today, minute, user, what it does, and how it was saved."""
	save = {"Lead": save_lead, "Customer": save_customer, "Prospect": save_prospect}
	happened = []
	for account in (*plan.leads, *plan.customers, *plan.prospects):
		saving = by_import if account.was_imported else in_a_form
		user = user_of(account.entered_by)
		happened.append((account.back, account.minute, user, partial(save[account.doctype], account), saving))
	for deal in plan.opportunities:
		saved = partial(save_opportunity, deal, today)
		happened.append((deal.back, deal.minute, user_of(deal.owner), saved, in_a_form))
	for change in plan.changes:
		user = user_of(change.changed_by)
		happened.append((change.back, change.minute, user, partial(save_change, change), in_a_form))
	for person in PEOPLE:
		if person.left:
			left = partial(company.let_go, person, workday(today, person.left))
			happened.append((person.left, END_OF_DAY, "Administrator", left, in_a_form))
	return happened


def save_lead(lead: Account) -> None:
	person = lead.contacts[0]
	lead.name = company.insert(
		"Lead",
		first_name=person.first_name,
		last_name=person.last_name,
		gender=person.gender,
		job_title=person.job_title,
		company_name=lead.title,
		email_id=person.email,
		phone=person.phone,
		mobile_no=person.mobile,
		lead_owner=user_of(lead.owners[0][1]),
		status="Interested" if lead.status == "Converted" else lead.status,
		source=DATA["lead_sources"][lead.minute % len(DATA["lead_sources"])],
		industry=lead.industry,
		territory=lead.territory,
		city=lead.town,
		qualification_status="Qualified" if lead.status in ("Converted", "Opportunity") else "In Process",
	)


def save_customer(customer: Account) -> None:
	owner = customer.owners[0][1]
	team = [{"sales_person": owner, "allocated_percentage": 100}]
	customer.name = company.insert(
		"Customer",
		customer_name=customer.title,
		customer_type="Individual" if customer.is_person else "Company",
		customer_group=customer.group,
		territory=customer.territory,
		industry=customer.industry,
		market_segment=customer.segment,
		account_manager=user_of(owner),
		website=None if customer.is_person else f"https://{customer.contacts[0].email.split('@')[1]}",
		lead_name=customer.lead.name if customer.lead else None,
		sales_team=team if customer.segment == "Key accounts" else [],
	)


def save_prospect(prospect: Account) -> None:
	prospect.name = company.insert(
		"Prospect",
		company_name=prospect.title,
		customer_group=prospect.group,
		industry=prospect.industry,
		territory=prospect.territory,
		market_segment=prospect.segment,
		prospect_owner=user_of(prospect.owners[0][1]),
	)


def save_opportunity(deal: Opportunity, today: date) -> None:
	party, day = deal.party, workday(today, deal.back)
	deal.name = company.insert(
		"Opportunity",
		opportunity_from=party.doctype,
		party_name=party.name,
		opportunity_owner=user_of(deal.owner),
		status=deal.status,
		sales_stage=deal.stage,
		transaction_date=day,
		expected_closing=day + timedelta(days=30 + deal.minute % 60),
		territory=party.territory,
		industry=party.industry,
		customer_group=party.group,
		city=party.town,
		items=item_rows(deal.lines),
		lost_reasons=[{"lost_reason": deal.lost_reason}] if deal.lost_reason else [],
	)


def item_rows(lines: list[tuple[str, int, int]]) -> list[dict]:
	return [
		{"item_code": code, "item_name": code, "qty": issues, "uom": "Nos", "rate": price}
		for code, issues, price in lines
	]


def save_change(change: Change) -> None:
	account = change.account
	document = frappe.get_doc(account.doctype, account.name)
	document.set(change.field, user_of(change.value) if change.field == account.owner_field else change.value)
	document.save(ignore_permissions=account.doctype == "Prospect")
