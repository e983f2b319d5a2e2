"""A competitor's mailing arrives at the company's ringers."""

import json

import frappe
import pytest

from crm_transparency.crm_transparency import encryption
from crm_transparency.ringers import cases, comparison, evidence_files, inbox, leavers
from crm_transparency.ringers.documents import CASE, INBOUND_MESSAGE, SIGHTING
from tests.people_and_accounts import make_user
from tests.ringers.watched import (
	cases_of,
	export_of,
	index_exports,
	look,
	mail,
	make_reader,
	plant,
	receive,
	sightings,
)

pytestmark = pytest.mark.usefixtures("evidence_goes")


def test_a_mail_to_a_ringer_is_a_sighting():
	marina = plant()
	receive(mail(marina.email, subject="Books, cheaper"))
	look()
	(sighting,) = sightings(marina.ringer)
	assert (sighting.channel, sighting.verdict, sighting.came_by) == ("Email", "Open", "Mailbox")
	assert (sighting.sender, sighting.sender_name) == ("sales@rival.example", "Sales")
	assert sighting.sender_domain == "rival.example"
	assert "Books, cheaper" in sighting.content
	assert "we have books for you" in sighting.content


def test_the_mail_is_kept_as_it_came_with_all_headers():
	marina = plant()
	message = mail(marina.email)
	receive(message)
	look()
	(evidence,) = json.loads(sightings(marina.ringer)[0].evidence)
	assert evidence["kind"] == "Mail"
	assert evidence_files.read(evidence) == message.as_bytes()
	assert b"rival" not in evidence_files.path_of(evidence["stored_as"]).read_bytes()


@pytest.mark.parametrize("header", ["Delivered_To", "X_Original_To", "Envelope_To", "Bcc", "Cc"])
def test_a_blind_copy_is_seen_by_what_the_mail_server_added(header):
	marina = plant()
	receive(mail("undisclosed@rival.example", **{header: marina.email}))
	look()
	assert len(sightings(marina.ringer)) == 1


def test_a_mail_to_somebody_else_is_none():
	marina = plant()
	waiting = frappe.db.count(INBOUND_MESSAGE)
	receive(mail("colleague@ours.example"))
	assert frappe.db.count(INBOUND_MESSAGE) == waiting
	look()
	assert not sightings(marina.ringer)


def test_the_same_mail_by_two_ways_is_one_sighting():
	marina = plant()
	message = mail(marina.email)
	receive(message)
	look()
	communication = frappe.get_doc(
		doctype="Communication",
		communication_medium="Email",
		sent_or_received="Received",
		sender="sales@rival.example",
		recipients=marina.email,
		subject="Our offer",
		content="again",
		message_id=message["Message-ID"].strip("<>"),
	)
	communication.insert()
	look()
	assert len(sightings(marina.ringer)) == 1


@pytest.mark.parametrize(
	"known_by",
	[{"email": "office@ours-alone.example"}, {"website": "https://www.ours-alone.example/shop"}],
	ids=["email", "website"],
)
def test_mailings_that_our_company_sends_by_other_tools_are_none(known_by):
	marina = plant()
	frappe.get_doc(
		doctype="Company",
		company_name="Ours Alone",
		abbr="OA",
		default_currency="EUR",
		country="Germany",
		**known_by,
	).db_insert()
	receive(mail(marina.email, "Shop <shop@news.ours-alone.example>"))
	look()
	assert sightings(marina.ringer) == []


def test_our_own_mail_to_a_ringer_is_none():
	colleague = make_user("Cora")
	marina = plant()
	receive(mail(marina.email, sender=f"Cora <{colleague}>"))
	look()
	assert not sightings(marina.ringer)


def test_an_answer_to_a_mail_of_ours_is_none():
	marina = plant()
	sent = frappe.get_doc(
		doctype="Communication",
		communication_medium="Email",
		sent_or_received="Sent",
		subject="Newsletter",
		content="ours",
		message_id="ours-1@ours.example",
	).insert()
	assert sent.message_id
	receive(mail(marina.email, In_Reply_To="<ours-1@ours.example>"))
	look()
	assert not sightings(marina.ringer)


@pytest.mark.parametrize(
	("kind", "headers"),
	[
		("Bounce", {"Auto_Submitted": "auto-replied"}),
		("Bounce", {"Return_Path": "<>"}),
		("Spam", {"X_Spam_Flag": "YES"}),
		("Spam", {"X_Spam_Status": "Yes, score=9.1"}),
		("Newsletter", {"List_Unsubscribe": "<mailto:off@shop.example>"}),
	],
)
def test_what_every_mailbox_gets_is_noise_and_opens_no_case(kind, headers):
	marina = plant()
	receive(mail(marina.email, sender="News <news@shop.example>", **headers))
	look()
	(sighting,) = sightings(marina.ringer)
	assert (sighting.verdict, sighting.noise_kind) == ("Noise", kind)
	assert not cases_of(marina.ringer)


