"""Whoever is given the role Ringer Manager, by whomever, is announced to all of them and recorded."""

import frappe
import pytest

from crm_transparency.ringers import manager_changes
from tests.people_and_accounts import acting_as, make_user

ROLE = "Ringer Manager"
LEDGER = "Ringer Manager Change"


@pytest.fixture
def mails(monkeypatch):
	sent = []
	monkeypatch.setattr(frappe, "sendmail", lambda **mail: sent.append(mail))
	return sent


@pytest.fixture
def admin():
	return make_user("Ada", "System Manager")


def changes_of(user):
	return frappe.get_all(
		LEDGER,
		filters={"user": user},
		fields=["change", "changed_by", "found"],
		order_by="name",
		as_list=True,
	)


def readers_of(mails):
	return {mail["recipients"] for mail in mails}


def by_form(user):
	document = frappe.get_doc("User", user)
	document.append("roles", {"role": ROLE})
	document.save()


def by_add_roles(user):
	frappe.get_doc("User", user).add_roles(ROLE)


def by_a_row_on_its_own(user):
	frappe.get_doc(doctype="Has Role", role=ROLE, parent=user, parenttype="User", parentfield="roles").insert(
		ignore_permissions=True
	)


def by_role_profile(user):
	# a name of its own: Frappe v15 locks what it saves by a file, which a rollback leaves
	name = f"Watchers {frappe.generate_hash(length=6)}"
	profile = frappe.get_doc(doctype="Role Profile", role_profile=name, roles=[{"role": ROLE}])
	profile.insert(ignore_permissions=True)
	document = frappe.get_doc("User", user)
	if document.meta.has_field("role_profiles"):
		document.append("role_profiles", {"role_profile": profile.name})
	else:
		document.role_profile_name = profile.name
	document.save()


@pytest.mark.parametrize("way", [by_form, by_add_roles, by_a_row_on_its_own, by_role_profile])
def test_giving_the_role_is_announced_and_recorded(manager, admin, mails, way):
	ben = make_user("Ben")
	with acting_as(admin):
		way(ben)
	assert changes_of(ben) == (("Given", admin, 0),) or changes_of(ben) == [("Given", admin, 0)]
	assert readers_of(mails) == {manager, ben}
	for reader in (manager, ben):
		notices = frappe.get_all("Notification Log", filters={"for_user": reader}, pluck="subject")
		assert any("Ben" in notice and "Ada" in notice for notice in notices)


def test_a_new_user_with_the_role_is_announced_too(manager, admin, mails):
	with acting_as(admin):
		newcomer = make_user("Nora", ROLE)
	assert [tuple(change) for change in changes_of(newcomer)] == [("Given", admin, 0)]
	assert manager in readers_of(mails)


def test_taking_it_away_is_told_to_both_sides(manager, admin, mails):
	other = make_user("Ben", ROLE)
	mails.clear()
	with acting_as(admin):
		frappe.get_doc("User", other).remove_roles(ROLE)
	assert [change[0] for change in changes_of(other)] == ["Given", "Taken Away"]
	assert readers_of(mails) == {manager, other}


def test_saving_a_user_otherwise_is_nobodys_business(manager, mails):
	document = frappe.get_doc("User", manager)
	document.bio = "Likes maps."
	document.save()
	assert len(changes_of(manager)) == 1
	assert not [mail for mail in mails if "Ringer Manager" in mail["subject"]]


def test_what_was_written_into_the_database_is_found_within_minutes(manager, mails):
	ben = make_user("Ben")
	row = frappe.new_doc("Has Role", parent=ben, parenttype="User", parentfield="roles", role=ROLE)
	row.db_insert()
	manager_changes.find_unrecorded()
	assert [tuple(change) for change in changes_of(ben)] == [("Given", None, 1)]
	assert manager in readers_of(mails)
	frappe.db.delete("Has Role", {"parent": ben, "role": ROLE})
	manager_changes.find_unrecorded()
	manager_changes.find_unrecorded()
	assert [change[0] for change in changes_of(ben)] == ["Given", "Taken Away"]


def test_a_renamed_manager_is_the_same_person(manager, mails):
	frappe.rename_doc("User", manager, "rina.new@example.com", force=True)
	mails.clear()
	manager_changes.find_unrecorded()
	assert mails == []


def test_saving_a_user_works_on_a_site_that_sends_no_mail(manager):
	by_form(make_user("Ben"))


@pytest.mark.parametrize("role", ["System Manager", "Transparency Manager"])
def test_only_ringer_managers_read_the_ledger(manager, role):
	with acting_as(make_user("Eve", role)), pytest.raises(frappe.PermissionError):
		frappe.get_list(LEDGER)
	with acting_as(manager):
		assert frappe.get_list(LEDGER, pluck="name")
