"""An address that is none, or anything else that keeps one mail from being sent: the rest goes on, and it says whom to tell."""

import frappe
import pytest

from crm_transparency.crm_transparency import mail
from crm_transparency.crm_transparency.exceptions import MailNotQueued, NoMailAddress
from crm_transparency.offboarding import introduction_drafts, introduction_sending, plan_grid, step_flows
from crm_transparency.offboarding.exceptions import MailNotSent
from crm_transparency.offboarding.offboarding_records import INTERVIEW
from tests.handover.leaving import computed, key_customer, letters, row_of
from tests.handover.test_transfer import transferred
from tests.offboarding.people import do, make_employee, row
from tests.offboarding.test_agreement_and_interview import invite
from tests.people_and_accounts import acting_as, full_name, make_customer

NO_ADDRESS = "mona at ours"


@pytest.fixture
def kept(monkeypatch) -> None:
	"""What commits by itself goes back to its last commit only, and all of it is gone after the test."""
	rollback = frappe.db.rollback
	monkeypatch.setattr(frappe.db, "commit", lambda: frappe.db.savepoint("kept"))
	monkeypatch.setattr(frappe.db, "rollback", lambda save_point="kept": rollback(save_point=save_point))


@pytest.fixture
def refusing(monkeypatch):
	"""Have something that another app does with mails fail for one address."""
	sendmail = frappe.sendmail

	def refuse(address: str) -> None:
		def send(**mail):
			if address in mail["recipients"]:
				raise KeyError(address)
			return sendmail(**mail)

		monkeypatch.setattr(frappe, "sendmail", send)

	return refuse


def unreachable(user: str) -> str:
	"""Give a user an address that an import may have brought, and no form would take."""
	frappe.db.set_value("User", user, "email", NO_ADDRESS)
	return user


def mailed(offboarding) -> list[str]:
	rows = frappe.get_all("Offboarding Mail", filters={"offboarding": offboarding.name}, fields=["*"])
	assert all(frappe.db.exists("Email Queue", row.email_queue) for row in rows)
	return sorted(row.recipient for row in rows)


def test_the_interview_is_arranged_all_the_same(offboarding, ana, hanna):
	unreachable(ana)
	frappe.clear_messages()
	state = invite(offboarding, hanna)
	assert state["known"]["is_mailed"] is False
	assert "couldn't be emailed. Please tell Ana" in row(offboarding, "interview").result
	assert frappe.db.get_value(INTERVIEW, offboarding.name, "event")
	assert mailed(offboarding) == [] and frappe.local.message_log == []
	frappe.db.set_value("User", ana, "email", ana)
	invite(offboarding, hanna)
	assert mailed(offboarding) == [ana]


def test_cancelling_says_whom_to_tell(offboarding, ana, hanna):
	invite(offboarding, hanna)
	unreachable(ana)
	with acting_as(hanna):
		stays = step_flows.cancel(offboarding, "She stays")
	assert any("couldn't be cancelled by email. Please tell Ana" in sentence for sentence in stays)


def test_a_mail_that_is_the_point_is_refused_in_plain_words(offboarding, ana, hanna):
	invite(offboarding, hanna)
	unreachable(ana)
	with pytest.raises(MailNotSent, match="An email address isn't valid"):
		do(offboarding, "interview", by=hanna, action="thank")


@pytest.mark.parametrize("why", ["no address", "another app"])
def test_the_other_successors_are_told(why, offboarding, ana, ben, mona, hanna, refusing):
	accounts = [make_customer(ana), make_customer(ana)]
	computed(offboarding)
	with acting_as(hanna):
		plan_grid.change(offboarding.name, names=[row_of(offboarding, accounts[0]).name], successor=ben)
		plan_grid.change(offboarding.name, names=[row_of(offboarding, accounts[1]).name], successor=mona)
	unreachable(mona) if why == "no address" else refusing(mona)
	transferred(offboarding, hanna)
	do(offboarding, "transfer", by=hanna)
	assert mailed(offboarding) == [ben]
	transfer = row(offboarding, "transfer")
	assert (
		transfer.status == "Done" and f"Couldn't be notified by email: {full_name(mona)}." in transfer.result
	)


@pytest.mark.parametrize("why", ["no address", "another app"])
def test_the_others_of_the_team_get_the_farewell_note(why, offboarding, ben, mona, hanna, refusing):
	make_employee(ben, "Ben", reports_to=frappe.db.get_value("Employee", {"user_id": mona}))
	unreachable(mona) if why == "no address" else refusing(mona)
	do(offboarding, "ending", by=hanna, action="farewell")
	assert mailed(offboarding) == [ben]
	assert (
		f"It couldn't be emailed to {full_name(mona)}. Please tell them." in row(offboarding, "ending").result
	)
	frappe.db.set_value("User", mona, "email", f"new.{mona}")
	do(offboarding, "ending", by=hanna, action="farewell")
	assert mailed(offboarding) == sorted([ben, f"new.{mona}"])
	assert "couldn't be emailed" not in row(offboarding, "ending").result


