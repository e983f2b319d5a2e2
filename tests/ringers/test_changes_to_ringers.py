"""Working with a ringer is like working with any contact, and Ringer Managers learn of it."""

import frappe
import pytest

from crm_transparency.ringers import identities, record_changes
from crm_transparency.ringers.surroundings import Place
from tests.people_and_accounts import acting_as, make_user
from tests.ringers.company import plant_one


@pytest.fixture
def rep():
	return make_user("Ben", "Sales User", "Sales Manager", "Sales Master Manager")


def notices_of(ringer):
	record_changes.find_changes()
	return [
		(notice["what"], notice["who"], notice["record"])
		for notice in record_changes.unseen_notices()
		if notice["ringer"] == ringer
	]


def edit(contact, designation="Someone new"):
	document = frappe.get_doc("Contact", contact)
	document.designation = designation
	document.save(ignore_permissions=True)


def test_nothing_happened_to_what_was_just_planted(planted):
	assert record_changes.find_changes() == 0
	assert notices_of(planted.ringer) == []


def test_an_edit_is_told_with_who_and_what(planted, rep):
	with acting_as(rep):
		contact = frappe.get_doc("Contact", planted.contact)
		contact.designation = "Head of everything"
		contact.append("phone_nos", {"phone": "+44 20 7946 0777"})
		contact.save(ignore_permissions=True)
	[(what, who, record)] = notices_of(planted.ringer)
	assert "Designation" in what and "Contact Numbers" in what and "Full Name" not in what
	assert who == rep
	assert record == f"Contact {planted.contact}"
	assert record_changes.find_changes() == 0, "it is told once"


def test_several_edits_between_two_looks_are_told_together(planted, rep):
	edit(planted.contact, "Buyer of maps")
	with acting_as(rep):
		edit(planted.contact, "Buyer of globes")
	[(what, who, _record)] = notices_of(planted.ringer)
	assert (what, who) == ("Edited: Designation.", rep)


def test_saving_without_a_change_is_no_news(planted):
	frappe.get_doc("Contact", planted.contact).save()
	frappe.db.set_value("Contact", planted.contact, "modified", frappe.utils.now(), update_modified=False)
	assert notices_of(planted.ringer) == []


def test_the_ringer_follows_a_new_name(planted, rep):
	with acting_as(rep):
		frappe.rename_doc("Contact", planted.contact, "Somebody else", force=True)
	[(what, who, _record)] = notices_of(planted.ringer)
	assert "Somebody else" in what and who == rep
	identity = identities.contact_of(planted.ringer)
	assert identity.contact == "Somebody else"
	assert identities.of_record("Contact", "Somebody else") == planted.ringer
	assert identity.records == (("Contact", "Somebody else"), ("Contact", planted.contact)), (
		"exports hold the old name"
	)


@pytest.mark.parametrize("name", ["O'Hara & <Sons>", '100% of "it"_x'])
def test_a_name_with_special_characters_is_followed_and_who_gave_the_next_is_known(planted, rep, name):
	frappe.db.set_value("Contact", planted.contact, "name", name, update_modified=False)
	ringer = frappe.get_doc("Ringer", planted.ringer)
	ringer.contact = name
	record_changes.remember(ringer)
	ringer.save()
	with acting_as(rep):
		frappe.rename_doc("Contact", name, "Plain name", force=True)
	[(what, who, _record)] = notices_of(planted.ringer)
	assert "Plain name" in what and who == rep


def test_renamed_twice_and_edited_is_followed_to_the_last_name(planted):
	frappe.rename_doc("Contact", planted.contact, "B", force=True)
	frappe.rename_doc("Contact", "B", "C", force=True)
	edit("C")
	assert [what for what, _who, _record in notices_of(planted.ringer)] == [
		"Edited: Designation.",
		"Renamed to C. The ringer follows.",
	]
	assert identities.contact_of(planted.ringer).contact == "C"


def test_a_name_that_somebody_else_got_is_not_the_ringers(planted):
	frappe.rename_doc("Contact", planted.contact, "B", force=True)
	other = frappe.get_doc(doctype="Contact", first_name="Real").insert()
	frappe.rename_doc("Contact", other.name, planted.contact, force=True)
	notices_of(planted.ringer)
	assert identities.contact_of(planted.ringer).contact == "B"


def test_a_ringer_that_can_not_be_compared_is_tried_again_and_holds_no_other_back(planted, monkeypatch):
	other = plant_one()
	frappe.rename_doc("Contact", planted.contact, "B", force=True)
	frappe.rename_doc("Contact", other.contact, "D", force=True)
	follow = record_changes.follow

	def fail_for_one(ringer):
		if ringer.name == planted.ringer:
			raise RuntimeError(ringer)
		return follow(ringer)

	with monkeypatch.context() as broken:
		broken.setattr(record_changes, "follow", fail_for_one)
		assert record_changes.find_changes() == 1
	assert identities.contact_of(other.ringer).contact == "D"
	assert len(notices_of(planted.ringer)) == 1
	assert identities.contact_of(planted.ringer).contact == "B"


