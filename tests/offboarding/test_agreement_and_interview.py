"""Steps 1 and 2: what is on file, and the invitation with its letter."""

import email
import re
from email.message import Message
from io import BytesIO
from zoneinfo import ZoneInfo

import frappe
import pytest
from icalendar import Calendar
from pypdf import PdfWriter

from crm_transparency.offboarding import letter_texts, reaffirmation_page, step_flows, wizard_api
from crm_transparency.offboarding.letter_texts import DEFAULTS
from crm_transparency.stewardship import policies
from tests.offboarding.people import company, do, in_days, make_employee, offboarding_of, row
from tests.people_and_accounts import acting_as, make_user
from tests.stewardship.test_policies import make_policy

INTERVIEW = "Offboarding Interview"


@pytest.fixture(autouse=True)
def texts_as_they_come(connected_site):
	"""Letters as the app brings them, whatever HR has made of them."""
	frappe.db.delete(letter_texts.TEXT)
	letter_texts.add_defaults()


@pytest.fixture
def policy():
	return make_policy("<p>Customer data stays with the company.</p>")


def invite(offboarding, hanna, **values):
	values = {"starts_on": f"{in_days(5)} 10:30:00", "minutes": 30, "place": "Room 2", **values}
	return do(offboarding, "interview", hanna, action="invite", **values)


def queued(offboarding) -> list[Message]:
	mails = frappe.get_all(
		"Offboarding Mail",
		filters={"offboarding": offboarding.name},
		pluck="email_queue",
		order_by="creation, kind",
	)
	return [email.message_from_string(frappe.db.get_value("Email Queue", name, "message")) for name in mails]


def recipients(offboarding) -> list[str]:
	queue = frappe.get_all("Offboarding Mail", filters={"offboarding": offboarding.name}, pluck="email_queue")
	return frappe.get_all("Email Queue Recipient", filters={"parent": ("in", queue)}, pluck="recipient")


def parts(mail: Message) -> dict[str, Message]:
	"""Return the parts of a mail by type, of each type the first: where no PDF can be made, the letter is a page, too."""
	found: dict[str, Message] = {}
	for part in mail.walk():
		if not part.is_multipart():
			found.setdefault(part.get_content_type(), part)
	return found


def body(mail: Message) -> str:
	return parts(mail)["text/html"].get_payload(decode=True).decode()


def secret_in(mail: Message) -> str:
	return re.search(r"/reaffirmation#([\w-]+)", body(mail)).group(1)


def pdf(title: str) -> bytes:
	"""Return a PDF of one empty page: Frappe parses what is uploaded."""
	writer = PdfWriter()
	writer.add_blank_page(width=72, height=72)
	writer.add_metadata({"/Title": title})
	writer.write(file := BytesIO())
	return file.getvalue()


def upload(offboarding, content: str = "Signed by Ana", is_private: int = 1) -> str:
	return (
		frappe.get_doc(
			doctype="File",
			file_name=f"{frappe.generate_hash(length=8)}.pdf",
			content=pdf(content),
			is_private=is_private,
			attached_to_doctype="Offboarding",
			attached_to_name=offboarding.name,
		)
		.insert(ignore_permissions=True)
		.file_url
	)


def test_it_says_plainly_that_nothing_is_on_file(offboarding, hanna):
	do(offboarding, "agreement", hanna)
	step = row(offboarding, "agreement")
	assert (step.status, step.result) == ("In Progress", "No confidentiality agreement is on file.")


def test_it_says_what_was_agreed_to_and_when(offboarding, hanna, policy):
	policies.acknowledge(
		user=offboarding.user,
		employee=None,
		policy_type="Confidentiality",
		policy=policy.name,
		policy_version=1,
		text_sha256=policies.sha256(policy.text),
		signed_name="Ana",
		way=policies.IN_THE_DESK,
		acknowledged_on=frappe.utils.get_datetime("2024-03-01"),
	)
	do(offboarding, "agreement", hanna)
	result = row(offboarding, "agreement").result
	assert policy.name in result and "version 1" in result and "2024" in result


def test_an_uploaded_contract_is_put_on_file_once(offboarding, hanna):
	file = upload(offboarding)
	for _time in range(2):
		do(
			offboarding,
			"agreement",
			hanna,
			file=file,
			policy_type="Employment Agreement",
			signed_on="2020-01-02",
		)
	entries = policies.acknowledged_by(offboarding.user, None, ("Employment Agreement",))
	assert [(entry.way, entry.text_sha256) for entry in entries] == [
		("Signed paper", policies.sha256(pdf("Signed by Ana")))
	]
	assert "2020" in row(offboarding, "agreement").result