def test_a_farewell_note_that_reaches_nobody_was_not_sent(offboarding, mona, hanna):
	unreachable(mona)
	with pytest.raises(MailNotSent, match=r"reached nobody.*Mona"):
		do(offboarding, "ending", by=hanna, action="farewell")


@pytest.fixture
def approved(offboarding, ana, ben, hanna):
	"""Two letters that may go, the first of them to Lena."""
	for title, address in (("Anchor Books", "lena@harbour.example"), ("Buoy Books", "max@harbour.example")):
		key_customer(ana, address, title=title)
	document = computed(offboarding)
	with acting_as(hanna):
		plan_grid.change(offboarding.name, filters={}, successor=ben)
	introduction_drafts.draft(document)
	for letter in letters(offboarding):
		introduction_drafts.approve(letter.name)
	document.db_set({"is_sending": 1, "letters_per_hour": 60})
	return letters(offboarding)


def test_a_letter_to_an_address_that_is_none_makes_room_for_the_next(offboarding, approved, hanna, kept):
	frappe.db.set_value("Handover Introduction", approved[0].name, "email", "lena at harbour")
	introduction_sending.send_due_of(offboarding.name)
	first, second = letters(offboarding)
	assert (first.status, second.status) == ("No Address", "Sent")
	assert "isn't valid" in first.note
	do(offboarding, "introductions", by=hanna, action="stop")
	result = row(offboarding, "introductions").result
	assert f"No valid email address: {first.account_title}. Please introduce" in result


def test_a_letter_that_cannot_be_queued_waits_for_somebody_and_makes_room_for_the_next(
	offboarding, approved, refusing, kept
):
	refusing("lena@harbour.example")
	introduction_sending.send_due_of(offboarding.name)
	first, second = letters(offboarding)
	assert (first.status, second.status) == ("Draft", "Sent")
	assert "The email wasn't sent" in first.note and "KeyError" in first.note
	assert frappe.db.count("Communication", {"recipients": "lena@harbour.example"}) == 0


def test_what_is_told_of_a_failure_names_nobody(mona, monkeypatch):
	logged = []
	monkeypatch.setattr(frappe, "log_error", lambda *words, **options: logged.append(" ".join(words)))

	def fail(**mail):
		raise ValueError(f"{mail['recipients']} is told {mail['message']}")

	monkeypatch.setattr(frappe, "sendmail", fail)
	with pytest.raises(MailNotQueued, match=r"went wrong \(ValueError\)") as refused:
		mail.queue(recipients=[mona], subject="x", message="a secret")
	assert not mail.send_to_user(mona, "a secret", ["Heading", "blue"], "https://ours.example")
	assert len(logged) == 3
	assert not any(word in f"{logged} {refused.value}" for word in (mona, "a secret"))


def test_an_address_that_is_none_is_not_taken_for_sent(mona):
	frappe.clear_messages()
	for recipients in ([mona, NO_ADDRESS], NO_ADDRESS, f"{mona}, {NO_ADDRESS}"):
		with pytest.raises(NoMailAddress):
			mail.queue(recipients=recipients, subject="x", message="x")
	assert not mail.send_to_user(unreachable(mona), "x", ["Heading", "blue"], "https://ours.example")
	assert frappe.local.message_log == []


def test_an_interruption_passes(mona, monkeypatch):
	"""The whole transaction starts over then: there is nothing left of it to go on with."""

	def deadlock(**mail):
		raise frappe.QueryDeadlockError

	monkeypatch.setattr(frappe, "sendmail", deadlock)
	with pytest.raises(frappe.QueryDeadlockError):
		mail.queue(recipients=[mona], subject="x", message="x")


def test_who_unsubscribed_counts_as_not_told(offboarding, ana, hanna):
	frappe.get_doc(doctype="Email Unsubscribe", email=ana, global_unsubscribe=1).insert()
	invite(offboarding, hanna)
	assert mailed(offboarding) == []
	assert "Please tell Ana" in row(offboarding, "interview").result


def test_why_somebody_was_not_told_by_mail_stands_in_the_error_log_and_names_nobody(mona, monkeypatch):
	secret = "ring" * 3

	def no_account(**mail):
		raise frappe.OutgoingEmailError(f"No account for {mail['recipients']}, {secret}")

	def fails(**mail):
		raise KeyError(f"{mail['recipients']}, {secret}")

	logged = []
	monkeypatch.setattr(frappe, "log_error", lambda *words, **options: logged.append(words))
	for sendmail, error in ((no_account, "OutgoingEmailError"), (fails, "KeyError")):
		monkeypatch.setattr(frappe, "sendmail", sendmail)
		assert not mail.send_to_user(mona, secret, ["Heading", "blue"], "https://ours.example")
		_title, text = logged[-1]
		assert error in text and f"in {sendmail.__name__}" in text and "mail.py" in text
		assert mona not in text and secret not in text