def test_a_merged_ringer_is_lost_and_still_rings(planted, rep):
	other = frappe.get_doc(doctype="Contact", first_name="Real").insert()
	with acting_as(rep):
		frappe.rename_doc("Contact", planted.contact, other.name, merge=True, force=True)
	[(what, who, _record)] = notices_of(planted.ringer)
	assert other.name in what and who == rep
	identity = identities.contact_of(planted.ringer)
	assert (identity.status, identity.contact) == ("Lost", None)
	assert identities.of_record("Contact", other.name) is None
	assert identities.by_email(planted.email) == [planted.ringer]


def test_a_deleted_ringer_is_lost_and_still_rings(planted, rep):
	with acting_as(rep):
		frappe.delete_doc("Contact", planted.contact, ignore_permissions=True)
	[(what, who, _record)] = notices_of(planted.ringer)
	assert "Deleted" in what and who == rep
	assert identities.contact_of(planted.ringer).status == "Lost"
	assert ("Contact", planted.contact) in identities.contact_of(planted.ringer).records
	assert identities.by_email(planted.email) == [planted.ringer]


def test_of_what_is_gone_without_a_copy_it_is_said_that_nobody_knows_who_did_it(planted):
	frappe.db.delete("Contact", {"name": planted.contact})
	[(what, who, _record)] = notices_of(planted.ringer)
	assert "Deleted" in what and who == "Not recorded"


def test_deleting_says_the_same_for_a_ringer_and_for_others(planted, company, rep):
	other = frappe.get_doc(doctype="Contact", first_name="Carla", last_name="Quay").insert().name
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


def test_changing_a_ringer_writes_what_changing_any_contact_writes(planted, company):
	others = frappe.get_all("Contact", filters={"name": ("!=", planted.contact)}, pluck="name", limit=1)
	counted = []
	for name in (planted.contact, *others):
		before = counts()
		edit(name)
		counted.append({table: number - before[table] for table, number in counts().items()})
	assert counted[0] == counted[1]


def counts():
	tables = (
		*("Ringer", "Ringer Notice", "Notification Log", "Email Queue"),
		*("Version", "Comment", "Error Log"),
	)
	return {table: frappe.db.count(table) for table in tables}


def test_a_ringers_own_customer_is_followed_too(patterns, company, rep):
	planted = plant_one(planted_as="Customer", place=Place(territory=company[0].territory))
	customer = dict(planted.records)["Customer"]
	with acting_as(rep):
		frappe.rename_doc("Customer", customer, f"{customer} & Daughters", force=True)
	assert f"Renamed to {customer} & Daughters. The ringer follows." in [
		what for what, _who, _record in notices_of(planted.ringer)
	]
	assert identities.of_record("Customer", f"{customer} & Daughters") == planted.ringer
	assert identities.contact_of(planted.ringer).status == "Planted"


def test_nothing_is_compared_while_statements_are_recorded(planted, monkeypatch):
	edit(planted.contact)
	monkeypatch.setattr(frappe.local, "_recorder", object(), raising=False)
	assert record_changes.find_changes() == 0
	monkeypatch.undo()
	assert record_changes.find_changes() == 1


def test_comparing_is_no_reading_that_would_be_recorded_with_the_names_of_ringers(planted, monkeypatch):
	asked, get_all = [], frappe.get_all
	monkeypatch.setattr(
		frappe,
		"get_all",
		lambda doctype, *args, **kwargs: asked.append(doctype) or get_all(doctype, *args, **kwargs),
	)
	frappe.rename_doc("Contact", planted.contact, "B", force=True)
	asked.clear()
	assert record_changes.find_changes() == 1
	assert "Contact" not in asked


# Telling Ringer Managers


@pytest.fixture
def mails(monkeypatch):
	sent = []
	monkeypatch.setattr(frappe, "sendmail", lambda **mail: sent.append(mail))
	return sent


def set_mail_news(when):
	settings = frappe.get_doc("Ringer Settings")
	settings.mail_news = when
	settings.save()


def test_the_morning_mail_says_only_that_there_is_news(planted, manager, mails):
	record_changes.every_morning()
	assert mails == [], "nothing happened"
	edit(planted.contact)
	record_changes.every_morning()
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
	record_changes.every_morning()
	assert len(mails) == 1, "it is told once"


def test_what_was_found_during_the_day_is_told_the_next_morning(planted, manager, mails):
	edit(planted.contact)
	record_changes.every_hour()
	assert mails == []
	record_changes.every_morning()
	assert len(mails) == 1


@pytest.mark.parametrize(("when", "sent"), [("Always", 1), ("Never", 0), ("When something happened", 0)])
def test_managers_choose_when_a_mail_comes(planted, manager, mails, when, sent):
	set_mail_news(when)
	record_changes.every_morning()
	assert len(mails) == sent


@pytest.mark.parametrize(
	("when", "sent"), [("Within the hour", 1), ("When something happened", 0), ("Always", 0)]
)
def test_whoever_wants_to_know_sooner_is_told_within_the_hour(planted, manager, mails, when, sent):
	set_mail_news(when)
	edit(planted.contact)
	record_changes.every_hour()
	record_changes.every_hour()
	assert len(mails) == sent


def test_notices_are_dismissed(planted):
	edit(planted.contact)
	record_changes.find_changes()
	[notice] = record_changes.unseen_notices()
	record_changes.dismiss(notice["name"])
	assert record_changes.unseen_notices() == []
