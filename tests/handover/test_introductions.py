"""Introductions: worded, approved, sent at a pace and never twice, and answered."""

import email

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime
from icalendar import Calendar

from crm_transparency.offboarding import (
	handover_api,
	introduction_drafts,
	introduction_sending,
	letter_texts,
	plan_grid,
	plan_rows,
)
from crm_transparency.offboarding.exceptions import StepNotPossible, WrongMoment
from tests.handover.leaving import computed, key_customer, letters, row_of
from tests.offboarding.people import do
from tests.people_and_accounts import acting_as, full_name, make_customer
from tests.relationships.test_coverage import make_mail


@pytest.fixture
def customer(ana):
	return key_customer(ana, "lena@harbour.example")


@pytest.fixture
def drafted(offboarding, customer, ana, ben, hanna, mail_account):
	document = computed(offboarding)
	with acting_as(hanna):
		plan_grid.change(offboarding.name, filters={}, successor=ben)
	do(offboarding, "introductions", by=hanna)
	return document.reload() or document


def approved(offboarding, by: str) -> list[str]:
	names = [letter.name for letter in letters(offboarding, status="Draft")]
	with acting_as(by):
		handover_api.approve_introductions(names)
	return names


def queued(offboarding) -> list[frappe._dict]:
	"""Return the mails in Frappe's queue that belong to the offboarding."""
	names = frappe.get_all(
		"Offboarding Mail",
		filters={"offboarding": offboarding.name, "kind": ("like", "introduction %")},
		pluck="email_queue",
	)
	return [frappe.get_doc("Email Queue", name) for name in names]


def send_all(offboarding) -> int:
	return sum(introduction_sending.send(name) for name in [letter.name for letter in letters(offboarding)])


def test_key_accounts_with_successor_get_a_letter(offboarding, drafted, customer, ana, ben):
	(letter,) = letters(offboarding)
	assert (letter.reference_name, letter.email, letter.status) == (
		customer.name,
		"lena@harbour.example",
		"Draft",
	)
	assert letter.subject.startswith("Ben will be your contact at")
	assert "Dear Lena Ortiz," in letter.message and ben in letter.message


def test_an_account_without_address_says_so(offboarding, drafted, ana, ben, hanna):
	nobody = key_customer(ana)
	computed(offboarding)
	do(offboarding, "introductions", by=hanna)
	(letter,) = letters(offboarding, reference_name=nobody.name)
	assert letter.status == "No Address" and "no email address" in letter.note
	with acting_as(hanna):
		assert handover_api.approve_introductions([letter.name]) == 0


def test_leads_are_written_to_by_their_own_address(offboarding, drafted, ana, hanna):
	from tests.people_and_accounts import make_lead

	lead = make_lead(ana, email_id="max@lighthouse.example")
	computed(offboarding)
	with acting_as(hanna):
		plan_grid.change(offboarding.name, names=[row_of(offboarding, lead).name], is_key_account=True)
	do(offboarding, "introductions", by=hanna)
	(letter,) = letters(offboarding, reference_name=lead.name)
	assert letter.email == "max@lighthouse.example" and "Dear Lena" in letter.message


def test_two_accounts_of_one_person_get_one_letter(offboarding, drafted, ana, hanna):
	second = key_customer(ana, "lena@harbour.example", worth=10)
	computed(offboarding)
	do(offboarding, "introductions", by=hanna)
	(letter,) = letters(offboarding, reference_name=second.name)
	assert letter.status == "Skipped" and "same address" in letter.note


def test_approved_letters_go_once(offboarding, drafted, hanna, ana, ben):
	do(offboarding, "introductions", by=hanna, action="send")
	assert send_all(offboarding) == 0
	approved(offboarding, hanna)
	assert send_all(offboarding) == 1
	assert send_all(offboarding) == 0
	(mail,) = queued(offboarding)
	assert {row.recipient for row in mail.recipients} == {"lena@harbour.example", ben}
	assert ana in mail.sender
	(letter,) = letters(offboarding)
	assert letter.status == "Sent" and letter.sent_on
	communication = frappe.get_doc("Communication", letter.communication)
	assert (communication.sender, communication.sent_or_received) == (ana, "Sent")
	assert communication.reference_name == letter.reference_name


def test_a_leaver_whose_name_has_a_comma_writes_letters_too(offboarding, drafted, hanna, ana):
	frappe.db.set_value("User", ana, "full_name", "Lima, Ana")
	do(offboarding, "introductions", by=hanna, action="send")
	approved(offboarding, hanna)
	assert send_all(offboarding) == 1
	(mail,) = queued(offboarding)
	assert "Lima Ana" in mail.sender and ana in mail.sender


def test_a_letter_that_was_lost_from_the_plan_is_not_sent_a_second_time(offboarding, drafted, hanna):
	"""Even if somebody deletes the introduction in the database, and drafts it anew."""
	do(offboarding, "introductions", by=hanna, action="send")
	approved(offboarding, hanna)
	send_all(offboarding)
	frappe.db.delete("Handover Introduction", {"offboarding": offboarding.name})
	do(offboarding, "introductions", by=hanna)
	approved(offboarding, hanna)
	send_all(offboarding)
	assert len(queued(offboarding)) == 1


