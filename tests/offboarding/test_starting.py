"""How an offboarding begins."""

import frappe
import pytest

from crm_transparency.offboarding import starting_offboardings, wizard_api
from tests.offboarding.people import in_days, make_employee, make_hr, offboarding_of
from tests.people_and_accounts import acting_as, make_customer, make_user

OFFBOARDING = "Offboarding"


def offboardings(**filters) -> list[frappe._dict]:
	return frappe.get_all(OFFBOARDING, filters=filters, fields=["*"])


def notices(user: str) -> list[str]:
	return frappe.get_all(
		"Notification Log", filters={"for_user": user, "document_type": OFFBOARDING}, pluck="subject"
	)


def test_a_resignation_date_drafts_an_offboarding_once_and_tells_hr(employee, ana, mona, hanna):
	employee.resignation_letter_date = in_days(0)
	employee.save()
	employee.new_workplace = "rival.example"
	employee.relieving_date = in_days(30)
	employee.save()
	(drafted,) = offboardings(user=ana)
	assert drafted.status == "Draft"
	assert drafted.employee == employee.name
	assert drafted.manager == mona
	assert str(drafted.last_working_day) == in_days(30)
	assert drafted.leaving_for == "rival.example"
	assert len(notices(hanna)) == 1
	assert notices(ana) == []


def test_records_of_people_who_left_long_ago_draft_nothing(ana):
	make_employee(ana, resignation_letter_date=in_days(-900), relieving_date=in_days(-800), status="Left")
	assert offboardings(user=ana) == []


def test_a_disabled_user_who_still_owns_accounts_drafts_one(ana, hanna):
	make_customer(ana)
	user = frappe.get_doc("User", ana)
	user.enabled = 0
	user.save()
	(drafted,) = offboardings(user=ana)
	assert drafted.started_from == "User"
	assert len(notices(hanna)) == 1


def test_a_disabled_user_without_accounts_drafts_none(ana):
	user = frappe.get_doc("User", ana)
	user.enabled = 0
	user.save()
	assert offboardings(user=ana) == []


def test_a_rep_without_an_employee_record_is_offboarded_from_the_user(ana, hanna):
	with acting_as(hanna):
		name = wizard_api.start(user=ana)
		assert wizard_api.start(user=ana) == name
		assert wizard_api.open(name)["offboarding"]["employee_name"] == "Ana"


def test_an_employee_without_a_user_is_offboarded_too(hanna):
	employee = make_employee(None)
	with acting_as(hanna):
		state = wizard_api.open(wizard_api.start(employee=employee.name))
	assert state["offboarding"]["user"] is None
	assert len(state["steps"]) == 9


def test_only_hr_begins_one(ana, mona):
	for user in (mona, make_user("Root", "System Manager"), make_user("Hugo", "HR User")):
		with acting_as(user), pytest.raises(frappe.PermissionError):
			wizard_api.start(user=ana)


def test_hr_can_not_run_its_own(hanna):
	offboarding = offboarding_of(user=hanna)
	with acting_as(hanna):
		with pytest.raises(frappe.PermissionError):
			wizard_api.start(user=hanna)
		with pytest.raises(frappe.PermissionError):
			wizard_api.open(offboarding.name)
		assert frappe.get_list(OFFBOARDING, filters={"user": hanna}) == []
	with acting_as(make_hr()):
		assert frappe.get_list(OFFBOARDING, filters={"user": hanna})


def test_the_manager_sees_three_steps_and_nothing_else(offboarding, mona, hanna, ben):
	with acting_as(mona):
		state = wizard_api.open(offboarding.name)
		assert [row["step"] for row in state["steps"]] == ["handover_plan", "introductions", "transfer"]
		assert [row["name"] for row in wizard_api.overview()["offboardings"]] == [offboarding.name]
		for step in ("review", "agreement", "access"):
			with pytest.raises(frappe.PermissionError):
				wizard_api.open(offboarding.name, step)
			with pytest.raises(frappe.PermissionError):
				wizard_api.run(offboarding.name, step)
		with pytest.raises(frappe.PermissionError):
			frappe.get_doc(OFFBOARDING, offboarding.name).check_permission("read")
	with acting_as(ben):
		assert wizard_api.overview()["offboardings"] == []
		with pytest.raises(frappe.PermissionError):
			wizard_api.open(offboarding.name)


def test_steps_are_skipped_with_a_reason_and_opened_again(offboarding, hanna):
	with acting_as(hanna):
		with pytest.raises(frappe.ValidationError):
			wizard_api.skip(offboarding.name, "review", " ")
		state = wizard_api.skip(offboarding.name, "review", "She worked here for a week")
		assert state["offboarding"]["status"] == "In Progress"
		shown = next(row for row in state["steps"] if row["step"] == "review")
		assert (shown["status"], shown["result"]) == ("Skipped", "She worked here for a week")
		assert shown["done_by_name"] == "Hanna"
		state = wizard_api.reopen(offboarding.name, "review")
		assert next(row for row in state["steps"] if row["step"] == "review")["status"] == "Open"
		timeline = frappe.get_all(
			"Comment", filters={"reference_name": offboarding.name, "comment_type": "Info"}, pluck="content"
		)
		assert len(timeline) == 2


def test_an_offboarding_is_complete_with_its_last_step(offboarding, hanna):
	with acting_as(hanna):
		for row in offboarding.steps:
			state = wizard_api.skip(offboarding.name, row.step, "Not needed")
	assert state["offboarding"]["status"] == "Completed"
	assert starting_offboardings.open_one(None, offboarding.user) is None


def test_a_form_changes_no_step(offboarding, hanna):
	with acting_as(hanna):
		doc = frappe.get_doc(OFFBOARDING, offboarding.name)
		doc.status = "Completed"
		doc.steps[0].status = "Done"
		doc.steps[0].result = "All is well"
		doc.steps[0].responsible = hanna
		doc.steps = doc.steps[:3]
		doc.leaving_for = "Rival"
		doc.save()
	doc.reload()
	assert (doc.status, doc.steps[0].status, doc.steps[0].result) == ("Draft", "Open", None)
	assert (doc.leaving_for, doc.steps[0].responsible, len(doc.steps)) == ("Rival", hanna, 9)


def test_only_drafts_are_deleted(offboarding, hanna):
	with acting_as(hanna):
		wizard_api.skip(offboarding.name, "review", "No")
		with pytest.raises(frappe.PermissionError):
			frappe.delete_doc(OFFBOARDING, offboarding.name)
