"""Harbour Press Ltd: the demo company."""

from datetime import date, timedelta

import frappe
from frappe.utils import getdate

from crm_transparency.ledger import seals
from embedded.demo_data.moments import at
from embedded.demo_data.plan import everything
from embedded.demo_data.plan.workdays import FIRST_WORKDAY, moment
from embedded.demo_data.write import company, contacts, conversations, history, sales


def create(with_customers: bool = True) -> None:
	"""Fill the connected site with the demo company, and commit.

	Without customers there is only the company, its people, lists and settings: the place for a customer list
	of one's own. The site needs demo_crm and crm_transparency, and no other data.
	"""
	today = getdate()
	company.set_up_site()
	with at(moment(today, FIRST_WORKDAY, 0) - timedelta(days=7), "Administrator"):
		company.create_company()
		company.create_lists()
		company.create_users()
		company.create_employees(today)
	if with_customers:
		write_customers(today)
	frappe.db.commit()
	seals.seal_new_entries()
	frappe.clear_cache()


def write_customers(today: date) -> None:
	plan = everything.make()
	history.write(plan, today)
	names = contacts.write(plan, today)
	sales.write(plan, today, names)
	conversations.write(plan, today, names)
