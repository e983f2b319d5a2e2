"""The last working day moves or goes: everything that was planned with a date follows, or HR is asked."""

import frappe
import pytest
from frappe.utils import add_months, get_datetime, getdate

from crm_transparency.crm_transparency import formatting
from crm_transparency.offboarding import due_steps
from crm_transparency.ringers import leavers
from tests.offboarding.people import do, in_days, row
from tests.offboarding.test_starting import notices


@pytest.fixture
def planned(offboarding, hanna):
	"""Access ends on the last day at six, the interview is in ten days, the ringer watch runs, to-dos are out."""
	do(offboarding, "access", by=hanna, action="plan", ends_at=f"{in_days(20)} 18:00:00")
	do(offboarding, "access", by=hanna, action="name", item="Laptop", user=hanna)
	do(offboarding, "interview", by=hanna, action="invite", starts_on=f"{in_days(10)} 10:00:00")
	do(offboarding, "ringer_watch", by=hanna)
	frappe.db.set_value("Offboarding Step", row(offboarding, "handover_plan").name, "due_on", in_days(1))
	due_steps.remind_of(offboarding.name, "handover_plan")
	frappe.db.delete("Notification Log", {"for_user": hanna})
	return offboarding


def removal(offboarding) -> frappe._dict:
	return frappe.db.get_value("Access Removal", offboarding.name, ["status", "ends_at"], as_dict=True)


def leaves_on(employee, day: str | None, resigned: str | None = "as before") -> None:
	employee.reload()
	employee.relieving_date = day
	if resigned != "as before":
		employee.resignation_letter_date = resigned
	employee.save()


def test_everything_planned_follows_a_last_day_that_moves(planned, employee, hanna):
	watched_until = leavers.watched()[0].until
	leaves_on(employee, in_days(95))
	planned.reload()
	assert str(planned.last_working_day) == in_days(95)
	assert str(removal(planned).ends_at) == f"{in_days(95)} 18:00:00"
	assert row(planned, "access").result.startswith("Access will be removed on")
	assert formatting.moment(f"{in_days(95)} 18:00:00") in row(planned, "access").result
	assert str(row(planned, "access").due_on) == in_days(95)
	assert row(planned, "access").status == "In Progress"
	plan_step = row(planned, "handover_plan")
	assert str(plan_step.due_on) == str(frappe.db.get_value("ToDo", plan_step.todo, "date")) == in_days(74)
	laptop = frappe.db.get_value("Access Checklist Item", {"parent": planned.name, "item": "Laptop"}, "todo")
	assert str(frappe.db.get_value("ToDo", laptop, "date")) == in_days(95)
	until = frappe.db.get_value("Offboarding Interview", planned.name, "link_valid_until")
	assert get_datetime(until).date() == getdate(in_days(95 + 91))
	assert leavers.watched()[0].until == getdate(add_months(in_days(95), 12)) > watched_until
	(notice,) = notices(hanna)
	assert "The last working day of <strong>Ana" in notice and "Access will be removed on" in notice
	assert "The exit interview stays on" in notice


def test_a_last_day_that_has_passed_leaves_the_planned_end_of_access_and_hr_is_asked(
	planned, employee, hanna
):
	leaves_on(employee, in_days(-1))
	assert (removal(planned).status, str(removal(planned).ends_at)) == ("Planned", f"{in_days(20)} 18:00:00")
	(notice,) = notices(hanna)
	assert "Access will still be removed on" in notice and "Please check whether" in notice
	assert formatting.moment(f"{in_days(20)} 18:00:00") in row(planned, "access").result
	leaves_on(employee, in_days(30))
	assert str(removal(planned).ends_at) == f"{in_days(30)} 18:00:00"


@pytest.mark.parametrize("resigned", [None, "as before"])
def test_dates_that_go_stop_the_planned_end_of_access_and_hr_is_asked(resigned, planned, employee, hanna):
	leaves_on(employee, None, resigned)
	planned.reload()
	assert planned.last_working_day is None and bool(planned.resignation_date) == bool(resigned)
	assert (removal(planned).status, removal(planned).ends_at) == ("Open", None)
	(notice,) = notices(hanna)
	asks = "please cancel the offboarding" in notice
	assert asks != bool(resigned)
	assert planned.name == open_offboarding_of(employee)


def open_offboarding_of(employee) -> str:
	return frappe.db.get_value("Offboarding", {"employee": employee.name, "status": "In Progress"})


def test_a_day_changed_in_the_offboarding_itself_moves_the_same(planned, hanna):
	planned.reload()
	planned.last_working_day = in_days(30)
	planned.save()
	assert str(removal(planned).ends_at) == f"{in_days(30)} 18:00:00"
	planned.save()
	assert len(notices(hanna)) == 1


def test_a_separation_that_is_cancelled_asks_whether_the_person_stays(offboarding, employee, hanna):
	from crm_transparency.offboarding.overrides import employee_separation

	frappe.db.delete("Notification Log", {"for_user": hanna})
	employee_separation.on_change(frappe._dict(employee=employee.name, docstatus=2))
	(notice,) = notices(hanna)
	assert "was canceled" in notice