def test_files_of_others_are_no_contract(offboarding, hanna):
	other = offboarding_of(make_employee(None))
	for file in (upload(other), upload(offboarding, is_private=0)):
		with pytest.raises(frappe.ValidationError):
			do(offboarding, "agreement", hanna, file=file)


def test_hr_invites_with_one_mail_that_holds_invitation_and_letter(offboarding, hanna, policy):
	invite(offboarding, hanna)
	(mail,) = queued(offboarding)
	assert recipients(offboarding) == [offboarding.user]
	assert secret_in(mail)
	assert policy.text.strip("</p>") not in body(mail)
	interview = frappe.get_doc(INTERVIEW, offboarding.name)
	assert "Customer data stays with the company." in interview.letter_text
	assert interview.letter_sha256 == policies.sha256(interview.letter_text)
	assert frappe.db.get_value("Event", interview.event, "owner") == hanna
	assert frappe.db.exists(
		"DocShare", {"share_doctype": "Event", "share_name": interview.event, "user": offboarding.user}
	)
	assert {"text/calendar", "text/html"} <= set(parts(mail))
	letter = next(part for part in mail.walk() if str(part.get_filename()).startswith("letter."))
	assert b"Customer data stays" in letter.get_payload(decode=True) or letter.get_filename() == "letter.pdf"
	assert frappe.db.exists("File", {"attached_to_name": offboarding.name, "is_private": 1})
	assert row(offboarding, "interview").status == "In Progress"


def calendar_of(mail: Message) -> tuple[str, Calendar]:
	part = parts(mail)["text/calendar"]
	return part.get_param("method"), Calendar.from_ical(part.get_payload(decode=True))


def test_calendars_find_what_they_need_in_the_invitation(offboarding, hanna):
	invite(offboarding, hanna)
	method, calendar = calendar_of(queued(offboarding)[0])
	assert method == calendar["method"] == "REQUEST"
	(event,) = calendar.walk("VEVENT")
	here = ZoneInfo(frappe.utils.data.get_system_timezone())
	assert event["dtstart"].dt.utcoffset().total_seconds() == 0
	assert event["dtstart"].dt.astimezone(here).strftime("%Y-%m-%d %H:%M") == f"{in_days(5)} 10:30"
	assert (event["dtend"].dt - event["dtstart"].dt).total_seconds() == 30 * 60
	assert event["attendee"].lower() == f"mailto:{offboarding.user}".lower()
	assert event["attendee"].params["rsvp"] == "TRUE"
	assert event["organizer"].lower() == f"mailto:{hanna}".lower()
	assert (event["sequence"], event["status"], event["location"]) == (0, "CONFIRMED", "Room 2")
	assert event["uid"] and event["dtstamp"]


def test_inviting_twice_sends_one_mail_and_another_time_moves_the_interview(offboarding, hanna):
	invite(offboarding, hanna)
	invite(offboarding, hanna)
	assert len(queued(offboarding)) == 1
	event = frappe.db.get_value(INTERVIEW, offboarding.name, "event")
	invite(offboarding, hanna, starts_on=f"{in_days(6)} 09:00:00")
	first, second = queued(offboarding)
	(before,), (after,) = (calendar_of(mail)[1].walk("VEVENT") for mail in (first, second))
	assert before["uid"] == after["uid"]
	assert (before["sequence"], after["sequence"]) == (0, 1)
	assert frappe.db.get_value(INTERVIEW, offboarding.name, "event") == event
	assert str(frappe.db.get_value("Event", event, "starts_on")).startswith(in_days(6))


def test_the_letter_is_in_the_employees_language(offboarding, hanna):
	frappe.db.set_value("User", offboarding.user, "language", "de")
	invite(offboarding, hanna)
	interview = frappe.get_doc(INTERVIEW, offboarding.name)
	assert interview.letter_subject == DEFAULTS["de"]["Reaffirmation"][0]
	assert f"Sie verlassen {company()}" in interview.letter_text


