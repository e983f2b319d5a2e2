"""A site that can't send mails: people's work goes on, and it says whom to tell."""

import frappe
import pytest

from crm_transparency.crm_transparency import mail
from crm_transparency.offboarding import (
	introduction_drafts,
	introduction_sending,
	plan_grid,
	step_flows,
	transfer_step,
)
from crm_transparency.offboarding.exceptions import MailNotSent
from crm_transparency.offboarding.offboarding_records import INTERVIEW
from crm_transparency.ownership import changes
from tests.handover.leaving import computed, key_customer, letters
from tests.handover.test_transfer import transferred
from tests.offboarding.people import do, row
from tests.offboarding.test_agreement_and_interview import invite
from tests.people_and_accounts import acting_as, history, make_customer


class Outage:
	"""Outgoing mail as it is without an account for it: Frappe shows a message and raises."""

	def __init__(self, monkeypatch):
		self.monkeypatch, self.sendmail = monkeypatch, frappe.sendmail
		monkeypatch.setattr(frappe, "sendmail", self.refuse)

	def refuse(self, **_mail):
		frappe.throw("Please setup default outgoing Email Account", frappe.OutgoingEmailError)

	def end(self) -> None:
		self.monkeypatch.setattr(frappe, "sendmail", self.sendmail)


@pytest.fixture
def outage(monkeypatch) -> Outage:
	frappe.clear_messages()
	return Outage(monkeypatch)


def mails_of(offboarding) -> list[str]:
	return frappe.get_all("Offboarding Mail", filters={"offboarding": offboarding.name}, pluck="kind")


def test_the_interview_is_arranged_and_the_letter_can_be_handed_over(offboarding, hanna, outage):
	state = invite(offboarding, hanna)
	assert state["known"]["is_mailed"] is False
	assert "The invitation couldn't be emailed. Please tell Ana" in row(offboarding, "interview").result
	assert frappe.db.get_value(INTERVIEW, offboarding.name, "event")
	assert frappe.get_all("File", filters={"attached_to_name": offboarding.name})
	assert mails_of(offboarding) == [] and frappe.local.message_log == []
	do(offboarding, "interview", by=hanna, action="declined")
	assert "the signature was declined" in row(offboarding, "interview").result


def test_the_same_invitation_goes_out_once_mails_can_be_sent(offboarding, hanna, outage):
	invite(offboarding, hanna)
	outage.end()
	invite(offboarding, hanna)
	state = invite(offboarding, hanna)
	assert len(mails_of(offboarding)) == 1 and state["known"]["is_mailed"]
	assert "hasn't been confirmed yet" in row(offboarding, "interview").result


def test_a_mail_that_is_the_point_is_refused_in_plain_words_and_can_be_sent_later(offboarding, hanna, outage):
	invite(offboarding, hanna)
	for step, action in (("interview", "thank"), ("ending", "farewell")):
		with pytest.raises(MailNotSent, match="This site has no outgoing email account"):
			do(offboarding, step, by=hanna, action=action)
	outage.end()
	do(offboarding, "interview", by=hanna, action="thank")
	assert mails_of(offboarding) == ["thank you"]


def test_cancelling_says_whom_to_tell(offboarding, hanna, monkeypatch):
	invite(offboarding, hanna)
	Outage(monkeypatch)
	with acting_as(hanna):
		stays = step_flows.cancel(offboarding, "She stays")
	assert any("couldn't be cancelled by email. Please tell Ana" in sentence for sentence in stays)
	assert frappe.db.get_value("Offboarding", offboarding.name, "status") == "Cancelled"


def test_somebody_never_invited_is_not_called_off(offboarding, hanna, outage):
	invite(offboarding, hanna)
	with acting_as(hanna):
		assert step_flows.cancel(offboarding, "She stays") == []


def test_accounts_move_and_the_result_says_who_was_not_told(
	offboarding, ana, ben, hanna, outage, monkeypatch
):
	make_customer(ana)
	computed(offboarding)
	with acting_as(hanna):
		plan_grid.change(offboarding.name, filters={}, successor=ben)
	transferred(offboarding, hanna)
	do(offboarding, "transfer", by=hanna)
	assert row(offboarding, "transfer").status == "Done"
	assert "Couldn't be notified by email: Ben. Please tell them." in row(offboarding, "transfer").result
	outage.end()
	monkeypatch.setattr(frappe.db, "commit", lambda *args, **kwargs: None)
	transfer_step.continue_handovers()
	assert len(mails_of(offboarding)) == 1
	do(offboarding, "transfer", by=hanna)
	assert "Couldn't be notified" not in row(offboarding, "transfer").result


def test_letters_wait_and_say_why(offboarding, ana, ben, hanna, outage):
	key_customer(ana, "lena@harbour.example")
	plan = computed(offboarding)
	introduction_drafts.draft(plan)
	(letter,) = letters(offboarding)
	introduction_drafts.approve(letter.name)
	plan.db_set("is_sending", 1)
	with pytest.raises(MailNotSent):
		introduction_sending.send(letter.name)
	assert mails_of(offboarding) == []


def test_a_previous_owner_is_told_in_the_app(ana, ben, outage):
	customer = make_customer(ana)
	with acting_as(ben):
		customer.reload()
		customer.account_manager = ben
		customer.save()
	changes.send_takeover_notice(history(customer)[-1].name)
	assert frappe.db.exists("Notification Log", {"document_name": customer.name, "for_user": ana})
	assert frappe.local.message_log == []


def test_a_mail_to_nobody_is_none(outage):
	outage.end()
	assert mail.queue(recipients=[], subject="x", message="x") is None
