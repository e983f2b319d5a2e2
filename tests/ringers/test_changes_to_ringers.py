"""Working with a ringer is like working with any contact, and Ringer Managers learn of it."""

from contextlib import contextmanager

import frappe
import pytest

from crm_transparency.ringers import identities, journal, notices, reporting
from crm_transparency.ringers.planting.places import Place
from tests.people_and_accounts import acting_as, make_user
from tests.ringers.company import plant_one


@pytest.fixture
def rep():
	return make_user("Ben", "Sales User", "Sales Manager", "Sales Master Manager")


def news_of(ringer):
	journal.work_through()
	return [
		(notice["what"], notice["who"], notice["record"])
		for notice in notices.unseen()
		if notice["ringer"] == ringer
	]


def test_an_edit_is_told_with_who_and_what(planted, rep):
	with acting_as(rep):
		contact = frappe.get_doc("Contact", planted.contact)
		contact.designation = "Head of everything"
		contact.append("phone_nos", {"phone": "+44 20 7946 0777"})
		contact.save(ignore_permissions=True)
	[(what, who, record)] = news_of(planted.ringer)
	assert "Designation" in what and "Contact Numbers" in what and "Full Name" not in what
	assert who == rep
	assert record == f"Contact {planted.contact}"


def test_the_ringer_follows_a_new_name(planted, rep):
	with acting_as(rep):
		frappe.rename_doc("Contact", planted.contact, "Somebody else", force=True)
	[(what, who, _record)] = news_of(planted.ringer)
	assert "Somebody else" in what and who == rep
	identity = identities.contact_of(planted.ringer)
	assert identity.contact == "Somebody else"
	assert identities.of_contact("Somebody else") == planted.ringer
	assert identity.records == (("Contact", "Somebody else"), ("Contact", planted.contact)), (
		"exports hold the old name"
	)


@pytest.fixture
def unfollowable(monkeypatch):
	"""Returns what lets changes of a ringer fail to be followed, within a with block."""
	follow = journal.follow

	@contextmanager
	def failing(ringer):
		def fail_for_one(name, change):
			if name == ringer:
				raise RuntimeError(change)
			follow(name, change)

		with monkeypatch.context() as broken:
			broken.setattr(journal, "follow", fail_for_one)
			yield

	return failing


def test_a_change_that_can_not_be_followed_waits_and_holds_no_other_back(planted, unfollowable):
	other = plant_one()
	frappe.rename_doc("Contact", planted.contact, "B", force=True)
	frappe.rename_doc("Contact", "B", "C", force=True)
	frappe.rename_doc("Contact", other.contact, "D", force=True)
	with unfollowable(planted.ringer):
		assert journal.work_through() == 2, "Ringer Managers are asked to look"
	assert identities.contact_of(other.ringer).contact == "D"
	assert len(news_of(planted.ringer)) == 2
	assert identities.contact_of(planted.ringer).contact == "C"
	assert not frappe.db.count(journal.JOURNAL)


def test_a_change_that_can_not_be_followed_is_news_once(planted, unfollowable):
	frappe.rename_doc("Contact", planted.contact, "B", force=True)
	with unfollowable(planted.ringer):
		assert [journal.work_through() for _time in range(3)] == [1, 0, 0]
		frappe.rename_doc("Contact", "B", "C", force=True)
		assert journal.work_through() == 0, "nobody can say yet that this is about the ringer"
	assert journal.work_through() == 1, "of the second change nobody was told yet"
	assert identities.contact_of(planted.ringer).contact == "C"
	assert len(notices.unseen()) == 2


def test_what_waits_does_not_tell_which_of_it_is_about_a_ringer(planted, unfollowable):
	"""Whoever compares two copies of the journal finds that every row changed."""
	frappe.rename_doc("Contact", planted.contact, "B", force=True)
	other = frappe.get_doc(doctype="Contact", first_name="Real").insert()
	frappe.rename_doc("Contact", other.name, "Real indeed", force=True)
	before = journal_rows()
	with unfollowable(planted.ringer):
		journal.work_through()
	after = journal_rows()
	assert before.keys() == after.keys() and len(after) > 1
	assert all(before[name].entry != row.entry for name, row in after.items())
	assert all(before[name].modified == row.modified for name, row in after.items())


def journal_rows():
	return {row.name: row for row in frappe.get_all(journal.JOURNAL, fields=["name", "entry", "modified"])}


def test_several_changes_are_followed_in_their_order(planted):
	frappe.rename_doc("Contact", planted.contact, "B", force=True)
	frappe.rename_doc("Contact", "B", "C", force=True)
	document = frappe.get_doc("Contact", "C")
	document.designation = "Changed"
	document.save()
	assert len(news_of(planted.ringer)) == 3
	assert identities.contact_of(planted.ringer).contact == "C"


def test_a_merged_ringer_is_lost_and_still_rings(planted, rep):
	other = frappe.get_doc(doctype="Contact", first_name="Real").insert()
	with acting_as(rep):
		frappe.rename_doc("Contact", planted.contact, other.name, merge=True, force=True)
	[(what, _who, _record)] = news_of(planted.ringer)
	assert other.name in what
	identity = identities.contact_of(planted.ringer)
	assert (identity.status, identity.contact) == ("Lost", None)
	assert identities.of_contact(other.name) is None
	assert identities.by_email(planted.email) == [planted.ringer]


