"""With HRMS: its Exit Interview, its Employee Separation, and its approvers, as HRMS 15 and 16 define them.

HRMS itself isn't there in these tests, so DocTypes with its fields stand in.
"""

import frappe
import pytest

from crm_transparency.offboarding import handover_api, plan_grid, wizard_api
from tests.handover.leaving import computed, key_customer, things
from tests.handover.test_transfer import transferred
from tests.offboarding.people import company, do, in_days, make_employee
from tests.offboarding.test_agreement_and_interview import INTERVIEW, invite
from tests.people_and_accounts import acting_as

EXIT_INTERVIEW, SEPARATION, APPROVER = "Exit Interview", "Employee Separation", "Department Approver"
LINK, DATE, DATA, SELECT = "Link", "Date", "Data", "Select"
#: fieldname, type, options, mandatory
DOCTYPES = {
	"Interviewer": {"fields": [("user", LINK, "User", 0)], "istable": 1},
	APPROVER: {"fields": [("approver", LINK, "User", 1)], "istable": 1},
	EXIT_INTERVIEW: {
		"fields": [
			("employee", LINK, "Employee", 1),
			("company", LINK, "Company", 1),
			("date", DATE, None, 0),
			("status", SELECT, "Pending\nScheduled\nCompleted\nCancelled", 1),
			("interviewers", "Table MultiSelect", "Interviewer", 0),
			("amended_from", LINK, EXIT_INTERVIEW, 0),
		],
		"is_submittable": 1,
	},
	SEPARATION: {
		"fields": [
			("employee", LINK, "Employee", 1),
			("company", LINK, "Company", 1),
			("resignation_letter_date", DATE, None, 0),
			("boarding_begins_on", DATE, None, 1),
			("boarding_status", SELECT, "Pending\nIn Process\nCompleted", 0),
			("amended_from", LINK, SEPARATION, 0),
		],
		"is_submittable": 1,
	},
}
APPROVERS = ("leave_approver", "expense_approver", "shift_request_approver")


@pytest.fixture(scope="module", autouse=True)
def hrms(site):
	"""What HRMS adds, for the tests of this file; making DocTypes commits on MariaDB, so it is taken away again."""
	made = [name for name in DOCTYPES if not frappe.db.exists("DocType", name)]
	for name in made:
		make_doctype(name, **DOCTYPES[name])
	fields = [name for name in APPROVERS if not frappe.get_meta("Employee").has_field(name)]
	for name in fields:
		frappe.get_doc(
			doctype="Custom Field", dt="Employee", fieldname=name, label=name, fieldtype=LINK, options="User"
		).insert()
	frappe.db.commit()
	frappe.db.value_cache.clear()  # which DocTypes there are; a request begins with none of it
	yield
	frappe.set_user("Administrator")
	for name in fields:
		frappe.delete_doc("Custom Field", f"Employee-{name}", force=True)
	for name in reversed(made):
		frappe.delete_doc("DocType", name, force=True)
		frappe.db.sql_ddl(f"drop table if exists `tab{name}`")
	frappe.db.commit()
	frappe.clear_cache()
	frappe.db.value_cache.clear()


def make_doctype(name: str, fields: list, **properties) -> None:
	frappe.get_doc(
		doctype="DocType",
		name=name,
		module="Offboarding",
		custom=1,
		fields=[
			{"fieldname": field, "label": field, "fieldtype": fieldtype, "options": options, "reqd": reqd}
			for field, fieldtype, options, reqd in fields
		],
		permissions=[] if properties.get("istable") else [{"role": "HR Manager", "read": 1, "write": 1}],
		**properties,
	).insert()


def exit_interviews(offboarding) -> list[frappe._dict]:
	filters = {"employee": offboarding.employee}
	return frappe.get_all(EXIT_INTERVIEW, filters=filters, fields=["name", "status", "date", "company"])


def test_the_interview_is_in_hrms_once_and_moves_there_too(offboarding, hanna):
	invite(offboarding, hanna)
	invite(offboarding, hanna, starts_on=f"{in_days(6)} 09:00:00")
	(there,) = exit_interviews(offboarding)
	assert (there.status, str(there.date), there.company) == ("Scheduled", in_days(6), company())
	assert frappe.db.get_value(INTERVIEW, offboarding.name, "exit_interview") == there.name
	interviewers = frappe.get_all("Interviewer", filters={"parent": there.name}, pluck="user")
	assert interviewers == [hanna]


def test_another_interviewer_takes_the_place_of_the_former_one(offboarding, hanna, mona, ben):
	invite(offboarding, hanna)
	(there,) = exit_interviews(offboarding)
	doc = frappe.get_doc(EXIT_INTERVIEW, there.name)
	doc.append("interviewers", {"user": ben})
	doc.save(ignore_permissions=True)
	invite(offboarding, hanna, interviewer=mona)
	interviewers = frappe.get_all("Interviewer", filters={"parent": there.name}, pluck="user", order_by="idx")
	assert interviewers == [ben, mona]


