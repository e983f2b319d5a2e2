"""Steps 8 and 9, templates and what they remind of, and the file on paper."""

import frappe
import pytest

from crm_transparency.offboarding import due_steps, wizard_api
from crm_transparency.ringers import leavers
from tests.offboarding.people import do, in_days, make_employee, offboarding_of, row
from tests.people_and_accounts import acting_as, make_user

ENDING = "Offboarding Farewell"


def test_sightings_are_compared_with_the_leaver_for_a_year(offboarding, hanna):
	for _time in range(2):
		do(offboarding, "ringer_watch", hanna, new_employer="rival.example")
	(watched,) = [it for it in leavers.watched() if it.offboarding == offboarding.name]
	assert (watched.user, watched.new_employer) == (offboarding.user, "rival.example")
	assert str(watched.until) == str(frappe.utils.add_months(in_days(20), 12))
	assert frappe.db.get_value("Offboarding", offboarding.name, "leaving_for") == "rival.example"
	assert row(offboarding, "ringer_watch").status == "Done"
	with acting_as(hanna):
		wizard_api.cancel(offboarding.name, "She stays")
	assert [it for it in leavers.watched() if it.offboarding == offboarding.name] == []


def test_a_good_ending_is_noted_bit_by_bit(offboarding, hanna, ben, mona):
	make_employee(ben, "Ben", reports_to=frappe.db.get_value("Employee", {"user_id": mona}))
	do(offboarding, "ending", hanna, action="rehire", rehire="Welcome back")
	do(offboarding, "ending", hanna, action="alumni", consent="Agreed", contact="ana@gmail.com")
	do(offboarding, "ending", hanna, action="feedback", reason="Pay", good="The team", better="The coffee")
	assert row(offboarding, "ending").status == "In Progress"
	for _time in range(2):
		do(offboarding, "ending", hanna, action="farewell", subject="Goodbye, Ana")
	assert row(offboarding, "ending").status == "Done"
	assert times_written_to(ben) == times_written_to(mona) == 1


def times_written_to(user: str) -> int:
	return frappe.db.count("Email Queue Recipient", {"recipient": user})


def test_without_consent_no_contact_is_kept(offboarding, hanna):
	do(offboarding, "ending", hanna, action="alumni", consent="Agreed", contact="ana@gmail.com")
	do(offboarding, "ending", hanna, action="alumni", consent="Not wanted", contact="ana@gmail.com")
	assert frappe.db.get_value(ENDING, offboarding.name, "alumni_contact") is None


def test_there_is_no_list_of_people_who_must_not_come_back(offboarding, hanna):
	with pytest.raises(frappe.ValidationError):
		do(offboarding, "ending", hanna, action="rehire", rehire="Never again")


def test_what_is_said_in_the_interview_is_stored_encrypted(offboarding, hanna):
	do(offboarding, "ending", hanna, action="feedback", better="The coffee")
	assert "coffee" not in frappe.db.get_value(ENDING, offboarding.name, "better")
	with acting_as(hanna):
		assert wizard_api.open(offboarding.name, "ending")["known"]["better"] == "The coffee"


def feedback_of(hanna, reason: str, better: str):
	leaver = offboarding_of(make_employee(make_user("Lea"), "Lea"))
	do(leaver, "ending", hanna, action="feedback", reason=reason, better=better)
	return leaver


def summary(user: str) -> list[dict]:
	from crm_transparency.offboarding.report.why_people_leave import why_people_leave

	with acting_as(user):
		return why_people_leave.execute({})[1]


def test_management_sees_why_people_leave_without_names_and_only_of_three(hanna):
	manager = make_user("Greta", "Transparency Manager")
	feedback_of(hanna, "Pay", "Coffee of Lea")
	feedback_of(hanna, "Pay", "More pay")
	assert summary(manager) == []
	feedback_of(hanna, "Pay", "A plan")
	feedback_of(hanna, "Leadership", "Only the newest says this")
	rows = summary(manager)
	assert [(row["answer"], row["leavers"]) for row in rows if "leavers" in row] == [("Pay", 3)]
	assert [row["answer"] for row in rows if "leavers" not in row] == ["A plan", "Coffee of …", "More pay"]


def test_reasons_that_few_gave_are_counted_together(hanna):
	for reason in ("Pay", "Team", "Leadership"):
		feedback_of(hanna, reason, "")
	(row,) = summary(make_user("Greta", "Transparency Manager"))
	assert (row["leavers"], "fewer than 3" in row["answer"]) == (3, True)


def test_nobody_else_sees_it(hanna, ben):
	with pytest.raises(frappe.PermissionError):
		summary(ben)


def test_the_template_of_the_department_wins(hanna, ana):
	department = frappe.get_doc(doctype="Department", department_name="Field Sales")
	employee = make_employee(ana)
	department.company = employee.company
	department.insert()
	frappe.get_doc(
		doctype="Offboarding Template",
		title="Field Sales",
		department=department.name,
		steps=[
			{"step": "transfer", "due_days": -2, "done_by": "Leaver's manager"},
			{"step": "access", "due_days": 0, "done_by": "One person", "person": hanna},
		],
	).insert()
	employee.department, employee.relieving_date = department.name, in_days(10)
	employee.save()
	offboarding = offboarding_of(employee)
	assert [(it.step, str(it.due_on), it.responsible) for it in offboarding.steps] == [
		("transfer", in_days(8), None),
		("access", in_days(10), hanna),
	]


def test_dates_of_steps_follow_the_last_working_day(offboarding, hanna):
	with acting_as(hanna):
		doc = frappe.get_doc("Offboarding", offboarding.name)
		doc.last_working_day = in_days(40)
		doc.save()
	assert str(row(offboarding, "access").due_on) == in_days(40)
	assert row(offboarding, "transfer").due_on > row(offboarding, "introductions").due_on


def todos(offboarding) -> list[frappe._dict]:
	return frappe.get_all(
		"ToDo",
		filters={"reference_type": "Offboarding", "reference_name": offboarding.name},
		fields=["allocated_to", "status", "description"],
	)


def test_due_steps_become_to_dos_once_and_close_with_the_step(offboarding, hanna, mona):
	frappe.db.set_value(
		"Offboarding Step", {"parent": offboarding.name, "step": "handover_plan"}, "due_on", in_days(0)
	)
	made = due_steps.remind(offboarding.name)
	assert made == len(todos(offboarding)) >= 1
	assert due_steps.remind(offboarding.name) == 0
	assert offboarding.user not in {todo.allocated_to for todo in todos(offboarding)}
	assert mona in {todo.allocated_to for todo in todos(offboarding)}
	with acting_as(hanna):
		wizard_api.skip(offboarding.name, "handover_plan", "No accounts")
	assert {todo.status for todo in todos(offboarding) if todo.allocated_to == mona} == {"Closed"}


def test_the_file_on_paper_is_complete_and_only_for_those_who_run_it(offboarding, hanna, mona):
	from frappe.www.printview import get_rendered_template

	do(offboarding, "agreement", hanna)
	do(offboarding, "access", hanna, action="check", item="Laptop", note="In the safe")
	with acting_as(hanna):
		html = get_rendered_template(
			frappe.get_doc("Offboarding", offboarding.name),
			print_format=frappe.get_doc("Print Format", "Offboarding File"),
		)
		for words in (
			"Agreement check",
			"No confidentiality agreement",
			"In the safe",
			"Ringer watch",
			"Timeline",
		):
			assert words in html
	with acting_as(mona), pytest.raises(frappe.PermissionError):
		frappe.get_doc("Offboarding", offboarding.name).complete_file()