def test_nothing_goes_before_somebody_lets_it_or_after_somebody_stopped(offboarding, drafted, hanna):
	approved(offboarding, hanna)
	assert send_all(offboarding) == 0
	do(offboarding, "introductions", by=hanna, action="send")
	do(offboarding, "introductions", by=hanna, action="stop")
	assert send_all(offboarding) == 0


def test_nothing_goes_when_the_leaver_stays(offboarding, drafted, hanna):
	from crm_transparency.offboarding import wizard_api

	do(offboarding, "introductions", by=hanna, action="send")
	approved(offboarding, hanna)
	with acting_as(hanna):
		wizard_api.cancel(offboarding.name, "Ana stays")
	plan_rows.of_offboarding(offboarding.name).db_set("is_sending", 1)
	assert send_all(offboarding) == 0


def test_letters_go_at_the_pace_that_is_set(offboarding, drafted, ana, ben, hanna):
	for number in range(4):
		key_customer(ana, f"reader{number}@harbour.example")
	computed(offboarding)
	with acting_as(hanna):
		plan_grid.change(offboarding.name, filters={}, successor=ben)
	do(offboarding, "introductions", by=hanna)
	approved(offboarding, hanna)
	document = plan_rows.of_offboarding(offboarding.name)
	introduction_sending.start_sending(document, 12)
	first = introduction_sending.due(document)
	assert len(first) == 2
	for name in first:
		introduction_sending.send(name)
	introduction_sending.start_sending(document, 3)
	assert len(introduction_sending.due(document)) == 1
	introduction_sending.start_sending(document, 2)
	assert introduction_sending.due(document) == []
	frappe.db.set_value(
		"Handover Introduction", {"status": "Sent"}, "sent_on", add_to_date(now_datetime(), hours=-2)
	)
	assert len(introduction_sending.due(document)) == 1


def test_worded_by_hand_stays_until_thrown_away(offboarding, drafted, hanna, ana):
	(letter,) = letters(offboarding)
	with acting_as(ana):
		handover_api.edit_introduction(
			letter.name, "Hello <b>Lena</b>", "<p>Thank you!</p><script>alert(1)</script>"
		)
	do(offboarding, "introductions", by=hanna)
	(letter,) = letters(offboarding)
	assert (letter.subject, letter.is_edited) == ("Hello Lena", 1)
	assert "Thank you!" in letter.message and "<script" not in letter.message
	with acting_as(ana):
		handover_api.reset_introduction(letter.name)
	assert "Dear Lena Ortiz," in letters(offboarding)[0].message


def test_other_words_need_another_approval(offboarding, drafted, hanna, ana):
	(name,) = approved(offboarding, ana)
	with acting_as(hanna):
		handover_api.edit_introduction(name, "Other", "<p>Words</p>")
	assert letters(offboarding)[0].status == "Draft"


def test_another_successor_needs_another_approval(offboarding, drafted, customer, hanna, mona):
	approved(offboarding, hanna)
	with acting_as(hanna):
		plan_grid.change(offboarding.name, filters={}, successor=mona)
	do(offboarding, "introductions", by=hanna)
	(letter,) = letters(offboarding)
	assert (letter.status, letter.successor) == ("Draft", mona)
	assert "Mona" in letter.message


def test_what_was_sent_cannot_be_changed_or_deleted(offboarding, drafted, hanna):
	do(offboarding, "introductions", by=hanna, action="send")
	(name,) = approved(offboarding, hanna)
	send_all(offboarding)
	with acting_as(hanna), pytest.raises(WrongMoment):
		handover_api.edit_introduction(name, "x", "y")
	with pytest.raises(frappe.ValidationError):
		frappe.delete_doc("Handover Introduction", name)


def test_no_longer_a_key_account_no_longer_a_letter(offboarding, drafted, customer, hanna):
	with acting_as(hanna):
		plan_grid.change(offboarding.name, filters={}, is_key_account=False)
	do(offboarding, "introductions", by=hanna)
	assert letters(offboarding) == []


def test_templates_know_a_few_names_and_nothing_else(offboarding, drafted, ana, hanna):
	with acting_as(hanna):
		handover_api.edit_template(
			offboarding.name, "From {{ leaver.full_name }}", "<p>{{ customer }}</p>", "Jointly"
		)
		assert letters(offboarding)[0].subject == f"From {full_name(ana)}"
		for attack in (
			"{{ frappe.get_all('User') }}",
			"{{ contact.__class__.__mro__ }}",
			"{{ ''.__class__.__base__.__subclasses__() }}",
			"{% for x in range(9) %}x{% endfor %}",
			"{% include 'templates/emails/login.html' %}",
			"{{ contact",
			"{{ 'x' * 'y' }}",
			"{{ 'x' * 999999999 }}",
			"{{ customer|center(999999999) }}",
			"{%\nfor x in customer %}x{% endfor %}",
			"{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
			"{{ customer.format(1) }}",
			"{% set x = 1 %}",
		):
			with pytest.raises(StepNotPossible):
				handover_api.edit_template(offboarding.name, "Hello", attack)


