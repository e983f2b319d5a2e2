"""How an offboarding begins."""

import frappe
import pytest

from crm_transparency.offboarding import (
	access_ending,
	handover_job,
	plan_rows,
	starting_offboardings,
	step_flows,
	wizard_api,
)
from tests.offboarding.people import in_days, make_employee, make_hr, offboarding_of
from tests.offboarding.people import row as row_of
from tests.offboarding.test_access import make_session, make_token
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


def gone_but_active(user: str, hanna: str) -> str:
	"""Check that HR is told what is still active, and that one button ends it; return the offboarding's name."""
	(drafted,) = offboardings(user=user)
	(notice,) = notices(hanna)
	assert "OAuth tokens (1)" in notice and "Sessions" in notice and "still active" in notice
	with acting_as(hanna):
		active = wizard_api.open(drafted.name, "access")["known"]["still_active"]
		assert {"what": "OAuth tokens", "number": 1} in active
		wizard_api.run(drafted.name, "access", {"action": "now"})
		assert wizard_api.open(drafted.name, "access")["known"]["still_active"] == []
	assert access_ending.still_active(user) == []
	return drafted.name


def test_a_user_who_is_disabled_by_hand_and_still_has_access_drafts_one(ana, hanna):
	user = frappe.get_doc("User", ana)
	user.enabled = 0
	user.save()
	assert offboardings(user=ana) == []
	user.enabled = 1
	user.save()
	make_token(ana)
	user.reload()
	user.enabled = 0
	# Frappe itself ends sessions only of who is disabled in the Desk
	make_session(ana)
	user.save()
	gone_but_active(ana, hanna)


def test_an_employee_who_left_and_still_has_access_drafts_one(employee, ana, hanna):
	make_token(ana)
	make_session(ana)
	frappe.db.set_value("Employee", employee.name, "relieving_date", in_days(-90))
	employee.reload()
	employee.status = "Left"
	employee.save()
	assert "Login (1)" in notices(hanna)[0]
	gone_but_active(ana, hanna)


def test_one_under_way_is_told_again_of_what_is_still_active(offboarding, ana, hanna):
	make_token(ana)
	user = frappe.get_doc("User", ana)
	user.enabled = 0
	user.save()
	assert any("OAuth tokens (1)" in notice for notice in notices(hanna))
	assert len(offboardings(user=ana)) == 1


def test_the_day_and_the_new_employer_are_asked_for_and_can_be_changed(ana, hanna, mona):
	with acting_as(hanna):
		name = wizard_api.start(user=ana, last_working_day=in_days(20), leaving_for="rival.example")
		shown = wizard_api.open(name)["offboarding"]
		assert (str(shown["last_working_day"]), shown["leaving_for"]) == (in_days(20), "rival.example")
		frappe.client.set_value(OFFBOARDING, name, {"last_working_day": in_days(30), "leaving_for": None})
		shown = wizard_api.open(name)["offboarding"]
		assert (str(shown["last_working_day"]), shown["leaving_for"]) == (in_days(30), None)
	with acting_as(mona), pytest.raises(frappe.PermissionError):
		frappe.client.set_value(OFFBOARDING, name, {"leaving_for": "x"})


def test_early_steps_are_warned_of_with_numbers(offboarding, ana, hanna):
	make_customer(ana)
	letter = frappe.get_doc(doctype="Handover Introduction", offboarding=offboarding.name, status="Approved")
	letter.name = frappe.generate_hash()
	letter.db_insert()
	with acting_as(hanna):
		warnings = wizard_api.open(offboarding.name, "access")["known"]["warnings"]
	assert "20 days from now" in warnings[0]
	assert warnings[1].startswith("One account still belongs to Ana")
	assert warnings[2] == "One approved letter of introduction hasn't been sent."
	offboarding.db_set("last_working_day", in_days(1))
	with acting_as(hanna):
		warnings = wizard_api.open(offboarding.name, "access")["known"]["warnings"]
	assert len(warnings) == 2


def test_a_second_one_by_the_form_is_refused_in_plain_words(offboarding, hanna):
	second = frappe.get_doc(doctype=OFFBOARDING, user=offboarding.user, employee_name="Ana")
	with acting_as(hanna), pytest.raises(frappe.DuplicateEntryError, match="has an open offboarding already"):
		second.insert()


def test_hr_who_leaves_is_told_that_nobody_runs_their_own(hanna):
	with acting_as(hanna), pytest.raises(frappe.PermissionError, match="nobody runs their own"):
		wizard_api.start(user=hanna)


def test_a_plan_that_is_calculated_is_not_called_being_calculated(offboarding, ana, hanna, monkeypatch):
	make_customer(ana)
	monkeypatch.setattr(frappe.db, "commit", lambda *args, **options: None)
	monkeypatch.setattr(handover_job, "ACCOUNTS_WHILE_WAITING", 0)
	with acting_as(hanna):
		wizard_api.run(offboarding.name, "handover_plan")
	assert "is being calculated" in row_of(offboarding, "handover_plan").result
	plan_rows.compute(frappe.get_doc("Handover Plan", offboarding.name))
	handover_job.WORK.release(offboarding.name)
	with acting_as(hanna):
		state = wizard_api.open(offboarding.name, "handover_plan")
	shown = next(row for row in state["steps"] if row["step"] == "handover_plan")
	assert shown["result"].startswith("1 account, ")
	step_flows.follow()
	assert row_of(offboarding, "handover_plan").result == shown["result"]


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
