"""Ringer Managers are told in their own language, whoever's job tells them."""

import frappe
import pytest

from crm_transparency.crm_transparency import formatting
from crm_transparency.ringers import announcements, drill, record_changes
from tests.people_and_accounts import make_user

GERMAN = {
	"There is news for you in CRM Transparency": "Neues aus CRM Transparency",
	"It's time to run a test in CRM Transparency": "Bitte wieder einmal proben",
	"Your ringer report is ready": "Der Bericht liegt bereit",
	"Edited: {0}.": "Bearbeitet: {0}.",
}


@pytest.fixture
def told(manager, monkeypatch):
	"""Returns the subjects of notices and mails that the manager, who reads English, and Gesa, who reads German, got."""
	for source, translated in GERMAN.items():
		frappe.get_doc(
			doctype="Translation", language="de", source_text=source, translated_text=translated
		).insert(ignore_permissions=True)
	gesa = make_user("Gesa", "Sales User", "Ringer Manager")
	frappe.db.set_value("User", gesa, "language", "de")
	frappe.db.set_value("User", manager, "language", None)
	frappe.db.delete("Notification Log")
	mails = []
	monkeypatch.setattr(frappe, "sendmail", lambda **mail: mails.append(mail))

	def subjects():
		logs = frappe.get_all("Notification Log", fields=["for_user", "subject"])
		return [
			(
				{log.subject for log in logs if log.for_user == user},
				{mail["subject"] for mail in mails if user in mail["recipients"]},
			)
			for user in (manager, gesa)
		]

	return subjects


WAYS = {
	"There is news for you in CRM Transparency": lambda: announcements.tell_ringer_managers(),
	"It's time to run a test in CRM Transparency": drill.remind,
	"Your ringer report is ready": record_changes.announce,
}


@pytest.mark.parametrize("subject", WAYS)
@pytest.mark.parametrize("of_the_job", ["en", "de"])
def test_each_is_told_in_their_own(told, monkeypatch, subject, of_the_job):
	monkeypatch.setattr(drill, "overdue", lambda: ["a ringer"])
	frappe.get_doc(doctype="Ringer Notice", what="Edited: Designation.").insert()
	with formatting.speaking(of_the_job):
		WAYS[subject]()
	assert told() == [({subject}, {subject}), ({GERMAN[subject]}, {GERMAN[subject]})]


def test_what_all_of_them_read_is_in_the_sites(planted, told):
	contact = frappe.get_doc("Contact", planted.contact)
	contact.designation = "Someone new"
	contact.save()
	with formatting.speaking("de"):
		record_changes.find_changes()
	[notice] = record_changes.unseen_notices()
	assert notice["what"] == "Edited: Designation."