def test_hr_opens_the_one_that_the_wizard_made_although_hrms_lets_only_system_managers(
	offboarding, hanna, mona, monkeypatch
):
	frappe.db.delete("DocPerm", {"parent": EXIT_INTERVIEW})
	frappe.clear_cache(doctype=EXIT_INTERVIEW)
	state = invite(offboarding, hanna, interviewer=mona)
	name = state["known"]["exit_interview"]
	for user in (hanna, mona):
		with acting_as(user):
			doc = frappe.get_doc(EXIT_INTERVIEW, name)
			doc.check_permission("read")
			doc.check_permission("write")
	with acting_as(offboarding.user), pytest.raises(frappe.PermissionError):
		frappe.get_doc(EXIT_INTERVIEW, name).check_permission("read")
	frappe.clear_cache(doctype=EXIT_INTERVIEW)


def test_inviting_again_does_not_set_a_completed_one_back(offboarding, hanna):
	invite(offboarding, hanna)
	(there,) = exit_interviews(offboarding)
	frappe.db.set_value(EXIT_INTERVIEW, there.name, "status", "Completed")
	invite(offboarding, hanna, starts_on=f"{in_days(6)} 09:00:00")
	assert exit_interviews(offboarding) == [{**there, "status": "Completed"}]
	with acting_as(hanna):
		wizard_api.cancel(offboarding.name, "She stays")
	assert exit_interviews(offboarding) == [{**there, "status": "Completed"}]


def test_one_that_hr_made_in_hrms_is_used(offboarding, hanna):
	values = {"employee": offboarding.employee, "company": company(), "status": "Pending"}
	own = frappe.get_doc(doctype=EXIT_INTERVIEW, **values).insert(ignore_permissions=True)
	invite(offboarding, hanna)
	assert [(it.name, it.status) for it in exit_interviews(offboarding)] == [(own.name, "Scheduled")]


def test_one_that_was_held_stays_as_it_is(offboarding, hanna):
	values = {"employee": offboarding.employee, "company": company(), "status": "Completed"}
	held = frappe.get_doc(doctype=EXIT_INTERVIEW, date=in_days(-1), **values)
	held.insert(ignore_permissions=True)
	held.db_set("docstatus", 1)
	invite(offboarding, hanna)
	with acting_as(hanna):
		wizard_api.cancel(offboarding.name, "She stays")
	assert [(it.name, it.status) for it in exit_interviews(offboarding)] == [(held.name, "Completed")]


def test_cancelling_calls_it_off_in_hrms(offboarding, hanna):
	invite(offboarding, hanna)
	with acting_as(hanna):
		wizard_api.cancel(offboarding.name, "She stays")
	assert [it.status for it in exit_interviews(offboarding)] == ["Cancelled"]


def test_what_hrms_refuses_keeps_nobody_from_inviting(offboarding, hanna, monkeypatch):
	from crm_transparency.offboarding import interview_invitations

	def refuse(*_arguments):
		raise frappe.DuplicateEntryError("There is one already")

	monkeypatch.setattr(interview_invitations, "write_exit_interview", refuse)
	invite(offboarding, hanna)
	assert frappe.db.get_value(INTERVIEW, offboarding.name, "invited_on")


def test_an_employee_separation_drafts_an_offboarding(ana, hanna):
	employee = make_employee(ana)
	# HRMS fetches the date from there
	frappe.db.set_value("Employee", employee.name, "resignation_letter_date", in_days(-1))
	values = {"employee": employee.name, "company": company(), "resignation_letter_date": in_days(-1)}
	separation = frappe.get_doc(doctype=SEPARATION, boarding_begins_on=in_days(10), **values)
	for _time in range(2):
		separation.save(ignore_permissions=True)
	(drafted,) = frappe.get_all(
		"Offboarding",
		filters={"employee": employee.name},
		fields=["user", "started_from", "resignation_date"],
	)
	assert (drafted.user, drafted.started_from) == (ana, SEPARATION)
	assert str(drafted.resignation_date) == in_days(-1)


def test_approvals_of_hrms_go_to_the_successor(offboarding, mona, ana, ben, hanna, mail_account):
	subordinate = make_employee(None, "Sub")
	frappe.db.set_value("Employee", subordinate.name, dict.fromkeys(APPROVERS, ana))
	row = frappe.get_doc(doctype=APPROVER, approver=ana, parent="Sales", parenttype="Department")
	row.db_insert()
	key_customer(ana)
	plan = computed(offboarding)
	plan.db_set("default_successor", ben)
	with acting_as(hanna):
		plan_grid.change(offboarding.name, filters={}, successor=ben)
	found = [row.name for row in things(offboarding, "Approver")]
	assert len(found) == 2
	with acting_as(hanna):
		handover_api.change_belongings(offboarding.name, found, action="Move")
	transferred(offboarding, hanna)
	assert set(frappe.db.get_value("Employee", subordinate.name, APPROVERS)) == {ben}
	assert frappe.db.get_value(APPROVER, row.name, "approver") == ben
	do(offboarding, "transfer", by=hanna, action="undo")