def test_noise_can_be_promoted():
	marina = plant()
	receive(mail(marina.email, sender="News <news@shop.example>", List_Id="<news.shop.example>"))
	look()
	(sighting,) = sightings(marina.ringer)
	case = cases.promote(sighting.name)
	assert frappe.get_doc(CASE, case).sightings[0].sighting == sighting.name
	assert cases.promote(sighting.name) == case


def test_a_newsletter_that_reaches_two_ringers_is_no_noise():
	marina, oscar = plant(), plant("Oscar")
	for ringer in (marina, oscar):
		receive(mail(ringer.email, sender="News <news@shop.example>", List_Id="<news.shop.example>"))
	look()
	(case,) = cases_of(marina.ringer)
	assert {row.ringer for row in case.sightings} == {marina.ringer, oscar.ringer}


def test_a_newsletter_of_a_leavers_new_company_is_no_noise():
	leavers.watch(
		"OFF-77", make_user("Ada"), None, frappe.utils.add_days(None, 30), "Rival Books Ltd, rival.example"
	)
	marina = plant()
	receive(mail(marina.email, List_Unsubscribe="<mailto:off@rival.example>"))
	look()
	(sighting,) = sightings(marina.ringer)
	assert (sighting.verdict, sighting.matched_offboarding) == ("Open", "OFF-77")


def test_the_story_a_rep_left_for_a_competitor_whose_mailing_reaches_all_ringers():
	ada, bo = make_user("Ada"), make_user("Bo")
	ringers = [plant(name) for name in ("Marina", "Oscar", "Petra")]
	contacts = [ringer.contact for ringer in ringers]
	of_ada = export_of(ada, *contacts)
	of_bo = export_of(bo, *contacts[:2])
	index_exports()
	leavers.watch("OFF-78", ada, None, frappe.utils.add_days(None, 30), "rival.example")
	for ringer in ringers:
		receive(mail(ringer.email))
	look()
	(case,) = {case.name: case for ringer in ringers for case in cases_of(ringer.ringer)}.values()
	assert (case.status, case.ringer_count, case.matched_offboarding) == ("Open", 3, "OFF-78")
	result = comparison.result(json.loads(case.ranking))
	assert result["complete"] == 1
	assert [row["export"] for row in result["explanations"]] == [of_ada]
	assert of_bo not in {row["export"] for row in result["explanations"]}
	assert "consistent with" in result["summary"]
	assert any("rival.example" in reason["text"] for reason in result["explanations"][0]["reasons"])
	assert [event["kind"] for event in json.loads(case.timeline)] == ["Sighting", "Comparison"]


def test_what_identifies_anybody_is_encrypted_in_the_database():
	marina = plant()
	receive(mail(marina.email))
	look()
	(sighting,) = sightings(marina.ringer)
	stored = frappe.db.get_value(SIGHTING, sighting.name, ["sender", "sender_domain", "content", "evidence"])
	assert all(value.startswith(encryption.MARK) for value in stored)
	(case,) = cases_of(marina.ringer)
	stored = frappe.db.get_value(CASE, case.name, ["title", "ranking", "timeline"])
	assert all(value.startswith(encryption.MARK) for value in stored)


def test_ringer_managers_are_told_that_there_is_news_and_not_what():
	rita = make_reader()
	marina = plant()
	receive(mail(marina.email))
	look()
	ours = {"for_user": rita, "link": ("like", "/app/ringer-case%")}
	(notice,) = frappe.get_all("Notification Log", filters=ours, fields=["subject", "link"])
	(case,) = cases_of(marina.ringer)
	assert notice.link.endswith(case.name)
	assert "ringer" not in notice.subject.lower()
	mails = frappe.get_all("Email Queue", fields=["message"])
	assert not any(word in (row.message or "") for row in mails for word in (marina.email, "rival", "Marina"))


def test_whatever_comes_in_queues_the_same_job_and_names_nobody(monkeypatch):
	queued = []
	monkeypatch.setattr(
		frappe, "enqueue", lambda method, **options: queued.append((method.__name__, options))
	)
	marina = plant()
	for recipient in (marina.email, "colleague@ours.example", marina.email, "colleague@ours.example"):
		frappe.cache.delete_keys("crm_transparency:incoming")
		inbox._forget_request()
		receive(mail(recipient))
		inbox._queue()
	assert queued == [("process", {"queue": "short"})] * 4


def test_hundreds_at_once_make_two_jobs_of_which_the_later_sees_them_all(monkeypatch):
	queued = []
	monkeypatch.setattr(frappe, "enqueue", lambda method, **options: queued.append(method.__name__))
	frappe.cache.delete_keys("crm_transparency:incoming")
	for _number in range(100):
		inbox._queue()
	assert queued == ["process", "process_later"]