def test_hr_changes_the_words_of_the_letter(offboarding, hanna):
	text = frappe.get_doc("Offboarding Text", {"letter": "Reaffirmation", "language": "en"})
	text.text = "<p>Dear {{ first_name }}, remember the blue folder.</p>"
	text.save()
	state = api_open(offboarding, hanna)
	assert "remember the blue folder" in state["known"]["preview"]["text"]
	invite(offboarding, hanna)
	assert "Dear Ana, remember" in frappe.db.get_value(INTERVIEW, offboarding.name, "letter_text")


def api_open(offboarding, hanna) -> dict:
	with acting_as(hanna):
		return wizard_api.open(offboarding.name, "interview")


def test_the_words_of_a_letter_cannot_ask_the_site(offboarding):
	text = frappe.get_doc("Offboarding Text", {"letter": "Reaffirmation", "language": "en"})
	for attack in (
		"{{ frappe.get_all('User') }}",
		"{% for x in employee_name %}x{% endfor %}",
		"{{ 'x' * 9 }}",
		"{% include 'templates/emails/login.html' %}",
	):
		text.text = attack
		with pytest.raises(frappe.ValidationError):
			text.save()


def test_names_put_no_lines_into_mails_and_invitations(hanna):
	name = 'Ana"\r\nBcc: all@rival.example\r\nATTENDEE:mailto:eve@rival.example'
	employee = make_employee(None, personal_email="ana@gmail.com")
	offboarding = offboarding_of(employee)
	offboarding.db_set("employee_name", name)
	frappe.db.set_value("User", hanna, "full_name", name)
	invite(offboarding, hanna, place="Room 2\r\nATTENDEE:mailto:eve@rival.example")
	(mail,) = queued(offboarding)
	assert mail["Bcc"] is None
	assert recipients(offboarding) == ["ana@gmail.com"]
	(event,) = Calendar.from_ical(parts(mail)["text/calendar"].get_payload(decode=True)).walk("VEVENT")
	assert str(event["attendee"]) == "mailto:ana@gmail.com"


def test_names_are_no_markup_in_letters(hanna):
	employee = make_employee(None, first_name="<b>Ana</b>", personal_email="ana@gmail.com")
	offboarding = offboarding_of(employee)
	invite(offboarding, hanna)
	assert "<b>Ana" not in frappe.db.get_value(INTERVIEW, offboarding.name, "letter_text")


def as_guest(function, *args):
	with acting_as("Guest"):
		return function(*args)


def test_the_employee_confirms_through_the_personal_link(offboarding, hanna, policy):
	invite(offboarding, hanna)
	secret = secret_in(queued(offboarding)[0])
	letter = as_guest(reaffirmation_page.read, secret)
	assert letter["answer"] == "Sent"
	for name in ("  Ana   Lima ", "Somebody Else"):
		as_guest(reaffirmation_page.confirm, secret, name, letter["sha256"])
	(entry,) = policies.acknowledged_by(offboarding.user, offboarding.employee, ("Confidentiality",))
	assert (entry.signed_name, entry.way, entry.text_sha256) == (
		"Ana Lima",
		"Personal link",
		letter["sha256"],
	)
	assert (entry.policy, entry.policy_version) == (policy.name, "1")
	step = row(offboarding, "interview")
	assert (step.status, step.done_by) == ("In Progress", offboarding.user)
	assert "Ana Lima confirmed the letter" in step.result
	assert frappe.db.exists("Notification Log", {"for_user": hanna, "document_name": offboarding.name})
	assert not frappe.db.exists(
		"Notification Log", {"for_user": offboarding.user, "document_type": "Offboarding"}
	)


def test_wrong_expired_and_withdrawn_links_look_the_same(offboarding, hanna):
	invite(offboarding, hanna)
	secret = secret_in(queued(offboarding)[0])
	assert as_guest(reaffirmation_page.read, "wrong") is None
	assert as_guest(reaffirmation_page.read, "") is None
	frappe.db.set_value(INTERVIEW, offboarding.name, "link_valid_until", "2020-01-01")
	assert as_guest(reaffirmation_page.read, secret) is None
	assert as_guest(reaffirmation_page.confirm, secret, "Ana", "x") is None
	frappe.db.set_value(INTERVIEW, offboarding.name, "link_valid_until", in_days(3))
	assert as_guest(reaffirmation_page.read, secret)
	frappe.db.set_value("Offboarding", offboarding.name, "status", "Cancelled")
	assert as_guest(reaffirmation_page.read, secret) is None


