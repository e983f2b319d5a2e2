"""Who sees a handover: HR, the leaver's manager, and the leaver the own introductions and nothing else."""

import frappe
import frappe.client
import pytest

from crm_transparency.crm_transparency.overrides import lookups
from crm_transparency.offboarding import handover_api, introduction_drafts, offboarding_permissions
from tests.handover.leaving import computed, key_customer, letters
from tests.offboarding.people import make_employee, offboarding_of
from tests.people_and_accounts import acting_as, make_user

DOCTYPES = ("Handover Plan", "Handover Plan Account", "Handover Belonging", "Handover Introduction")


@pytest.fixture
def handover(offboarding, ana):
	key_customer(ana, "lena@harbour.example")
	frappe.get_doc(doctype="ToDo", description="Call Lena", allocated_to=ana).insert()
	introduction_drafts.draft(computed(offboarding))
	return offboarding


def seen(user: str, handover) -> set[str]:
	"""Return the DocTypes of which a user sees documents of this handover; by lists, counts and documents alike."""
	found = set()
	for doctype in DOCTYPES:
		names = frappe.get_all(doctype, filters={"offboarding": handover.name}, pluck="name")
		assert names
		with acting_as(user):
			may_list = frappe.has_permission(doctype, "read")
			listed = (
				frappe.get_list(doctype, filters={"offboarding": handover.name}, pluck="name")
				if may_list
				else []
			)
			counted = lookups.get_count(doctype, {"offboarding": handover.name}) if may_list else 0
			read = [name for name in names if frappe.has_permission(doctype, "read", doc=name)]
			assert not any(frappe.has_permission(doctype, "write", doc=name) for name in names)
		assert set(listed) == set(read) and counted == len(read), (doctype, user)
		if read:
			found.add(doctype)
	return found


def test_hr_and_the_manager_see_all_of_it(handover, hanna, mona):
	assert seen(hanna, handover) == seen(mona, handover) == set(DOCTYPES)
	assert seen(make_user("Olga", "Offboarding Manager"), handover) == set(DOCTYPES)


def test_the_leaver_sees_the_introductions_only(handover, ana):
	assert seen(ana, handover) == {"Handover Introduction"}


def test_colleagues_and_other_managers_see_nothing(handover, ben):
	assert seen(ben, handover) == set()
	assert seen(make_user("Tara", "Sales User", "Transparency Manager"), handover) == set()


def test_hr_who_leaves_sees_nothing_of_the_own_handover(ana, hanna, handover):
	frappe.get_doc("User", ana).add_roles("HR Manager")
	frappe.clear_cache(user=ana)
	assert seen(ana, handover) == {"Handover Introduction"}


def test_a_manager_who_leaves_sees_only_the_people_s_handovers(handover, mona):
	from tests.people_and_accounts import make_customer

	own = offboarding_of(user=mona)
	make_customer(mona)
	computed(own)
	with acting_as(mona):
		assert frappe.get_list("Handover Plan", pluck="name") == [handover.name]


EVERYTHING = (
	(handover_api.progress, {}),
	(handover_api.page, {}),
	(handover_api.change, {"filters": "{}", "is_key_account": 1}),
	(handover_api.download, {}),
	(handover_api.upload, {"file_url": "/private/files/x.csv"}),
	(handover_api.list_belongings, {}),
	(handover_api.change_belongings, {"names": "[]"}),
	(handover_api.set_default_successor, {"user": "x"}),
	(handover_api.template, {}),
	(handover_api.edit_template, {"subject": "x", "message": "x"}),
)


@pytest.mark.parametrize(
	("method", "arguments"), EVERYTHING, ids=lambda value: getattr(value, "__name__", "")
)
def test_no_method_answers_those_who_do_not_see_the_plan(method, arguments, handover, ana, ben):
	hr_user = make_user("Hugo", "HR User")
	boss_of_others = make_user("Olaf", "Sales Manager", "Transparency Manager")
	make_employee(ben, "Ben", reports_to=make_employee(boss_of_others, "Olaf").name)
	for user in (ana, ben, hr_user, boss_of_others, "Guest"):
		with acting_as(user), pytest.raises(frappe.PermissionError):
			method(handover.name, **arguments)
	with acting_as(ben), pytest.raises(frappe.PermissionError):
		method("no such offboarding", **arguments)


def test_letters_are_for_those_who_see_them(handover, ana, ben, mona):
	(letter,) = letters(handover)
	methods = (
		lambda: handover_api.edit_introduction(letter.name, "x", "y"),
		lambda: handover_api.approve_introductions([letter.name]),
		lambda: handover_api.hold_introduction(letter.name),
		lambda: handover_api.reset_introduction(letter.name),
		lambda: handover_api.invite_instead(letter.name),
		lambda: handover_api.list_introductions(handover.name),
	)
	for call in methods:
		with acting_as(ben), pytest.raises(frappe.PermissionError):
			call()
		for user in (ana, mona):
			with acting_as(user):
				call()


def test_nobody_transfers_but_those_who_run_it(handover, mona, hanna):
	from crm_transparency.offboarding import wizard_api

	with acting_as(mona):
		assert wizard_api.open(handover.name, "transfer")["known"]["state"]
		with pytest.raises(frappe.PermissionError):
			wizard_api.run(handover.name, "transfer", {})


def test_list_condition_and_document_check_come_from_one_rule(handover, hanna, ben):
	"""On any user and any handover, what is listed is what can be opened."""
	others = [offboarding_of(user=make_user("Xenia")) for _number in range(3)]
	frappe.db.set_value("Offboarding", others[0].name, "manager", ben)
	frappe.db.set_value("Offboarding", others[1].name, {"manager": ben, "user": ben})
	for doctype in DOCTYPES:
		for user in (ben, hanna, others[2].user, "Administrator", "Guest"):
			condition = offboarding_permissions.handover_condition(user, doctype)
			for offboarding in [handover, *others]:
				facts = offboarding_permissions.facts_of(offboarding.name)
				query = (
					f"select count(*) from `tabOffboarding` where name = %s and ({as_offboarding(condition)})"
				)
				listed = bool(frappe.db.sql(query, offboarding.name)[0][0])
				assert listed == offboarding_permissions.sees_handover(doctype, facts, user), (
					doctype,
					user,
					facts,
				)


def as_offboarding(condition: str) -> str:
	return "name" + condition[condition.index(" in (select") :].replace("%%", "%")
