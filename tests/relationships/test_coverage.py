"""Who knows a customer: from mails, meetings, orders, notes and assignments, and about the customer only."""

import frappe
import pytest
from frappe.utils import add_days, now_datetime

from crm_transparency.crm_transparency import report_parts
from crm_transparency.relationships import coverage, encounters
from tests.people_and_accounts import acting_as, make_customer, make_lead, make_user


@pytest.fixture
def ana():
	return make_user("Ana")


@pytest.fixture
def ben():
	return make_user("Ben")


@pytest.fixture
def customer(ana):
	return make_customer(ana)


def known(*accounts) -> list[list[coverage.Acquaintance]]:
	found = coverage.of_accounts([(account.doctype, account.name) for account in accounts])
	return [found[account.doctype, account.name] for account in accounts]


def people(account) -> list[str]:
	return [person.user for person in known(account)[0]]


def ways(account, user: str) -> dict[str, int]:
	(person,) = [person for person in known(account)[0] if person.user == user]
	return {way.kind: way.count for way in person.ways}


def make_contact(account, email: str = "lena@harbour.example") -> str:
	contact = frappe.get_doc(doctype="Contact", first_name="Lena")
	contact.append("email_ids", {"email_id": email, "is_primary": 1})
	contact.append("links", {"link_doctype": account.doctype, "link_name": account.name})
	return contact.insert().name


def make_mail(account, sender: str, recipients: str, sent: bool = True, days_ago: int = 3, **values):
	about = {"reference_doctype": account.doctype, "reference_name": account.name} if account else {}
	mail = frappe.get_doc(
		doctype="Communication",
		communication_type="Communication",
		communication_medium="Email",
		sent_or_received="Sent" if sent else "Received",
		subject="Prices for next year",
		content="…",
		sender=sender,
		recipients=recipients,
		**{"communication_date": add_days(now_datetime(), -days_ago), **about, **values},
	)
	return mail.insert(ignore_permissions=True)


def make_event(owner: str, *participants: tuple[str, str], days_ago: int = 10):
	event = frappe.get_doc(
		doctype="Event", subject="Lunch", starts_on=add_days(now_datetime(), -days_ago), event_type="Public"
	)
	for doctype, name in participants:
		event.append("event_participants", {"reference_doctype": doctype, "reference_docname": name})
	with acting_as(owner):
		return event.insert(ignore_permissions=True)


def test_nobody_knows_a_customer_that_nobody_met(customer):
	assert known(customer) == [[]]


def test_whoever_wrote_to_a_customer_or_was_written_to_knows_it(customer, ana, ben):
	make_mail(customer, ana, "lena@harbour.example")
	make_mail(customer, "lena@harbour.example", f"Ben <{ben}>, sales@other.example", sent=False)
	assert set(people(customer)) == {ana, ben}
	assert ways(customer, ben) == {encounters.MAIL: 1}


def test_addresses_are_found_however_they_are_written(customer, ben):
	name, _at, domain = ben.partition("@")
	mail = make_mail(customer, "lena@harbour.example", ben)
	# as it comes by mail: v15 lets nobody write it
	mail.db_set("recipients", f'"Lena, sales" <lena@x.example>, Ben <{name}@{domain.upper()}>')
	make_mail(customer, "lena@harbour.example", f"lena@{domain}.harbour.example")
	assert ways(customer, ben) == {encounters.MAIL: 1}


def test_a_mail_to_a_contact_of_the_customer_counts_once_however_it_is_linked(customer, ben):
	make_contact(customer)
	# Frappe puts it onto the contact's timeline by itself, besides referring to the customer
	make_mail(customer, ben, "lena@harbour.example")
	make_mail(None, ben, "lena@harbour.example")
	assert ways(customer, ben) == {encounters.MAIL: 2}


def test_meetings_count_for_everybody_of_us_who_was_there(customer, ana, ben):
	contact = make_contact(customer)
	make_event(ana, ("Contact", contact), ("User", ben))
	assert ways(customer, ana) == ways(customer, ben) == {encounters.EVENT: 1}


def test_opportunities_count_for_customer_and_opportunity(customer, ben):
	opportunity = frappe.get_doc(
		doctype="Opportunity",
		opportunity_from="Customer",
		party_name=customer.name,
		status="Open",
		company=company(),
	).insert()
	opportunity.db_set("owner", ben)
	assert encounters.OPPORTUNITY in ways(customer, ben)
	assert people(opportunity) == people(customer)


def test_whoever_knew_the_lead_knows_the_customer_it_became(ana, ben):
	lead = make_lead(ana)
	make_mail(lead, ben, "lena@harbour.example")
	assert people(make_customer(ana, lead_name=lead.name)) == [ben]


def test_notes_and_assignments_count(customer, ana, ben):
	with acting_as(ben):
		customer.add_comment("Comment", "They want the large format again")
	frappe.get_doc(
		doctype="ToDo",
		description="Call",
		reference_type="Customer",
		reference_name=customer.name,
		allocated_to=ana,
	).insert()
	assert ways(customer, ben) == {encounters.NOTE: 1}
	assert ways(customer, ana) == {encounters.ASSIGNMENT: 1}


def test_recent_and_many_sided_beats_long_ago(customer, ana, ben):
	make_mail(customer, ana, "lena@harbour.example", days_ago=700)
	make_mail(customer, ana, "lena@harbour.example", days_ago=800)
	make_mail(customer, ben, "lena@harbour.example", days_ago=2)
	make_event(ben, ("Contact", make_contact(customer)))
	first, second = known(customer)[0]
	assert (first.user, second.user) == (ben, ana)
	assert first.strength > 3 * second.strength
	assert first.last_contact > second.last_contact
	assert "1 meeting, 1 email, last on" in first.in_words()


def test_what_is_longer_ago_than_three_years_is_forgotten(customer, ana):
	make_mail(customer, ana, "lena@harbour.example", days_ago=1200)
	assert known(customer) == [[]]


def test_whoever_left_knows_nobody(customer, ben):
	make_mail(customer, ben, "lena@harbour.example")
	frappe.db.set_value("User", ben, "enabled", 0)
	assert known(customer) == [[]]


def test_a_mailbox_that_several_share_stands_for_none_of_them(customer, ana, ben):
	for user in (ana, ben):
		row = frappe.new_doc("User Email", parent=user, parenttype="User", parentfield="user_emails")
		row.update({"email_account": "Sales", "email_id": "sales@ours.example"})
		row.db_insert()
	make_mail(customer, "sales@ours.example", "lena@harbour.example", user="Administrator")
	assert known(customer) == [[]]


def test_invented_contacts_count_nothing(customer, ben, monkeypatch):
	contact = make_contact(customer)
	mail = make_mail(None, ben, "lena@harbour.example")
	assert mail.timeline_links
	assert people(customer) == [ben]
	monkeypatch.setattr(
		report_parts, "left_out", lambda doctype: {contact} if doctype == "Contact" else set()
	)
	assert people(customer) == []


def test_many_accounts_are_answered_together(ana, ben):
	customers = [make_customer(ana) for _number in range(3)]
	make_mail(customers[1], ben, "lena@harbour.example")
	assert [[person.user for person in met] for met in known(*customers)] == [[], [ben], []]


def company() -> str:
	from tests.offboarding.people import company

	return company()