def test_names_of_customers_are_no_markup(offboarding, ana, ben, hanna):
	values = {"customer": "<img src=x onerror=alert(1)>"}
	assert letter_texts.fill_in("{{ customer }}", values) == "&lt;img src=x onerror=alert(1)&gt;"


def test_names_put_no_lines_into_letters_and_invitations(offboarding, drafted, customer, hanna, ana):
	attack = "\r\nBcc: all@rival.example\r\nATTENDEE:mailto:eve@rival.example"
	frappe.db.set_value("User", ana, "full_name", f'Ana"{attack}')
	customer.db_set("customer_name", f"Harbour{attack}")
	contact = frappe.get_all("Contact Email", filters={"email_id": "lena@harbour.example"}, pluck="parent")[0]
	frappe.db.set_value("Contact", contact, "first_name", f"Lena{attack}")
	with acting_as(hanna):
		handover_api.edit_template(
			offboarding.name, "{{ customer }} and {{ contact.full_name }}", "<p>Hello</p>"
		)
		(letter,) = letters(offboarding)
		handover_api.invite_instead(letter.name, str(add_to_date(now_datetime(), days=3)))
	approved(offboarding, hanna)
	do(offboarding, "introductions", by=hanna, action="send")
	assert send_all(offboarding) == 1
	(mail,) = queued(offboarding)
	assert not any("rival" in recipient.recipient for recipient in mail.recipients)
	message = email.message_from_string(mail.message)
	assert message["Bcc"] is None and "\n" not in message["Subject"]
	(invitation,) = (part for part in message.walk() if part.get_content_type() == "text/calendar")
	(event,) = Calendar.from_ical(invitation.get_payload(decode=True)).walk("VEVENT")
	assert not any("eve@" in str(attendee) for attendee in event["attendee"])


def test_an_answer_is_seen(offboarding, drafted, customer, hanna):
	do(offboarding, "introductions", by=hanna, action="send")
	approved(offboarding, hanna)
	send_all(offboarding)
	assert introduction_sending.find_replies(offboarding.name) == 0
	answer = make_mail(
		None,
		"Lena@harbour.example",
		"crm@ours.example",
		sent=False,
		days_ago=0,
		communication_date=add_to_date(now_datetime(), minutes=5),
	)
	with acting_as(hanna):
		handover_api.list_introductions(offboarding.name)
	(letter,) = letters(offboarding)
	assert (letter.status, letter.reply) == ("Replied", answer.name)
	assert send_all(offboarding) == 0


def test_a_meeting_is_an_event_and_an_invitation(offboarding, drafted, hanna, ana, ben):
	(letter,) = letters(offboarding)
	moment = add_to_date(now_datetime(), days=3)
	with acting_as(hanna):
		with pytest.raises(frappe.ValidationError):
			handover_api.invite_instead(letter.name, str(add_to_date(now_datetime(), days=-1)))
		handover_api.invite_instead(letter.name, str(moment), 45)
	do(offboarding, "introductions", by=hanna, action="send")
	approved(offboarding, hanna)
	send_all(offboarding)
	(letter,) = letters(offboarding)
	event = frappe.get_doc("Event", letter.event)
	assert {row.reference_docname for row in event.event_participants} >= {ana, ben}
	(mail,) = queued(offboarding)
	assert "text/calendar" in mail.message or "invite.ics" in mail.message


def test_cancelling_lists_who_was_written_to(offboarding, drafted, hanna):
	from crm_transparency.offboarding import wizard_api

	do(offboarding, "introductions", by=hanna, action="send")
	approved(offboarding, hanna)
	send_all(offboarding)
	with acting_as(hanna):
		not_undone = wizard_api.cancel(offboarding.name, "Ana stays")
	assert any("lena@harbour.example" in sentence for sentence in not_undone)


def test_no_letters_without_a_plan(offboarding, hanna):
	with pytest.raises(StepNotPossible):
		do(offboarding, "introductions", by=hanna)


def test_somebody_without_user_has_nothing_to_hand_over(hanna):
	from tests.offboarding.people import make_employee, offboarding_of

	offboarding = offboarding_of(make_employee(None, "Nina"))
	state = do(offboarding, "handover_plan", by=hanna)
	assert state["known"] == {"has_user": False}
	do(offboarding, "transfer", by=hanna)


def test_an_account_in_the_plan_without_contacts_is_no_obstacle(offboarding, ana, hanna):
	make_customer(ana)
	computed(offboarding)
	do(offboarding, "introductions", by=hanna)
	assert introduction_drafts.all_of(offboarding.name) == []


def test_the_leaver_is_asked_once_until_they_looked(offboarding, drafted, hanna, ana):
	for _time in range(2):
		do(offboarding, "introductions", by=hanna, action="ask")
	told = {"for_user": ana, "document_type": "Handover Introduction"}
	assert frappe.db.count("Notification Log", told) == 1
	with acting_as(ana):
		assert [row.status for row in handover_api.list_introductions(offboarding.name)["introductions"]] == [
			"Draft"
		]
		assert handover_api.list_introductions(offboarding.name)["may_send"] is False
