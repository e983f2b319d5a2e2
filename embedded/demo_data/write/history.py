"""18 months of accounts, in the order in which they happened: each saved by its user, at its time.

Accounts are saved, not bulk inserted, so that the app records what it would have recorded.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import frappe

from embedded.demo_data.moments import at
from embedded.demo_data.plan import catalogue
from embedded.demo_data.plan.accounts import Customer, Lead, Opportunity, Prospect
from embedded.demo_data.plan.changes import Change
from embedded.demo_data.plan.everything import Plan
from embedded.demo_data.plan.staff import PEOPLE, user_of
from embedded.demo_data.plan.workdays import moment, workday
from embedded.demo_data.ways_to_save import by_import, in_a_form
from embedded.demo_data.write.company import let_go

END_OF_DAY = 590


@dataclass
class Event:
	back: int
	minute: int
	user: str
	happen: Callable[[], None]
	way_to_save: Callable[[], AbstractContextManager] = in_a_form


def write(plan: Plan, today: date) -> None:
	for event in sorted(events(plan, today), key=lambda event: (-event.back, event.minute)):
		with at(moment(today, event.back, event.minute), event.user), event.way_to_save():
			event.happen()


def events(plan: Plan, today: date) -> list[Event]:
	accounts = plan.accounts
	saved = [
		*((lead, save_lead) for lead in accounts.leads),
		*((customer, save_customer) for customer in accounts.customers),
		*((prospect, save_prospect) for prospect in accounts.prospects),
	]
	planned = [
		Event(
			account.back,
			account.minute,
			user_of(account.entered_by),
			partial(save, account),
			by_import if account.is_from_old_list else in_a_form,
		)
		for account, save in saved
	]
	planned += [
		Event(
			opportunity.back,
			opportunity.minute,
			user_of(opportunity.owner),
			partial(save_opportunity, opportunity, today),
		)
		for opportunity in accounts.opportunities
	]
	planned += [
		Event(change.back, change.minute, user_of(change.changed_by), partial(save_change, change))
		for change in plan.changes.changes
	]
	planned += [
		Event(person.left, END_OF_DAY, "Administrator", partial(let_go, person, workday(today, person.left)))
		for person in PEOPLE
		if person.left
	]
	return planned


def save_lead(lead: Lead) -> None:
	person = lead.person
	document = frappe.get_doc(
		doctype="Lead",
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
		source=lead.lead_source,
		industry=lead.industry,
		territory=lead.territory,
		city=lead.town.name,
		country="United Kingdom",
		company=catalogue.COMPANY,
		qualification_status="Qualified" if lead.status in ("Converted", "Opportunity") else "In Process",
	)
	lead.document_name = document.insert().name


def save_customer(customer: Customer) -> None:
	document = frappe.get_doc(
		doctype="Customer",
		customer_name=customer.title,
		customer_type="Individual" if customer.is_person else "Company",
		customer_group=customer.group,
		territory=customer.territory,
		industry=customer.industry,
		market_segment=customer.segment,
		account_manager=user_of(customer.owners[0][1]),
		default_currency=catalogue.CURRENCY,
		language="en",
		website=None if customer.is_person else f"https://{customer.contacts[0].email.split('@')[1]}",
		lead_name=customer.lead.document_name if customer.lead else None,
	)
	if customer.segment == "Key accounts":
		document.append("sales_team", {"sales_person": customer.owners[0][1], "allocated_percentage": 100})
	customer.document_name = document.insert().name


def save_prospect(prospect: Prospect) -> None:
	document = frappe.get_doc(
		doctype="Prospect",
		company_name=prospect.title,
		customer_group=prospect.group,
		industry=prospect.industry,
		territory=prospect.territory,
		market_segment="Regional",
		prospect_owner=user_of(prospect.owners[0][1]),
		company=catalogue.COMPANY,
	)
	prospect.document_name = document.insert().name


def save_opportunity(opportunity: Opportunity, today: date) -> None:
	party = opportunity.party
	document = frappe.get_doc(
		doctype="Opportunity",
		opportunity_from=party.doctype,
		party_name=party.document_name,
		opportunity_type="Sales",
		opportunity_owner=user_of(opportunity.owner),
		status=opportunity.status,
		sales_stage=opportunity.stage,
		probability=opportunity.probability,
		transaction_date=workday(today, opportunity.back),
		expected_closing=workday(today, opportunity.back) + timedelta(days=opportunity.closes_in),
		currency=catalogue.CURRENCY,
		company=catalogue.COMPANY,
		territory=party.territory,
		industry=party.industry,
		customer_group=party.group,
		city=party.town.name,
		country="United Kingdom",
	)
	for code, issues, price in opportunity.lines:
		document.append(
			"items", {"item_code": code, "item_name": code, "qty": issues, "uom": "Nos", "rate": price}
		)
	if opportunity.lost_reason:
		document.append("lost_reasons", {"lost_reason": opportunity.lost_reason})
	opportunity.document_name = document.insert().name


def save_change(change: Change) -> None:
	document = frappe.get_doc(change.account.doctype, change.account.document_name)
	is_owner = change.field == change.account.owner_field
	document.set(change.field, user_of(change.value) if is_owner else change.value)
	document.save(ignore_permissions=change.account.doctype == "Prospect")