def test_the_secret_is_nowhere_in_the_interview(offboarding, hanna):
	invite(offboarding, hanna)
	secret = secret_in(queued(offboarding)[0])
	assert secret not in frappe.get_doc(INTERVIEW, offboarding.name).as_json()


def test_the_letter_is_confirmed_with_a_name_and_as_it_was_shown(offboarding, hanna):
	invite(offboarding, hanna)
	secret = secret_in(queued(offboarding)[0])
	letter = as_guest(reaffirmation_page.read, secret)
	for name, sha256 in ((" ", letter["sha256"]), ("Ana", "0" * 64)):
		with pytest.raises(frappe.ValidationError):
			as_guest(reaffirmation_page.confirm, secret, name, sha256)


def test_hr_uploads_the_signed_paper(offboarding, hanna):
	invite(offboarding, hanna)
	file = upload(offboarding, "The letter, signed")
	for _time in range(2):
		do(offboarding, "interview", hanna, action="signed_paper", file=file)
	do(offboarding, "interview", hanna, action="held")
	assert row(offboarding, "interview").status == "Done"
	assert len(policies.acknowledged_by(offboarding.user, None, ("Confidentiality",))) == 1


def test_declining_to_sign_is_allowed(offboarding, hanna):
	invite(offboarding, hanna)
	do(offboarding, "interview", hanna, action="declined", note="Wants to ask a lawyer first")
	assert row(offboarding, "interview").status == "In Progress"
	do(offboarding, "interview", hanna, action="held")
	step = row(offboarding, "interview")
	assert (step.status, "declined" in step.result) == ("Done", True)
	assert policies.acknowledged_by(offboarding.user, None, ("Confidentiality",)) == []


def test_a_thank_you_is_sent_once(offboarding, hanna):
	invite(offboarding, hanna)
	for _time in range(2):
		do(offboarding, "interview", hanna, action="thank")
	assert len(queued(offboarding)) == 2
	assert "Thank you for what you did here" in body(queued(offboarding)[1])


def test_without_an_address_it_says_what_is_missing(hanna):
	offboarding = offboarding_of(make_employee(None))
	with pytest.raises(frappe.ValidationError, match="mail address"):
		invite(offboarding, hanna)


def test_an_employee_without_a_user_is_invited_privately(hanna):
	offboarding = offboarding_of(make_employee(None, personal_email="ana@gmail.com"))
	invite(offboarding, hanna)
	assert recipients(offboarding) == ["ana@gmail.com"]


def test_a_moment_that_is_past_is_refused(offboarding, hanna):
	with pytest.raises(frappe.ValidationError, match="past"):
		invite(offboarding, hanna, starts_on=f"{in_days(-1)} 10:00:00")


def test_cancelling_takes_the_interview_back_and_lists_what_stays(offboarding, hanna):
	invite(offboarding, hanna)
	secret = secret_in(queued(offboarding)[0])
	with acting_as(hanna):
		stays = wizard_api.cancel(offboarding.name, "She stays")
		assert wizard_api.cancel(offboarding.name, "Again") == stays
	assert stays == ["The confidentiality letter was sent."]
	interview = frappe.get_doc(INTERVIEW, offboarding.name)
	assert frappe.db.get_value("Event", interview.event, "status") == "Cancelled"
	method, calendar = calendar_of(queued(offboarding)[-1])
	assert method == "CANCEL" and calendar.walk("VEVENT")[0]["sequence"] == 1
	assert as_guest(reaffirmation_page.read, secret) is None
	with acting_as(hanna), pytest.raises(frappe.ValidationError):
		wizard_api.run(offboarding.name, "agreement")


# two of HR at once


def test_of_two_who_invite_at_once_the_first_wins(offboarding, hanna):
	"""Each has the page open as it was before the other clicked."""
	olga = make_user("Olga", "Offboarding Manager")
	invite(offboarding, hanna)
	arguments = {"action": "invite", "starts_on": f"{in_days(6)} 09:00:00", "interviewer": olga}
	with acting_as(olga):
		state = wizard_api.run(offboarding.name, "interview", arguments, seen="")
	assert "Somebody has just worked on this step." in frappe.message_log[-1]["message"]
	assert (state["known"]["interviewer"], str(state["known"]["starts_on"])) == (
		hanna,
		f"{in_days(5)} 10:30:00",
	)
	# without a page, for the same time
	invite(offboarding, olga)
	assert len(queued(offboarding)) == 1
	with acting_as(olga):
		wizard_api.run(
			offboarding.name, "interview", arguments, seen=str(row(offboarding, "interview").done_on)
		)
	assert len(queued(offboarding)) == 2