def test_a_deleted_ringer_is_lost_and_still_rings(planted, rep):
	with acting_as(rep):
		frappe.delete_doc("Contact", planted.contact, ignore_permissions=True)
	[(what, who, _record)] = news_of(planted.ringer)
	assert "Deleted" in what and who == rep
	assert identities.contact_of(planted.ringer).status == "Lost"
	assert ("Contact", planted.contact) in identities.contact_of(planted.ringer).records
	assert identities.by_email(planted.email) == [planted.ringer]


def test_deleting_says_the_same_for_a_ringer_and_for_others(planted, company, rep):
	other = frappe.get_all("Contact", filters={"name": ("!=", planted.contact)}, pluck="name", limit=1)[0]
	outcomes = []
	for name in (planted.contact, other):
		frappe.clear_messages()
		with acting_as(rep):
			frappe.delete_doc("Contact", name, ignore_permissions=True)
		[deleted] = frappe.get_all(
			"Deleted Document",
			filters={"deleted_name": name},
			fields=["owner", "deleted_doctype", "restored"],
		)
		outcomes.append((frappe.get_message_log(), deleted))
	assert outcomes[0] == outcomes[1]


def test_whoever_counts_rows_learns_nothing(planted, company):
	"""Changing a ringer writes what changing any contact writes; only the next morning tells, once for all."""
	others = frappe.get_all("Contact", filters={"name": ("!=", planted.contact)}, pluck="name", limit=1)
	counted = []
	for name in (planted.contact, *others):
		before = counts()
		contact = frappe.get_doc("Contact", name)
		contact.designation = "Someone new"
		contact.save()
		counted.append({table: number - before[table] for table, number in counts().items()})
	assert counted[0] == counted[1]
	assert counted[0]["Ringer Journal Entry"] == 1
	entries = frappe.get_all("Ringer Journal Entry", pluck="entry")
	assert all(entry.startswith("sealed:") for entry in entries)


def counts():
	tables = (
		"Ringer",
		"Ringer Journal Entry",
		"Ringer Notice",
		"Notification Log",
		"Email Queue",
		"Version",
		"Comment",
		"Error Log",
	)
	return {table: frappe.db.count(table) for table in tables}


def test_without_ringers_no_journal_is_kept(company):
	contact = frappe.get_doc("Contact", frappe.get_all("Contact", pluck="name", limit=1)[0])
	contact.designation = "Someone new"
	contact.save()
	assert frappe.db.count("Ringer Journal Entry") == 0


def test_the_journal_forgets_what_is_about_others(planted):
	other = frappe.get_doc(doctype="Contact", first_name="Real").insert()
	other.designation = "Buyer"
	other.save()
	assert journal.work_through() == 0
	assert frappe.db.count("Ringer Journal Entry") == 0
	assert notices.unseen() == []


def test_a_ringers_own_customer_is_followed_too(patterns, company, rep):
	planted = plant_one(planted_as="Customer", place=Place(territory=company[0].territory))
	customer = dict(planted.records)["Customer"]
	with acting_as(rep):
		frappe.rename_doc("Customer", customer, f"{customer} & Daughters", force=True)
	assert len(news_of(planted.ringer)) == 1
	assert identities.of_record("Customer", f"{customer} & Daughters") == planted.ringer
	assert identities.contact_of(planted.ringer).status == "Planted"


def test_the_morning_mail_says_only_that_there_is_news(planted, manager, monkeypatch):
	mails = []
	monkeypatch.setattr(frappe, "sendmail", lambda **mail: mails.append(mail))
	reporting.every_morning()
	assert mails == [], "nothing happened"
	contact = frappe.get_doc("Contact", planted.contact)
	contact.designation = "Someone new"
	contact.save()
	reporting.every_morning()
	[mail] = mails
	assert mail["recipients"] == manager
	assert (
		planted.full_name not in str(mail)
		and planted.contact not in str(mail)
		and planted.ringer not in str(mail)
	)
	[notice] = frappe.get_all(
		"Notification Log", filters={"for_user": manager, "subject": ("like", "%report%")}, fields=["*"]
	)
	assert planted.full_name not in str(notice) and planted.ringer not in str(notice)


@pytest.mark.parametrize(("when", "sent"), [("Always", 1), ("Never", 0), ("When something happened", 0)])
def test_managers_choose_when_a_mail_comes(planted, manager, monkeypatch, when, sent):
	mails = []
	monkeypatch.setattr(frappe, "sendmail", lambda **mail: mails.append(mail))
	settings = frappe.get_doc("Ringer Settings")
	settings.mail_news = when
	settings.save()
	reporting.every_morning()
	assert len(mails) == sent


@pytest.mark.parametrize(
	("when", "sent"), [("Within the hour", 1), ("When something happened", 0), ("Always", 0)]
)
def test_whoever_wants_to_know_sooner_is_told_within_the_hour(planted, manager, monkeypatch, when, sent):
	mails = []
	monkeypatch.setattr(frappe, "sendmail", lambda **mail: mails.append(mail))
	settings = frappe.get_doc("Ringer Settings")
	settings.mail_news = when
	settings.save()
	contact = frappe.get_doc("Contact", planted.contact)
	contact.designation = "Someone new"
	contact.save()
	reporting.every_hour()
	reporting.every_hour()
	assert len(mails) == sent


def test_news_are_ticked_off(planted):
	contact = frappe.get_doc("Contact", planted.contact)
	contact.designation = "Someone new"
	contact.save()
	journal.work_through()
	[notice] = notices.unseen()
	notices.tick_off(notice["name"])
	assert notices.unseen() == []