def test_what_was_done_meanwhile_is_neither_skipped_nor_reopened(offboarding, hanna):
	olga = make_user("Olga", "Offboarding Manager")
	with acting_as(hanna):
		wizard_api.skip(offboarding.name, "review", "She worked here for a week")
	with acting_as(olga):
		wizard_api.skip(offboarding.name, "review", "Not needed", seen="")
		wizard_api.reopen(offboarding.name, "review", seen="")
	assert (row(offboarding, "review").status, row(offboarding, "review").done_by) == ("Skipped", hanna)


def test_a_cancelled_one_does_not_say_that_its_invitation_could_not_be_sent(offboarding, hanna):
	invite(offboarding, hanna)
	with acting_as(hanna):
		wizard_api.cancel(offboarding.name, "She stays")
		state = wizard_api.open(offboarding.name, "interview")
	assert state["known"]["is_mailed"] is True
	assert (
		"couldn't be emailed" not in (next(r for r in state["steps"] if r["step"] == "interview")["result"])
	)


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_letter_speaks_of_an_agreement_only_if_one_is_on_file(offboarding, hanna, language):
	frappe.db.set_value("User", offboarding.user, "language", language)
	words = {"en": "It changes nothing", "de": "Er ändert nichts"}[language]
	assert words not in api_open(offboarding, hanna)["known"]["preview"]["text"]
	do(offboarding, "agreement", hanna, file=upload(offboarding), signed_on="2020-01-02")
	text = api_open(offboarding, hanna)["known"]["preview"]["text"]
	assert words in text and "2020" in text


def test_letters_that_nobody_changed_are_replaced_on_an_old_site(monkeypatch):
	from crm_transparency.patches import say_in_letters_what_is_on_file as patch

	former, own = "<p>As it was</p>", "<p>Our own words</p>"
	monkeypatch.setattr(patch, "FORMER", {("en", "Reaffirmation"): policies.sha256(former)})
	text = frappe.get_doc("Offboarding Text", {"letter": "Reaffirmation", "language": "en"})
	for before, after in ((own, own), (former, DEFAULTS["en"]["Reaffirmation"][1])):
		text.db_set("text", before)
		for _time in range(2):
			patch.execute()
		assert text.reload().text == after


def mail_state(offboarding, kind: str, **queue) -> None:
	name = frappe.db.get_value(
		"Offboarding Mail", {"offboarding": offboarding.name, "kind": kind}, "email_queue"
	)
	frappe.db.set_value("Email Queue", name, queue)
	step_flows.follow()


def test_the_record_follows_the_mail_queue(offboarding, hanna, monkeypatch):
	monkeypatch.setattr(frappe.db, "commit", lambda *args, **options: None)
	state = invite(offboarding, hanna)
	assert state["known"]["letter_status"] == "Queued"
	assert "The letter is queued" in row(offboarding, "interview").result
	refused = "Traceback\n  line 1\nSMTPRecipientsRefused: no such mailbox"
	mail_state(offboarding, "invitation 1", status="Error", error=refused)
	result = row(offboarding, "interview").result
	assert "couldn't be sent: SMTPRecipientsRefused: no such mailbox" in result and "was sent" not in result
	frappe.db.set_value("Offboarding Mail", {"offboarding": offboarding.name}, "status", "Queued")
	mail_state(offboarding, "invitation 1", status="Sent")
	assert "The letter was sent and hasn't been confirmed yet." in row(offboarding, "interview").result
	mail = frappe.get_doc("Offboarding Mail", {"offboarding": offboarding.name})
	assert (mail.status, mail.error) == ("Sent", None)
	# Frappe empties its queue after some weeks
	frappe.db.delete("Email Queue", {"name": mail.email_queue})
	assert api_open(offboarding, hanna)["known"]["letter_status"] == "Sent"


def test_a_farewell_note_in_the_queue_is_not_called_sent(offboarding, mona, hanna, monkeypatch):
	monkeypatch.setattr(frappe.db, "commit", lambda *args, **options: None)
	do(offboarding, "ending", by=hanna, action="farewell")
	assert "Queued emails: 1." in row(offboarding, "ending").result
	mail_state(offboarding, f"farewell note to {mona}", status="Error", error="no route")
	assert f"The email to {mona} couldn't be sent: no route" in row(offboarding, "ending").result
